import Foundation
import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel
import Testing

@Suite("The ledger counts what a person had, from the records")
struct LedgerTests {
    private static let hour: Int64 = 3_600_000_000_000
    /// One pulse of `Journal.pulse`.
    private static let pulse: Int64 = 2_400_000
    /// 12.1 s at 35 Hz and the protocol's cap of 40 mA: what a dead host may have kept to itself.
    private static let unwritten: Int64 = 424 * 40_000 * 300

    private func ledger(
        _ scratch: ScratchStore, at now: Int64, side: String = "right", zone: Int32 = 0
    ) throws(LedgerProblem) -> TreatmentLedger {
        try scratch.store.ledger(
            personID: "P-0042", muscle: "vmo", side: side, now: WallTime(nanoseconds: now, utcOffsetSeconds: zone))
    }

    // Proves R-DUR-08.
    @Test("Nothing on record is an empty account")
    func empty() throws {
        let account = try ledger(try ScratchStore(), at: aNoon)
        #expect(
            account
                == TreatmentLedger(
                    earlierTreatments: 0, millisecondsSinceLast: 0, treatmentsLastDay: 0,
                    personTreatmentsLastDay: 0,
                    chargeLastDayPicocoulombs: 0, personChargeLastDayPicocoulombs: 0, boundedSessions: []))
    }

    // Proves R-DUR-08.
    @Test("Two sessions a day and a search between: the search counts in charge, not as a treatment")
    func searchBetween() throws {
        let scratch = try ScratchStore()
        try scratch.add("1", charge: 1_000)
        try scratch.add("2", stage: "search", start: aNoon + Self.hour, minutes: 2, charge: 20)
        try scratch.add("3", start: aNoon + 2 * Self.hour, charge: 300)
        // The other side, another muscle and another person.
        try scratch.add("4", side: "left", start: aNoon + 3 * Self.hour, charge: 4_000)
        try scratch.add("5", muscle: "gmed", start: aNoon + 3 * Self.hour, charge: 50_000)
        try scratch.add("6", person: "P-0043", start: aNoon + 3 * Self.hour, charge: 600_000)
        let account = try ledger(scratch, at: aNoon + 4 * Self.hour)
        #expect(account.earlierTreatments == 2)
        #expect(account.treatmentsLastDay == 2)
        #expect(account.millisecondsSinceLast == (2 * 60 - 10) * 60_000)
        #expect(account.chargeLastDayPicocoulombs == 1_320)
        #expect(account.personChargeLastDayPicocoulombs == 55_320)
        #expect(account.boundedSessions.isEmpty)
        let left = try ledger(scratch, at: aNoon + 4 * Self.hour, side: "left")
        #expect(left.earlierTreatments == 1)
        #expect(left.chargeLastDayPicocoulombs == 4_000)
        #expect(left.personChargeLastDayPicocoulombs == 55_320)
        #expect(
            account.history
                == TreatmentHistory(
                    earlierTreatments: 2, millisecondsSinceLast: 110 * 60_000, treatmentsToday: 4,
                    chargeToday: Charge(picocoulombs: 1_320)))
    }

    // Proves R-DUR-08.
    @Test("A day is 24 hours from the end, whatever midnight or the zone says")
    func window() throws {
        let scratch = try ScratchStore()
        // From 23:55 to 00:05 in the practice's zone.
        let beforeMidnight: Int64 = 1_764_024_900_000_000_000
        try scratch.add("1", start: beforeMidnight, minutes: 10, charge: 70)
        let end = beforeMidnight + 10 * 60_000_000_000
        for zone: Int32 in [-43_200, 0, 3_600, 50_400] {
            let soon = try ledger(scratch, at: end + 1, zone: zone)
            #expect(soon.treatmentsLastDay == 1)
            #expect(soon.chargeLastDayPicocoulombs == 70)
            #expect(soon.millisecondsSinceLast == 0)
            let justInside = try ledger(scratch, at: end + TreatmentLedger.dayNanoseconds - 1, zone: zone)
            #expect(justInside.treatmentsLastDay == 1)
            #expect(justInside.chargeLastDayPicocoulombs == 70)
            let over = try ledger(scratch, at: end + TreatmentLedger.dayNanoseconds, zone: zone)
            #expect(over.treatmentsLastDay == 0)
            #expect(over.chargeLastDayPicocoulombs == 0)
            #expect(over.earlierTreatments == 1)
            #expect(over.millisecondsSinceLast == 86_400_000)
        }
    }

    // Proves R-DUR-08.
    @Test("A session that was cut short counts with its journal and the most that may be missing from it")
    func cutShort() throws {
        let scratch = try ScratchStore()
        let journal = [Journal.state(1_000, .holding)] + (0..<10).flatMap { Journal.pulse(2_000 + Int64($0) * 30) }
        try scratch.abandon("1", journal: journal)
        let now = aNoon + Self.hour
        let expected = 10 * Self.pulse + Self.unwritten
        // Before and after a later start has closed it, the same.
        for isClosed in [false, true] {
            if isClosed { try scratch.recover(at: now) }
            let account = try ledger(scratch, at: now)
            #expect(account.chargeLastDayPicocoulombs == expected, "closed: \(isClosed)")
            #expect(account.earlierTreatments == 1)
            #expect(account.treatmentsLastDay == 1)
            #expect(account.boundedSessions == ["1"])
            #expect(account.millisecondsSinceLast == 3_600_000 - 60_000)
        }
    }

    // Proves R-DUR-08.
    @Test("What may be missing is bounded by the rise limit, from the last amplitude that is known")
    func riseLimit() throws {
        let scratch = try ScratchStore()
        var opening = anOpening(id: "1")
        opening.limits.append(RecordedLimit(kind: "amplitudeRise", value: 2_000, unit: "µA/s", setBy: "absolute"))
        var writer = try scratch.store.create(opening, at: aTime(0))
        for block in Journal.pulse(2_000) { try writer.append(journal: block, at: aTime(2_100)) }
        try writer.commit()
        _ = consume writer
        // 8 mA, 12.1 s at 2 mA/s, one step of 1 mA at once, and the rounding.
        let most = (8_000 + 24_201 + 1_000) * Int64(300) * 424
        let (story, _) = SessionStory.read("1", in: scratch.store)
        #expect(story.mostPicocoulombs == Self.pulse + most)
        #expect(most < Self.unwritten)
    }

    // Proves R-DUR-08.
    @Test("A journal that shows the end has nothing missing; one that shows nothing may hide twelve seconds")
    func ends() throws {
        for state in [SessionState.closed, .faulted] {
            let ended = try ScratchStore()
            try ended.abandon("1", journal: Journal.pulse(2_000) + [Journal.state(3_000, state)])
            #expect(try ledger(ended, at: aNoon + Self.hour).chargeLastDayPicocoulombs == Self.pulse)
        }
        let silent = try ScratchStore()
        try silent.abandon("1")
        #expect(try ledger(silent, at: aNoon + Self.hour).chargeLastDayPicocoulombs == Self.unwritten)
        // One that never began to exist for its record, too.
        let never = try ScratchStore()
        try never.put([], never.store.paths("1").record)
        try never.put([UInt8](repeating: 0, count: AnchorLayout.fileBytes), never.store.paths("1").anchor)
        try never.recover(at: aNoon)
        #expect(try ledger(never, at: aNoon + Self.hour).earlierTreatments == 0)
    }

    // Proves R-DUR-08.
    @Test("Skipped, refused and unexecuted pulses do not count; unknown ones do")
    func charge() {
        var account = JournalCharge(anOpening())
        func take(_ blocks: [WordBlock]) { for block in blocks { account.take(block) } }
        take(Journal.pulse(1))
        #expect(account.picocoulombs == Self.pulse)
        take([Journal.request(10, microamperes: 8_000), Journal.outcome(11, .none, skipped: true)])
        #expect(account.picocoulombs == Self.pulse)
        take([Journal.request(20, microamperes: 8_000), Journal.outcome(25, .notDelivered, microamperes: 8_000)])
        #expect(account.picocoulombs == Self.pulse)
        take([Journal.request(30, microamperes: 8_000), Journal.outcome(140, .unknown, microamperes: 8_000)])
        #expect(account.picocoulombs == 2 * Self.pulse)
        var refusal = WordBlock()
        refusal.words[0] = Int64(JournalKind.refusal.code)
        take([Journal.request(200, microamperes: 8_000), refusal])
        #expect(account.picocoulombs == 2 * Self.pulse)
        #expect(account.pulses == 2)
        // One whose fate never became known counts, and so does a search.
        take([Journal.request(300, microamperes: 4_000, part: .search)])
        #expect(account.picocoulombs == 2 * Self.pulse + Self.pulse / 2)
        // A skip takes back one pulse, once.
        take([Journal.outcome(301, .none, skipped: true), Journal.outcome(302, .none, skipped: true)])
        #expect(account.picocoulombs == 2 * Self.pulse)
    }

    // Proves R-FLT-04, R-DUR-08.
    @Test("A setting that was refused takes no pulse back, a pulse that was refused is taken back")
    func refusedSetting() {
        var account = JournalCharge(anOpening())
        var refusal = WordBlock()
        refusal.words[0] = Int64(JournalKind.refusal.code)
        refusal.words[1] = 30
        for block in Journal.pulse(1) { account.take(block) }
        account.take(Journal.request(30, microamperes: 4_000))
        #expect(account.picocoulombs == Self.pulse + Self.pulse / 2)
        refusal.words[4] = 1
        account.take(refusal)
        #expect(account.picocoulombs == Self.pulse + Self.pulse / 2)
        #expect(account.pulses == 2)
        refusal.words[4] = 0
        account.take(refusal)
        #expect(account.picocoulombs == Self.pulse)
        #expect(account.pulses == 1)
    }

    /// Two muscles, the second at 200 µs, 20 Hz and at most 20 mA.
    private func twoMuscles(_ id: String) -> SessionOpening {
        var opening = anOpening(id: id)
        var dose = opening.dose
        dose.phaseDurationMicroseconds = 200
        dose.frequencyMillihertz = 20_000
        dose.maximumAmplitudeMicroamperes = 20_000
        opening.second = RecordedChannel(
            muscle: "gmed", stage: "relieve", channel: 2, treatmentProtocol: opening.treatmentProtocol,
            companionProtocol: nil, dose: dose, searchDose: nil,
            history: TreatmentHistory(earlierTreatments: 0, millisecondsSinceLast: 0),
            padAreaSquareMillimetres: 2_500)
        opening.arrangement = "together"
        return opening
    }

    // Proves R-DUR-08.
    @Test("Each channel has an account of its own: its phase, its skips, its refusals, its unexecuted pulses")
    func channels() {
        var account = JournalCharge(twoMuscles("1"))
        func take(_ blocks: WordBlock...) { for block in blocks { account.take(block) } }
        func figures() -> [Int64] { [account.picocoulombs(at: .first), account.picocoulombs(at: .second)] }
        take(Journal.request(1, microamperes: 8_000), Journal.request(15, microamperes: 8_000, at: .second))
        #expect(figures() == [2_400_000, 1_600_000])
        // Both outcomes in one block; the second was not executed.
        take(Journal.outcomes(20, (.delivered, 8_000, false), (.notDelivered, 8_000, false)))
        #expect(figures() == [2_400_000, 0])
        // A skip on the first leaves the second alone, though the second was asked last.
        take(Journal.request(30, microamperes: 8_000), Journal.request(31, microamperes: 6_000, at: .second))
        take(Journal.outcomes(32, (.none, 0, true), (.none, 0, false)))
        #expect(figures() == [2_400_000, 1_200_000])
        // A refusal is of the one that was asked last, and of that one once.
        var refusal = WordBlock()
        refusal.words[0] = Int64(JournalKind.refusal.code)
        take(Journal.request(40, microamperes: 8_000), Journal.request(41, microamperes: 5_000, at: .second), refusal)
        #expect(figures() == [4_800_000, 1_200_000])
        take(refusal)
        #expect(figures() == [4_800_000, 1_200_000])
        // What is unknown counts.
        take(Journal.request(50, microamperes: 4_000, at: .second))
        take(Journal.outcomes(160, (.none, 0, false), (.unknown, 4_000, false)))
        #expect(figures() == [4_800_000, 2_000_000])
        #expect(account.picocoulombs == 6_800_000)
        #expect(account.pulses == 4)
    }

    // Proves R-DUR-08.
    @Test("A session of two muscles that was cut short bounds each muscle by itself")
    func twoCutShort() throws {
        let scratch = try ScratchStore()
        var writer = try scratch.store.create(twoMuscles("1"), at: aTime(0))
        let blocks =
            Journal.pulse(2_000) + [
                Journal.request(2_014, microamperes: 6_000, at: .second),
                Journal.outcomes(2_016, (.none, 0, false), (.delivered, 6_000, false)),
            ]
        for block in blocks { try writer.append(journal: block, at: aTime(2_100)) }
        try writer.commit()
        _ = consume writer
        let now = WallTime(nanoseconds: aNoon + Self.hour, utcOffsetSeconds: 0)
        func charge(_ muscle: String) throws -> [Int64] {
            let account = try scratch.store.ledger(personID: "P-0042", muscle: muscle, side: "right", now: now)
            return [account.chargeLastDayPicocoulombs, account.personChargeLastDayPicocoulombs]
        }
        let first = Self.pulse + Self.unwritten
        // 12.1 s at 20 Hz, 20 mA and 200 µs.
        let second: Int64 = 6_000 * 200 + 242 * 20_000 * 200
        #expect(try charge("vmo") == [first, first + second])
        #expect(try charge("gmed") == [second, first + second])
        let (story, _) = SessionStory.read("1", in: scratch.store)
        #expect(story.mostByChannel == [first, second])
        #expect(story.mostPicocoulombs == first + second)
        #expect(story.treated.map(\.chargePicocoulombs) == [first, second])
    }

    // Proves R-DUR-08.
    @Test("A dense-disperse pattern is bounded at its highest rate, a closing without fitting figures by the whole")
    func patternsAndClosings() throws {
        let scratch = try ScratchStore()
        var opening = anOpening(id: "1")
        opening.dose.durationMilliseconds = 60_000
        opening.dose.denseMilliseconds = 3_000
        opening.dose.sparseFrequencyMillihertz = 2_000
        opening.dose.sparseMilliseconds = 3_000
        var writer = try scratch.store.create(opening, at: aTime(0))
        try writer.commit()
        _ = consume writer
        #expect(SessionStory.read("1", in: scratch.store).0.mostPicocoulombs == Self.unwritten)

        for (index, figures) in [[Int64(7), 5], [7], [], [-3, 15], [1, 2]].enumerated() {
            let id = "\(2 + index)"
            var writer = try scratch.store.create(twoMuscles(id), at: aTime(0))
            var closing = aClosing()
            closing.chargePicocoulombs = 12
            closing.channelChargePicocoulombs = figures
            try writer.close(closing, at: aTime(100))
            let story = SessionStory.read(id, in: scratch.store).0
            #expect(story.treated.map(\.chargePicocoulombs) == (index == 0 ? [7, 5] : [12, 12]), "\(figures)")
        }
    }

    // Proves R-DUR-08.
    @Test("Every crash image gives at least the charge that was committed", arguments: [5] as [UInt64])
    func crashImages(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let scratch = try ScratchStore()
        let committed = (0..<20).flatMap { Journal.pulse(2_000 + Int64($0) * 30) }
        try scratch.abandon("1", journal: committed)
        let paths = scratch.store.paths("1")
        let sound = try scratch.bytes(paths.record)
        let anchor = try scratch.bytes(paths.anchor)
        for _ in 0..<40 {
            // Bytes of a commit that was cut off, or never were records.
            let tail = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            try scratch.put(sound + tail, paths.record)
            try scratch.put(anchor, paths.anchor)
            let before = try ledger(scratch, at: aNoon + Self.hour).chargeLastDayPicocoulombs
            try scratch.recover(at: aNoon + Self.hour)
            let after = try ledger(scratch, at: aNoon + Self.hour).chargeLastDayPicocoulombs
            #expect(before == 20 * Self.pulse + Self.unwritten)
            #expect(after == before)
        }
    }

    // Proves R-DUR-09.
    @Test("A clock that was set back, a damaged record and one that nobody can read refuse the account")
    func refusals() throws {
        let scratch = try ScratchStore()
        try scratch.add("1", person: "P-0099")
        do throws(LedgerProblem) {
            _ = try ledger(scratch, at: aNoon)
            Issue.record("a clock before the last record was believed")
        } catch {
            guard case .clockSetBack(let setBack) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(setBack.sessionID == "1")
        }
        let now = aNoon + Self.hour
        #expect(try ledger(scratch, at: now).earlierTreatments == 0)

        try scratch.abandon("2", journal: Journal.pulse(2_000) + Journal.pulse(3_000))
        let paths = scratch.store.paths("2")
        var bytes = try scratch.bytes(paths.record)
        bytes[bytes.count - 150] ^= 1
        try scratch.put(bytes, paths.record)
        do throws(LedgerProblem) {
            _ = try ledger(scratch, at: now)
            Issue.record("a damaged journal was believed")
        } catch {
            guard case .damaged(let found) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(found.keys.sorted() == ["2"])
            #expect(found["2"]?.contains("damaged") == true)
        }

        let closed = try ScratchStore()
        try closed.add("3")
        var whole = try closed.bytes(closed.store.paths("3").record)
        // In the closing: its charge, say.
        whole[whole.count - 100] ^= 1
        try closed.put(whole, closed.store.paths("3").record)
        #expect(throws: LedgerProblem.self) { try ledger(closed, at: now) }
        // In the opening: nobody knows whose it was.
        whole[whole.count - 100] ^= 1
        whole[60] ^= 1
        try closed.put(whole, closed.store.paths("3").record)
        #expect(throws: LedgerProblem.unreadable(["3"])) { try ledger(closed, at: now) }
    }

    // Proves R-DUR-08, R-LIM-17.
    @Test("A negative or boundless charge in a record gives nothing back and traps nothing")
    func hostileNumbers() throws {
        let scratch = try ScratchStore()
        try scratch.add("1", charge: Int64.min)
        try scratch.add("2", charge: Int64.max)
        try scratch.add("3", charge: 5)
        #expect(try ledger(scratch, at: aNoon + Self.hour).chargeLastDayPicocoulombs == Int64.max)
        #expect(anOpening().treated([Int64.max, 5]).map(\.chargePicocoulombs) == [Int64.max])
        #expect(anOpening().treated([7]).map(\.place) == [MuscleAndSide(muscle: "vmo", side: "right")])
    }
}
