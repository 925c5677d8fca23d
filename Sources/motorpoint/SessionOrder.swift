// What the command line orders, with every file that it names loaded and held against the absolute limits.
import CareModel
import Foundation
import SafetyKernel
import SessionRecords
import StimulusModel

struct SessionOrder {
    /// The protocol that was named: a treatment, or a search.
    let main: LoadedProtocol
    /// The other one: the search before a treatment, or the treatment that a search is for.
    let companion: LoadedProtocol?
    let rig: LoadedRig
    let linePath: String
    let expected: ExpectedStimulator
    let person: PersonID
    let side: BodySide
    let practitioner: String
    /// Absolute limits, lowered by the rig file and the practitioner.
    let limits: LimitTable
    let search: Dose?
    let treatment: Dose?

    init(_ command: StartCommand) throws {
        person = try SessionOrder.person(command.patient)
        guard let side = BodySide(name: command.side.lowercased()) else {
            throw Failure(.usage, "--side is left or right, not \"\(command.side)\"")
        }
        self.side = side
        practitioner = try SessionOrder.practitioner(command.practitioner)
        let shelf = ProtocolShelf(folders: [try command.places.protocolFolder()])
        main = try ProtocolChoice.find(command.protocolID, in: shelf)
        companion = try SessionOrder.companion(of: main, command, shelf)
        rig = try SessionOrder.loadRig(command.rig)
        guard let path = command.line ?? rig.content.serialLine else {
            throw Failure(
                .usage, "\(rig.path) names no serial_line: name the stimulator's with --line (see `motorpoint devices`)"
            )
        }
        linePath = path
        expected = try SessionOrder.expected(rig)
        limits = try SessionOrder.limits(rig.content, command.limitMilliamperes)
        (search, treatment) = try SessionOrder.doses(main, companion)
        guard main.content.electrodeKind == .surface else {
            throw Failure(.refused, "the P24 is rated for its own surface electrodes, not for needles")
        }
    }

    /// The content that the session is for.
    var treated: TreatmentProtocol { main.content }

    private static func person(_ text: String) throws -> PersonID {
        do throws(PersonIDProblem) {
            return try PersonID(text)
        } catch {
            throw Failure(.usage, "--patient \"\(text)\": \(error.words). Write an id such as P-0042, never a name")
        }
    }

    private static func practitioner(_ given: String?) throws -> String {
        let name = given ?? ProcessInfo.processInfo.environment["LOGNAME"] ?? NSUserName()
        guard !name.isEmpty, name.count <= 40 else {
            throw Failure(.usage, "--practitioner needs 1 to 40 characters")
        }
        return name
    }

    private static func companion(
        of main: LoadedProtocol, _ command: StartCommand, _ shelf: ProtocolShelf
    ) throws -> LoadedProtocol? {
        if main.content.isSearch {
            guard let id = command.searchedFor else {
                throw Failure(
                    .usage,
                    "a search runs at the phase duration of the treatment it is for: name it with --for, such as "
                        + "--for \(main.content.muscle.name)-relieve-surface")
            }
            return try ProtocolChoice.find(id, in: shelf)
        }
        guard command.searchedFor == nil else {
            throw Failure(.usage, "--for goes with a search; \(main.content.id) is a treatment")
        }
        if command.withoutSearch { return nil }
        let id = "\(main.content.muscle.name)-search-\(main.content.electrodeKind.name)"
        return shelf.find(id) == nil && shelf.problems(about: id).isEmpty
            ? nil : try ProtocolChoice.find(id, in: shelf)
    }

    private static func loadRig(_ given: String?) throws -> LoadedRig {
        let path = try given ?? Places.installed("Hardware", option: "--rig") + "/rigs/p24-clinic.yaml"
        do throws(FileProblems) {
            return try RigLoader.load(path: path)
        } catch {
            throw Failure.file(error, at: path)
        }
    }

    private static func expected(_ rig: LoadedRig) throws -> ExpectedStimulator {
        var serial: DeviceSerial?
        if let id = rig.content.deviceID {
            var known = DeviceSerial()
            for (index, byte) in id.utf8.prefix(10).enumerated() { known.characters[index] = byte }
            serial = known
        }
        var expected = ExpectedStimulator(serial: serial, languageMajor: rig.content.wireMajor)
        for version in rig.content.allowedFirmware {
            let accepted = expected.accept(
                FirmwareVersion(major: version.major, minor: version.minor, revision: version.revision))
            guard accepted else { throw Failure(.badFile, "\(rig.path): allowed_firmware: at most eight versions") }
        }
        return expected
    }

    private static func limits(_ rig: Rig, _ practitioner: String?) throws -> LimitTable {
        var limits = LimitTable.absoluteSurface
        if let cap = rig.limits.maximumAmplitude {
            limits.tighten(.amplitude, to: Int64(cap.microamperes), by: .clinic)
        }
        if let phase = rig.limits.longestPhase {
            limits.tighten(.longestPhase, to: Int64(phase.microseconds), by: .clinic)
        }
        if let rate = rig.limits.highestFrequency {
            limits.tighten(.frequency, to: Int64(rate.millihertz), by: .clinic)
        }
        if let practitioner {
            do throws(DecimalProblem) {
                let stored = try DecimalText.parse(practitioner, decimals: 3, highest: 80_000)
                limits.tighten(.amplitude, to: stored, by: .practitioner)
            } catch {
                throw Failure(.usage, "--limit-ma \"\(practitioner)\" is no number of mA from 0 to 80")
            }
        }
        return limits
    }

    private static func doses(_ main: LoadedProtocol, _ companion: LoadedProtocol?) throws -> (Dose?, Dose?) {
        if main.content.isSearch {
            guard let companion else { return (nil, nil) }
            return (try searchDose(main.content, for: companion.content), nil)
        }
        guard let companion else { return (nil, main.content.dose) }
        return (try searchDose(companion.content, for: main.content), main.content.dose)
    }

    private static func searchDose(_ search: TreatmentProtocol, for treatment: TreatmentProtocol) throws -> Dose {
        do throws(SearchMismatch) {
            return try search.searchDose(for: treatment)
        } catch {
            throw Failure(
                .refused,
                "\(search.id) cannot serve \(treatment.id): a search and its treatment share muscle and electrode "
                    + "kind, and --for names a treatment")
        }
    }
}
