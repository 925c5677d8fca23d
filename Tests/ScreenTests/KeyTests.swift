import SafetyKernel
import SessionEngine
import SessionScreen
import StimulusModel
import Testing

@Suite struct KeyTests {
    // Proves R-STOP-06, R-STOP-12, R-NDL-09.
    @Test func everyEscapeAndEveryStopKeyStops() {
        for byte: UInt8 in [0x1B, 0x20, 0x03, 0x1A, 0x1C, 0x04] {
            #expect(KeyMap.action(byte) == .stop(.operatorKey), "byte \(byte)")
        }
        #expect(KeyMap.action(UInt8(ascii: "w")) == .stop(.consentWithdrawn))
        for (key, cause) in zip("dns".utf8, [StopCause.fainting, .brokenNeedle, .strongPain]) {
            #expect(KeyMap.action(key) == .stop(cause))
        }
    }

    // Proves R-STOP-06.
    /// What a terminal sends for pasted text, once the screen has asked it to mark it.
    @Test func pastedTextBeginsWithAStop() {
        let entered = String(decoding: Painter.enter, as: UTF8.self)
        #expect(entered.contains("\u{1B}[?2004h"), "the terminal is not asked to mark what is pasted")
        let left = String(decoding: Painter.leave, as: UTF8.self)
        #expect(left.contains("\u{1B}[?2004l"))
        let pasted = Array("\u{1B}[200~+++bbb\u{1B}[201~".utf8)
        #expect(KeyMap.action(pasted[0]) == .stop(.operatorKey))
    }

    @Test func keysOfChannelsAreNoCommands() {
        #expect(KeyMap.action(0x09) == .selectNext)
        #expect(KeyMap.action(UInt8(ascii: "[")) == .selectFirst)
        #expect(KeyMap.action(UInt8(ascii: "]")) == .selectSecond)
        #expect(KeyMap.action(UInt8(ascii: "x")) == .stopChannel)
        #expect(KeyMap.action(UInt8(ascii: "1")) == .command(.markSensory))
        #expect(KeyMap.action(UInt8(ascii: "2")) == .command(.markMotor))
    }

    // Proves R-STOP-06.
    /// With shift or caps lock what lowers goes on lowering; what asks for more stays small letters.
    @Test func capsLockDisarmsNothingThatLowers() {
        #expect(KeyMap.action(UInt8(ascii: "Z")) == .command(.zero))
        #expect(KeyMap.action(UInt8(ascii: "P")) == .command(.pause))
        #expect(KeyMap.action(UInt8(ascii: "_")) == .command(.lower))
        for key in "AFBR".utf8 { #expect(KeyMap.action(key) == .unknown) }
    }

    // Proves R-STOP-06.
    @Test func noKeyButTheNamedOnesDoesAnything() {
        let known = Set("+-_z0ZafbetpPr12ycCdDnNsSxXmMwWh?[]".utf8).union([
            0x1B, 0x20, 0x03, 0x1A, 0x1C, 0x04, 0x09, 0x0C,
        ])
        for byte in UInt8.min...UInt8.max where !known.contains(byte) {
            #expect(KeyMap.action(byte) == .unknown, "byte \(byte)")
        }
        for byte in known { #expect(KeyMap.action(byte) != .unknown, "byte \(byte)") }
    }

    @Test func aHeldKeyIsToldOnce() throws {
        var model = try Make.single()
        let held = SessionEvent(
            .commandRefused, value: Int32(OperatorCommand.raise.code), detail: RefusedCommand.heldKey.rawValue)
        var told = 0
        for tick in 0..<90 where model.take(held, tick: Int64(tick * 33)) != nil { told += 1 }
        #expect(told == 1)
        #expect(model.log.lines.count == 1)
        #expect(model.log.lines[0].text.contains("key held"))
    }

    @Test func whatAKeyDoesBesideItsNameIsSaidBefore() throws {
        var model = try Make.double()
        model.show(.paused, .off)
        #expect(model.hint(.pause) == "already paused: stays paused, also when r was pressed just now")
        #expect(model.hint(.resume) == nil)
        model.show(.holding, .holding)
        #expect(model.hint(.pause) == nil)
        #expect(model.hint(.lower) == nil)
    }

    @Test func aSelectionIsSaidAndOneChannelHasNone() throws {
        var model = try Make.double()
        model.selectNext()
        #expect(model.selected == .second)
        #expect(model.log.lines.last?.text == "keys now act on 2 gmed")
        model.select(.second)
        #expect(model.log.lines.count == 1)
        var single = try Make.single()
        single.selectNext()
        #expect(single.selected == .first)
        #expect(single.log.lines.last?.text == "this session has one channel")
    }

    @Test func theLimitSaysItsOwnerAndASearchSaysMove() throws {
        var model = try Make.single()
        let refused = SessionEvent(
            .commandRefused, value: Int32(OperatorCommand.raise.code), detail: RefusedCommand.atCeiling.rawValue)
        model.show(.searching, .searching) { $0.part = .search }
        let search = model.take(refused, tick: 1)
        #expect(
            search == "no raise: 15 mA is the cap of the search, set by the protocol: move the electrode, do not raise")
        model.show(.holding, .holding) { $0.part = .treatment }
        #expect(model.take(refused, tick: 2) == "no raise: 40 mA is the limit, set by the protocol")
    }
}

// Proves R-AMP-03, R-PRES-02.
@Suite struct DeliberateKeysTests {
    private typealias Situation = DeliberateKeys.Situation

