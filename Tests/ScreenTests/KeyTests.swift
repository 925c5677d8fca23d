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
        #expect(model.hint(.pause) == "pause: a resumption under way is taken back; stays paused")
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
    private static func passed(_ reads: [Read], droppingAt dropped: Set<Int64> = []) -> [String] {
        var keys = DeliberateKeys()
        var found: [String] = []
        let last = (reads.map(\.at).max() ?? 0) + 1_000
        for now in stride(from: Int64(0), through: last, by: 10) {
            for read in reads where read.at == now {
                _ = keys.take(
                    DeliberateKeys.Press(read.command, at: .second), times: read.count, at: now,
                    isDropped: dropped.contains(now))
            }
            found += keys.ready(at: now).map { "\($0.command) \($0.place) at \(now)" }
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
    }

    @Test func aPressPasses250MillisecondsAfterTheLastDroppedOne() {
        #expect(Self.passed([Read(.raise, 2, at: 0), Read(.raise, at: 240)]) == [])
        #expect(Self.passed([Read(.raise, 2, at: 0), Read(.raise, at: 250)]) == ["raise second at 370"])
        // Each one that is dropped counts anew.
        let reads = [0, 200, 440, 690].map { Read(.raise, $0 == 0 ? 2 : 1, at: $0) }
        #expect(Self.passed(reads) == ["raise second at 810"])
        // Another key knows nothing of it.
        #expect(Self.passed([Read(.raise, 2, at: 0), Read(.checkedIn, at: 10)]) == ["checkedIn second at 130"])
    }

    @Test func whatTheConsoleDropsCountsAsAPress() {
        #expect(Self.passed([Read(.raise, at: 0), Read(.raise, at: 240)], droppingAt: [0]) == [])
        #expect(
            Self.passed([Read(.raise, at: 0), Read(.raise, at: 250)], droppingAt: [0]) == ["raise second at 370"])
        let raise = DeliberateKeys.Press(.raise, at: .first)
        let answer = DeliberateKeys.Press(.checkedIn, at: .first)
        var keys = DeliberateKeys()
        var taken = [keys.take(raise, times: 1, at: 0, isDropped: false)]
        taken.append(keys.take(answer, times: 1, at: 10, isDropped: false))
        // Held up: neither counts, and what the key sends right after is the same key.
        let dropped = keys.drop(at: 400)
        #expect(dropped == [.raise, .checkedIn])
        let late = keys.ready(at: 1_000)
        #expect(late == [])
        taken.append(keys.take(raise, times: 1, at: 640, isDropped: false))
        taken.append(keys.take(answer, times: 1, at: 650, isDropped: false))
        #expect(taken == [true, true, false, true])
    }

    @Test func whateverLowersTakesBackWhatStillWaits() {
        var keys = DeliberateKeys()
        for command in [OperatorCommand.raise, .resume, .present] {
            let isTaken = keys.take(DeliberateKeys.Press(command, at: .first), times: 1, at: 0, isDropped: false)
            #expect(isTaken)
        }
        let first = keys.takeBack()
        #expect(first == [.raise, .resume])
        let second = keys.takeBack()
        #expect(second == [])
        let left = keys.ready(at: 120)
        #expect(left == [DeliberateKeys.Press(.present, at: .first)])
    }
}
