// Where a session's needles pass: packages before it, counts after it, incidents at every start. The rules and the
// files are those of the ledger; here they meet the terminal and the exit status.
import ByteStreams
import CareModel
import Foundation
import SafetyKernel
import SessionRecords
import StimulusModel

/// A terminal as the ledger's conversations know it.
struct NeedleAsker: Questioner {
    let prompter: Prompter

    func say(_ text: String) { prompter.say(text) }
    func ask(_ question: String) -> Reply { prompter.reply(to: question) }
}

struct NeedleDesk {
    private let session: NeedleSession
    private let asker: NeedleAsker

    /// - Parameter sites: where the needles go, one a channel.
    init(
        store: SessionStore, person: PersonID, practitioner: String, sites: [NeedleSite], policy: ClinicPolicy,
        prompter: Prompter
    ) {
        session = NeedleSession(
            ledger: NeedleStore(store), personID: person.text, practitioner: practitioner, sites: sites,
            needsSecondPerson: policy.needsSecondPersonForNeedles)
        asker = NeedleAsker(prompter: prompter)
    }

    /// Refuses a person whose needles are not accounted for: said before anybody is asked forty questions.
    func checkIncidents() throws {
        do throws(NeedleSessionProblem) { try session.checkIncidents() } catch { throw NeedleDesk.failure(error) }
    }

    /// Asks for packages and needles. Throws when no session may follow; what was opened has then been counted.
    func prepare() throws -> PreparedNeedles {
        StopSignals.needlesMayBeIn()
        do throws(NeedleSessionProblem) {
            return try session.prepare(asker: asker, clock: WallClock.now)
        } catch {
            throw NeedleDesk.failure(error)
        }
    }

    /// Ties the needles to the session whose record is made next: call it before the record is created.
    func enter(_ prepared: PreparedNeedles, sessionID: String) throws -> PreparedNeedles {
        do throws(NeedleSessionProblem) {
            return try session.enter(prepared, sessionID: sessionID)
        } catch {
            throw NeedleDesk.failure(error)
        }
    }

    /// Counts, after the output is off; also when nothing was armed. It always comes back, with a count that agrees or
    /// with an incident.
    func close(_ prepared: PreparedNeedles) -> NeedleOutcome {
        let outcome = session.close(prepared, asker: asker, clock: WallClock.now)
        for incident in outcome.incidents {
            asker.say(
                "INCIDENT \(incident.id) (\(incident.kind)): no needle session of \(incident.personID) starts until "
                    + "`motorpoint incidents close \(incident.id) --by INITIALS --note …`.")
        }
        if let problem = outcome.problem {
            asker.say("The needle ledger could not be written: \(problem). The next start opens an incident.")
        } else if outcome.isBalanced {
            asker.say("  Every needle is accounted for.")
        }
        return outcome
    }

    /// What stands between the needles and the session's own end, which counts by itself: when it throws, the needles
    /// are counted first and the error goes on.
    func whileIn<Value>(_ prepared: PreparedNeedles, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            if let failure = error as? Failure { asker.say("\n" + failure.message + ".") }
            _ = close(prepared)
            throw error
        }
    }

    // MARK: - At every start

    /// Makes incidents of what a crash left.
    static func recover(_ store: SessionStore, _ interrupted: [RecoveredSession], _ prompter: Prompter) throws {
        do throws(NeedleStoreProblem) {
            for incident in try NeedleStore(store).recover(interrupted: interrupted, at: WallClock.now()) {
                prompter.say("Needles of \(incident.personID) were never counted; incident \(incident.id) is open now.")
            }
        } catch {
            throw failure(.store(error))
        }
    }

    /// Shows every open incident, whoever's it is.
    static func tellIncidents(_ store: SessionStore, _ prompter: Prompter) throws {
        do throws(NeedleStoreProblem) {
            for incident in try NeedleStore(store).openIncidents() {
                prompter.say("OPEN INCIDENT \(IncidentText.line(incident))")
            }
        } catch {
            throw failure(.store(error))
        }
    }

    static func failure(_ problem: NeedleSessionProblem) -> Failure {
        switch problem {
        case .store(let error):
            switch error {
            case .unreadable: return Failure(.recordDamaged, "\(error). Nothing was armed")
            case .inUse: return Failure(.deviceUnavailable, "\(error). Nothing was armed")
            default: return Failure(.cannotWrite, "the needle ledger cannot be kept: \(error). Nothing was armed")
            }
        case .openIncidents(let open):
            let lines = open.map { "\n  " + IncidentText.line($0) }.joined()
            return Failure(
                .notCleared,
                "needles of \(open[0].personID) are not accounted for:\(lines)\nSettle it with `motorpoint incidents "
                    + "close \(open[0].id) --by INITIALS --note …`. Nothing was armed")
        case .refused(let reason): return Failure(.notCleared, "\(reason.words). Nothing was armed")
        case .left: return Failure(.notCleared, "left by the practitioner; nothing was armed")
        case .gone: return Failure(.notCleared, "the terminal went away before the session; nothing was armed")
        case .notKept(let why):
            return Failure(.cannotWrite, "the needle ledger cannot be kept: \(why). Nothing was armed")
        }
    }
}

/// An incident in words.
enum IncidentText {
    static func line(_ incident: NeedleIncident) -> String {
        "\(incident.id): \(incident.kind), \(incident.personID), \(opened(incident)), "
            + (incident.places.isEmpty ? "place unknown" : incident.places.joined(separator: ", "))
            + (incident.end.map { ", closed by \($0.by)" } ?? "")
    }

    static func opened(_ incident: NeedleIncident) -> String { time(incident.openedWallNanoseconds) }

    static func time(_ nanoseconds: Int64) -> String {
        let time = WallTime(localNanoseconds: nanoseconds)
        return CivilTime(wallNanoseconds: nanoseconds, utcOffsetSeconds: time.utcOffsetSeconds).text
    }

    static func full(_ incident: NeedleIncident) -> [String] {
        var lines = [
            "Incident \(incident.id): \(incident.kind)\(incident.isOpen ? ", OPEN" : ", closed")",
            "Person \(incident.personID), "
                + (incident.sessionID.map { "session \($0)" } ?? "before a session was opened") + ", tray "
                + incident.trayID,
            "Opened \(opened(incident)) by \(incident.openedBy): \(incident.text)",
            "Places: \(incident.places.isEmpty ? "unknown" : incident.places.joined(separator: ", ")); lots: "
                + incident.lots.joined(separator: ", ")
                + (incident.needleID.map { "; needle \($0)" } ?? ""),
        ]
        if let end = incident.end {
            lines.append("Closed \(time(end.wallNanoseconds)) by \(end.by): \(end.note)")
        } else if let kind = NeedleIncidentKind(rawValue: incident.kind) {
            lines.append(kind.advice)
        }
        return lines
    }
}