    /// One read of the keyboard: what it holds, of which the last key is the one that is told.
    private struct Read {
        let command: OperatorCommand
        let count: Int
        let at: Int64

        init(_ command: OperatorCommand, _ count: Int = 1, at moment: Int64) {
            self.command = command
            self.count = count
            at = moment
        }
    }

    /// A console that looks every 10 ms: what it passed on, and when.
    private static func passed(
        _ reads: [Read], droppingAt dropped: Set<Int64> = [], fallingAt fallen: Set<Int64> = []
    ) -> [String] {
        var keys = DeliberateKeys()
        var found: [String] = []
        let last = (reads.map(\.at).max() ?? 0) + 1_000
        for now in stride(from: Int64(0), through: last, by: 10) {
            if fallen.contains(now) {
                _ = keys.read(1, at: now)
                keys.fall(at: now)
            }
            for read in reads where read.at == now {
                _ = keys.read(read.count, at: now)
                for _ in 0..<read.count {
                    _ = keys.take(
                        DeliberateKeys.Press(read.command, at: .second), in: nil, at: now,
                        isDropped: dropped.contains(now))
                }
            }
            found += keys.ready(at: now, in: { _ in nil }).passed.map { "\($0.command) \($0.place) at \(now)" }
        }
        return found
    }

    /// The repeats of a key that is held, from one moment on.
    private static func held(_ command: OperatorCommand, from start: Int64, every: Int64, _ count: Int64) -> [Read] {
        (0..<count).map { Read(command, at: start + $0 * every) }
    }

    @Test(arguments: [OperatorCommand.raise, .present, .checkedIn, .arm, .beginSearch, .beginTreatment, .resume])
    func `one press counts once it stood alone, two in one read never`(command: OperatorCommand) {
        #expect(DeliberateKeys.holds(command))
        #expect(Self.passed([Read(command, at: 1_000)]) == ["\(command) second at 1120"])
        #expect(Self.passed([Read(command, 2, at: 1_000)]) == [])
        #expect(
            Self.passed([Read(command, at: 1_000), Read(command, 3, at: 5_000), Read(command, at: 9_000)])
                == ["\(command) second at 1120", "\(command) second at 9120"])
    }

