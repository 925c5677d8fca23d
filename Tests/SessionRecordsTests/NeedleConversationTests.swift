import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("Asking for needles and counting them")
struct NeedleConversationTests {
    private func prepare(
        _ asker: ScriptedAsker, _ scratch: ScratchStore, second: Bool = false, sites: [NeedleSite] = [Needles.site]
    ) throws -> PreparedNeedles {
        try Needles.session(scratch, second: second, sites: sites).prepare(asker: asker, clock: SteppingClock().now)
    }

    // Proves R-NDL-03.
    @Test("The pretend operator's scripts fit the questions, from the first package to the last count")
    func operatorScripts() throws {
        let scratch = try ScratchStore()
        let session = Needles.session(scratch)
        let asker = try ScriptedAsker(file: "needles-two.txt")
        let prepared = try session.prepare(asker: asker, clock: SteppingClock().now)
        #expect(asker.wrong == [] && asker.left == 0, "\(asker.everything)")
        #expect(
            prepared.gates
                == GateSet.needlePackage.union(.needleShown).union(.needleSingleUse).union(.noOpenIncident))
        #expect(prepared.geometry() == NeedleGeometry(diameterMicrometres: 300, insertedMillimetres: 20))
        #expect(prepared.recorded.map(\.id) == ["ACME/L2231/1", "ACME/L2231/2"])
        let closer = try ScriptedAsker(file: "needles-close.txt")
        let outcome = session.close(prepared, asker: closer, clock: SteppingClock(aNoon + 60_000_000_000).now)
        #expect(closer.wrong == [] && closer.left == 0, "\(closer.everything)")
        #expect(outcome.isBalanced && outcome.incidents.isEmpty)
        #expect(outcome.recorded.allSatisfy { $0.conditionAfter == "straight" && $0.outWallNanoseconds != nil })
        #expect(try NeedleStore(scratch.store).recover(at: SteppingClock().now()) == [])
    }

    @Test("The pretend operator's checklist fits the needle checklist, item by item, and passes it")
    func operatorChecklist() throws {
        let list = try ChecklistLoader.load(path: packageFolder + "/Protocols/checklists/needle.yaml").content
        let steps = try ScriptedAsker.steps("checklist-needle.txt")
        #expect(steps.map(\.0) == list.items.map(\.code))
        let answers = try zip(list.items, steps).map { item, step in
            ChecklistAnswer(code: item.code, value: try item.read(step.1), reason: nil, wallNanoseconds: 0)
        }
        let outcome = list.outcome(of: answers, electrodeKind: .needle, side: .right)
        #expect(outcome.isClear && outcome.gates == GateSet.answerable(for: .needle))
    }

    // Proves R-NDL-01.
    @Test("Everything that is known of a needle is kept, in its order of time")
    func whatIsKept() throws {
        let scratch = try ScratchStore()
        let asker = ScriptedAsker(Needles.two)
        let needle = try #require(try prepare(asker, scratch).recorded.first)
        #expect(asker.wrong == [])
        #expect(needle.package.maker == "ACME" && needle.package.productCode == "AC-3040")
        #expect(needle.package.diameterMicrometres == 300 && needle.package.lengthMillimetres == 40)
        #expect(needle.package.lot == "L2231" && needle.package.expiry == "2099-03" && needle.package.shownBy == "PP")
        #expect(needle.package.isMarkedSterile && needle.package.isIntact && needle.package.isSingleUse)
        #expect(needle.muscle == "vmo" && needle.side == "right" && needle.insertedMillimetres == 20)
        #expect(needle.isStraightBefore && needle.conditionAfter == nil && needle.outWallNanoseconds == nil)
        let shown = try #require(needle.package.shownSealedWallNanoseconds)
        let opened = try #require(needle.package.openedWallNanoseconds)
        let inserted = try #require(needle.inWallNanoseconds)
        #expect(shown < opened && opened < inserted)
        // On the disk before the session, for this user alone.
        let path = "\(scratch.folder)/needles/trays/\(try #require(NeedleStore(scratch.store).trays().first).id).json"
        #expect(mode(path) == 0o600)
    }

    // Proves R-NDL-01.
    @Test("What may be taken over spares typing; what proves the package is asked again")
    func sameAsTheLast() throws {
        let asker = ScriptedAsker(Needles.two)
        _ = try prepare(asker, try ScratchStore())
        #expect(asker.asked.count { $0.contains("maker") } == 1 && asker.asked.count { $0.contains("Lot:") } == 1)
        for words in ["whole, dry", "Shown by", "Opened?", "sterilisation mark", "one use", "no corrosion"] {
            #expect(asker.asked.count { $0.contains(words) } == 2, "\(words)")
        }
        #expect(asker.asked.contains { $0.contains("0.3 × 40 mm, lot L2231, expiry 2099-03") })
    }

    // Proves R-NDL-01.
    @Test(
        "A package that may not be used ends it before anything is opened",
        arguments: [
            ("Expiry", "2025-10", "expired on 2025-10-31"), ("Diameter", "0.2", "below the minimum of 0.25 mm"),
            ("Length of the shaft", "15", "cannot be inserted"), ("sterilisation mark", "no", "no sterilisation mark"),
            ("whole, dry", "no", "is not sterile"), ("one use", "no", "used once"),
            ("Shown by", "no", "has to be shown"),
        ])
    func refused(question: String, answer: String, words: String) throws {
        let scratch = try ScratchStore()
        let asker = ScriptedAsker(Needles.onePackage().map { $0.0 == question ? ($0.0, answer) : $0 })
        let problem = #expect(throws: NeedleSessionProblem.self) { try prepare(asker, scratch) }
        guard case .refused(let reason)? = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
        #expect(reason.words.contains(words), "\(reason.words)")
        #expect(!asker.asked.contains { $0.contains("Opened?") })
        #expect(try NeedleStore(scratch.store).trays() == [])
    }

    // Proves R-NDL-01.
    @Test("The month of the expiry is good to its last day by the practice's clock, not by UTC")
    func expiryByLocalTime() throws {
        // 2025-11-30 23:30 UTC is half past midnight of 1 December in the practice.
        let midnight: Int64 = 1_764_545_400_000_000_000
        for (start, passes) in [(midnight - 3_600_000_000_000, true), (midnight, false)] {
            let asker = ScriptedAsker(
                Needles.onePackage(expiry: "2025-11") + Needles.same() + [("Another package?", "no")])
            let session = Needles.session(try ScratchStore())
            let outcome = Result { try session.prepare(asker: asker, clock: SteppingClock(start).now) }
            #expect(((try? outcome.get()) != nil) == passes, "\(start)")
        }
    }

    // Proves R-NDL-02.
    @Test("A needle is used once in an installation, whatever the case of its lot")
    func usedOnce() throws {
        let scratch = try ScratchStore()
        let session = Needles.session(scratch)
        let first = try session.prepare(asker: ScriptedAsker(Needles.two), clock: SteppingClock().now)
        _ = session.close(first, asker: ScriptedAsker(Needles.counted), clock: SteppingClock().now)
        _ = consume first
        // Number 1 is refused and asked again; `next` goes on behind the highest.
        let steps: [(String, String)] =
            Needles.onePackage(lot: "l2231", number: "1").flatMap { step in
                step.0 == "Number of this package" ? [step, (step.0, "2"), (step.0, "next")] : [step]
            } + Needles.same() + [("Another package?", "no")]
        let asker = ScriptedAsker(steps)
        let other = Needles.session(scratch, person: "P-0077")
        let second = try other.prepare(asker: asker, clock: SteppingClock().now)
        #expect(asker.wrong == [])
        #expect(asker.said.filter { $0.contains("was opened before") }.count == 2)
        #expect(second.recorded.map(\.package.number) == [3, 4])
    }

    // Proves R-NDL-05.
    @Test("Slips are asked again: numbers, dates, words and depths; nothing has a default")
    func slips() throws {
        var steps: [(String, String)] = []
        for step in Needles.two {
            switch step.0 {
            case "Diameter" where !steps.contains(where: { $0.0 == "Diameter" }):
                steps += [(step.0, ""), (step.0, "30"), (step.0, "0,3"), (step.0, "3e-1")]
            case "Expiry": steps += [(step.0, "03/2099"), (step.0, "2099-13")]
            case "Inserted length": steps += [(step.0, "14"), (step.0, "31"), (step.0, "2.5")]
            case "Opened?": steps += [(step.0, ""), (step.0, "perhaps")]
            default: break
            }
            steps.append(step)
        }
        let asker = ScriptedAsker(steps)
        let prepared = try prepare(asker, try ScratchStore())
        #expect(asker.wrong == [] && asker.left == 0)
        #expect(prepared.recorded.map(\.insertedMillimetres) == [20, 20])
        #expect(asker.everything.contains("minimum of 15 mm") && asker.everything.contains("at most 30 mm"))
    }

    // Proves R-NDL-03.
    @Test("A dropped needle counts as opened and brings another package; each place gets its pair")
    func droppedAndTwoPlaces() throws {
        let hip = NeedleSite(muscle: .gluteusMedius, side: .right)
        func placed(_ steps: [(String, String)], _ place: String) -> [(String, String)] {
            steps.flatMap { $0.0 == "Inserted length" ? [("In which place?", place), $0] : [$0] }
        }
        let dropped = Needles.same().dropLast().map { $0.0.hasPrefix("dropped") ? ($0.0, "dropped") : $0 }
        let asker = ScriptedAsker(
            placed(Needles.onePackage(), "vmo-right") + dropped + placed(Needles.same(), "vmo-right")
                + placed(Needles.same(), "gmed-right") + placed(Needles.same(), "gmed-right")
                + [("Another package?", "no")])
        let scratch = try ScratchStore()
        let session = Needles.session(scratch, sites: [Needles.site, hip])
        let prepared = try session.prepare(asker: asker, clock: SteppingClock().now)
        #expect(asker.wrong == [] && asker.left == 0)
        #expect(prepared.recorded.map(\.fate) == ["inserted", "contaminated", "inserted", "inserted", "inserted"])
        #expect(prepared.geometry(at: hip) != nil)
        let closer = ScriptedAsker(
            [(String, String)](repeating: ("How did it come out", "straight"), count: 4)
                + [("came out", "4"), ("dropped or touched", "1"), ("not used", "0"), ("sharps bin", "5")])
        #expect(session.close(prepared, asker: closer, clock: SteppingClock().now).isBalanced)
        #expect(closer.wrong == [])
    }

    // Proves R-NDL-10.
    @Test("A second person confirms package and count where the clinic wants one, and is not the practitioner")
    func secondPerson() throws {
        let scratch = try ScratchStore()
        let session = Needles.session(scratch, second: true)
        var steps: [(String, String)] = []
        for step in Needles.two {
            if step.0 == "Shown by" { steps += [("second person", "ab "), ("second person", "CD")] }
            steps.append(step)
        }
        let asker = ScriptedAsker(steps)
        let prepared = try session.prepare(asker: asker, clock: SteppingClock().now)
        #expect(asker.wrong == [] && prepared.recorded.allSatisfy { $0.package.confirmedBy == "CD" })
        let closer = ScriptedAsker(Needles.counted + [("second person", "A B"), ("second person", "CD")])
        let outcome = session.close(prepared, asker: closer, clock: SteppingClock().now)
        #expect(closer.wrong == [] && closer.left == 0)
        #expect(outcome.count?.confirmedBy == "CD" && outcome.isBalanced)
    }

    // Proves R-NDL-03.
    @Test("Leaving with a needle in counts first, and then no session follows")
    func leaving() throws {
        let scratch = try ScratchStore()
        let asker = ScriptedAsker(
            Needles.onePackage() + [
                ("Same as the last", "quit"), ("How did it come out", "straight"), ("came out", "1"),
                ("dropped or touched", "0"), ("not used", "0"), ("sharps bin", "1"),
            ])
        #expect(throws: NeedleSessionProblem.left) { try prepare(asker, scratch) }
        #expect(asker.wrong == [] && asker.left == 0)
        let tray = try #require(try NeedleStore(scratch.store).trays().first)
        #expect(tray.settledWallNanoseconds != nil && tray.count?.count.mismatches == [])
    }

    // Proves R-NDL-03.
    @Test("Of a needle that was opened and of which nobody said more, the count asks whether it went in")
    func unanswered() throws {
        let scratch = try ScratchStore()
        let asker = ScriptedAsker(
            Needles.onePackage().dropLast(3) + [
                ("no corrosion", "quit"), ("How many went in", "1"), ("came out", "1"), ("dropped or touched", "0"),
                ("not used", "0"), ("sharps bin", "1"),
            ])
        #expect(throws: NeedleSessionProblem.left) { try prepare(asker, scratch) }
        #expect(asker.wrong == [] && asker.left == 0)
        let tray = try #require(try NeedleStore(scratch.store).trays().first)
        #expect(tray.count?.inserted == 1 && tray.needles.isEmpty && tray.packages.count == 1)
    }

    // MARK: - The count

    private func close(_ steps: [(String, String)], _ scratch: ScratchStore) throws -> (NeedleOutcome, ScriptedAsker) {
        let session = Needles.session(scratch)
        let prepared = try session.prepare(asker: ScriptedAsker(Needles.two), clock: SteppingClock().now)
        let asker = ScriptedAsker(steps)
        return (session.close(prepared, asker: asker, clock: SteppingClock(aNoon + 60_000_000_000).now), asker)
    }

    // Proves R-NDL-03.
    @Test("A count that does not agree is asked again, and leaving is no way out")
    func again() throws {
        let figures: [(String, String)] = [
            ("came out", "1"), ("dropped or touched", "0"), ("not used", "1"), ("sharps bin", "2"),
        ]
        let (outcome, asker) = try close(
            Array(Needles.counted.prefix(2)) + figures + [("came out", "quit")] + Array(Needles.counted.dropFirst(2)),
            try ScratchStore())
        #expect(asker.wrong == [] && asker.left == 0)
        #expect(outcome.isBalanced)
        #expect(asker.said.contains { $0.contains("2 needles went in and 1 came out") })
        #expect(asker.said.contains { $0.contains("inserted, contaminated and unused ones make 3") })
        #expect(asker.said.contains { $0.contains("cannot be left before the needles are counted") })
    }

    // Proves R-NDL-03, R-NDL-09.
    @Test("A missing needle is an incident, and the mismatch stays in the record")
    func missing() throws {
        let scratch = try ScratchStore()
        let (outcome, asker) = try close(
            [
                ("How did it come out", "straight"), ("How did it come out", "incident"),
                ("What happened", "missing"), ("What was seen", "not on the couch"), ("came out", "1"),
                ("dropped or touched", "0"), ("not used", "0"), ("sharps bin", "1"),
            ], scratch)
        #expect(asker.wrong == [] && asker.left == 0)
        #expect(!outcome.isBalanced && outcome.count?.removed == 1)
        let incident = try #require(outcome.incidents.first)
        #expect(incident.kind == "missing" && incident.needleID == "ACME/L2231/2" && incident.isOpen)
        #expect(incident.text == "not on the couch" && incident.lots == ["L2231"] && incident.places == ["vmo right"])
        #expect(outcome.recorded.last?.outWallNanoseconds == nil)
        var closing = aClosing()
        outcome.enter(into: &closing)
        #expect(closing.incidentIDs == [incident.id] && closing.needleCount?.disposed == 1)
        #expect(SessionClosing.decode(try closing.encode()) == closing)
    }

    // Proves R-NDL-09.
    @Test("A broken needle shows what to do, and so does a bent one that is not whole")
    func broken() throws {
        let (outcome, asker) = try close(
            [
                ("How did it come out", "broken"), ("What was seen", "tip gone"), ("How did it come out", "bent"),
                ("is it whole", "no"), ("What was seen", "short"), ("came out", "2"), ("dropped or touched", "0"),
                ("not used", "0"), ("sharps bin", "2"),
            ], try ScratchStore())
        #expect(asker.wrong == [] && asker.left == 0)
        #expect(outcome.incidents.map(\.kind) == ["broken", "broken"])
        #expect(outcome.recorded.map(\.conditionAfter) == ["broken", "broken"])
        #expect(asker.said.contains { $0.contains("mark the spot") && $0.contains("do not massage") })
    }

    // Proves R-NDL-04.
    @Test("A terminal that goes away before the count opens an incident by itself", arguments: 0...5)
    func gone(after answers: Int) throws {
        let scratch = try ScratchStore()
        let (outcome, _) = try close(Array(Needles.counted.prefix(answers)), scratch)
        #expect(outcome.count == nil && outcome.incidents.map(\.kind) == ["uncounted"])
        #expect(try NeedleStore(scratch.store).openIncidents(personID: "P-0042").count == 1)
    }
}