    @Test(arguments: [OperatorCommand.lower, .zero, .pause, .endSearch, .endTitration, .markSensory, .markMotor])
    func `what lowers, ends or marks does not wait`(command: OperatorCommand) {
        #expect(!DeliberateKeys.holds(command))
    }

    @Test(arguments: [Int64(10), 30, 40, 90, 110], [OperatorCommand.raise, .checkedIn, .present])
    func `a key that is held says nothing, also after each gap of the line`(every: Int64, command: OperatorCommand) {
        let reads =
            Self.held(command, from: 0, every: every, 100)
            // The line hung, and hands over byte by byte.
            + Self.held(command, from: 100 * every + 700, every: every, 100)
            // And in one piece.
            + [Read(command, 9, at: 300 * every + 2_000)]
            + Self.held(command, from: 300 * every + 2_000 + every, every: every, 100)
        #expect(Self.passed(reads) == [])
    }

    @Test func aFirstPressCountsAndTheRepeatsThatFollowDoNot() {
        // A keyboard repeats after half a second.
        let reads = [Read(.raise, at: 0)] + Self.held(.raise, from: 500, every: 30, 200)
        #expect(Self.passed(reads) == ["raise second at 120"])
        // Also a slow one, whose repeats each stand alone: the machine would see what the console lets by.
        let slow = [Read(.raise, at: 0)] + Self.held(.raise, from: 500, every: 200, 50)
        #expect(Self.passed(slow) == ["raise second at 120", "raise second at 620"])
    }

    @Test func aPressPasses250MillisecondsAfterTheLastOneOfItsKind() {
        #expect(Self.passed([Read(.raise, 2, at: 0), Read(.raise, at: 240)]) == [])
        #expect(Self.passed([Read(.raise, 2, at: 0), Read(.raise, at: 250)]) == ["raise second at 370"])
        // Each one that is dropped counts anew.
        let reads = [0, 200, 440, 690].map { Read(.raise, $0 == 0 ? 2 : 1, at: $0) }
        #expect(Self.passed(reads) == ["raise second at 810"])
        // Another key knows nothing of it.
        #expect(Self.passed([Read(.raise, 2, at: 0), Read(.checkedIn, at: 130)]) == ["checkedIn second at 250"])
        // Nor does one count that was passed: the machine must see the same distance.
        #expect(Self.passed([Read(.raise, at: 0), Read(.raise, at: 240)]) == ["raise second at 120"])
        let two = Self.passed([Read(.raise, at: 0), Read(.raise, at: 250)])
        #expect(two == ["raise second at 120", "raise second at 380"])
    }

    /// Of a line that hung, or of text that was pasted: `far` would arm, `1+2` would raise.
    @Test func anyOtherKeyBesideItSaysThatNoHandPressedIt() {
        // In one read.
        var keys = DeliberateKeys()
        _ = keys.read(3, at: 0)
        let isTaken = [OperatorCommand.beginSearch, .arm, .resume].map { command in
            keys.take(DeliberateKeys.Press(command, at: .first), in: nil, at: 0, isDropped: false)
        }
        #expect(isTaken == [.notAlone, .notAlone, .notAlone])
        // One after the other, each other key but 10 ms away.
        let pasted = [Read(.beginSearch, at: 0), Read(.arm, at: 10), Read(.resume, at: 20)]
        #expect(Self.passed(pasted) == [])
        #expect(Self.passed([Read(.raise, at: 0), Read(.markMotor, at: 110)]) == [])
        #expect(Self.passed([Read(.markMotor, at: 0), Read(.raise, at: 110)]) == [])
        #expect(Self.passed([Read(.beginSearch, at: 0), Read(.arm, at: 130)]).count == 2)
    }

    @Test func whatTheConsoleDropsCountsAsAPress() {
        #expect(Self.passed([Read(.raise, at: 0), Read(.raise, at: 240)], droppingAt: [0]) == [])
        #expect(
            Self.passed([Read(.raise, at: 0), Read(.raise, at: 250)], droppingAt: [0]) == ["raise second at 370"])
        let raise = DeliberateKeys.Press(.raise, at: .first)
        var keys = DeliberateKeys()
        _ = keys.read(1, at: 0)
        var taken = [keys.take(raise, in: nil, at: 0, isDropped: false)]
        // Held up: it does not count, and what the key sends right after is the same key.
        let dropped = keys.drop(at: 400)
        #expect(dropped == [.raise])
        let late = keys.ready(at: 1_000, in: { _ in nil })
        #expect(late.passed == [] && late.outdated == [])
        for moment in [Int64(640), 900] {
            _ = keys.read(1, at: moment)
            taken.append(keys.take(raise, in: nil, at: moment, isDropped: false))
        }
        #expect(taken == [.waits, .held, .waits])
    }

    /// `p` and `r` in one piece, or `-` and `+`: 120 ms later nothing may ask for more.
    @Test(arguments: [OperatorCommand.raise, .resume, .arm, .beginTreatment, .beginSearch])
    func `for 250 ms after a fall nothing asks for more, and a person may answer`(command: OperatorCommand) {
        #expect(Self.passed([Read(command, at: 240)], fallingAt: [0]) == [])
        #expect(Self.passed([Read(command, at: 250)], fallingAt: [0]) == ["\(command) second at 370"])
        // What waited is taken back, an answer too.
        #expect(Self.passed([Read(command, at: 0)], fallingAt: [110]) == [])
        #expect(Self.passed([Read(.checkedIn, at: 0)], fallingAt: [110]) == [])
        #expect(Self.passed([Read(.present, at: 130)], fallingAt: [0]) == ["present second at 250"])
    }

    @Test func aPressThatDoesNotCountIsToldWhy() {
        var keys = DeliberateKeys()
        func verdict(_ command: OperatorCommand, at now: Int64, beside count: Int = 1, isDropped: Bool = false)
            -> DeliberateKeys.Verdict
        {
            _ = keys.read(count, at: now)
            return keys.take(
                DeliberateKeys.Press(command, at: .first), in: nil, at: now, isDropped: isDropped)
        }
        var said = [verdict(.raise, at: 0), verdict(.raise, at: 200), verdict(.resume, at: 1_000, beside: 2)]
        keys.fall(at: 2_000)
        said += [verdict(.raise, at: 2_130), verdict(.present, at: 2_260), verdict(.arm, at: 3_000, isDropped: true)]
        // A channel is chosen and raised in one movement: too fast to tell from pasted text.
        _ = keys.read(1, at: 4_000)
        said.append(verdict(.raise, at: 4_100))
        #expect(said == [.waits, .held, .notAlone, .afterFall, .waits, .dropped, .notAlone])
    }

    @Test func aPressMeansWhatTheScreenShowedWhenItWasPressed() {
        var keys = DeliberateKeys()
        let holding = Situation(.holding, .holding)
        func tell(_ command: OperatorCommand, at now: Int64, then: Situation) -> DeliberateKeys.Outcome {
            _ = keys.read(1, at: now)
            _ = keys.take(DeliberateKeys.Press(command, at: .first), in: holding, at: now, isDropped: false)
            return keys.ready(at: now + 120, in: { $0 == .first ? then : nil })
        }
        let same = tell(.raise, at: 1_000, then: holding)
        #expect(same.passed.map(\.command) == [.raise] && same.outdated == [])
        let later = tell(.raise, at: 2_000, then: Situation(.rampingDown, .rampingDown))
        #expect(later.passed == [] && later.outdated == [.raise])
        let channel = tell(.raise, at: 3_000, then: Situation(.holding, .stopped))
        #expect(channel.outdated == [.raise])
        // An answer holds whatever the muscle does.
        let answer = tell(.checkedIn, at: 4_000, then: Situation(.resting, .resting))
        #expect(answer.passed.map(\.command) == [.checkedIn] && answer.outdated == [])
    }
}
