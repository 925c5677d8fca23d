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

// Proves R-AMP-03.
@Suite struct RaiseKeysTests {
    /// Which reads of the keyboard let a raise pass: how many raises came in each, and when.
    private static func passed(_ reads: [(count: Int, at: Int64)], droppingAt dropped: Set<Int64> = []) -> [Bool] {
        var raises = RaiseKeys()
        var found: [Bool] = []
        for read in reads { found.append(raises.take(read.count, at: read.at, isDropped: dropped.contains(read.at))) }
        return found
    }

    @Test func onePressPassesAndTwoInOneReadDoNot() {
        #expect(Self.passed([(1, 1_000)]) == [true])
        #expect(Self.passed([(2, 1_000)]) == [false])
        #expect(Self.passed([(1, 1_000), (2, 5_000), (1, 9_000)]) == [true, false, true])
        // What is passed on is the machine's to judge, which saw both.
        #expect(Self.passed([(1, 1_000), (1, 1_033)]) == [true, true])
    }

    @Test func aKeyThatIsHeldAfterADroppedOneNeverPasses() {
        var reads: [(count: Int, at: Int64)] = [(2, 0)]
        for repeated in Int64(1)...300 { reads.append((1, repeated * 33)) }
        #expect(Self.passed(reads) == [Bool](repeating: false, count: 301))
    }

    @Test func aPressPasses250MillisecondsAfterTheLastDroppedOne() {
        #expect(Self.passed([(2, 0), (1, 249)]) == [false, false])
        #expect(Self.passed([(2, 0), (1, 250)]) == [false, true])
        // Each one that is dropped counts anew.
        #expect(Self.passed([(2, 0), (1, 200), (1, 449), (1, 699)]) == [false, false, false, true])
    }

    @Test func whatTheConsoleDropsCountsAsAPress() {
        #expect(Self.passed([(1, 0), (1, 249)], droppingAt: [0]) == [false, false])
        #expect(Self.passed([(1, 0), (1, 250)], droppingAt: [0]) == [false, true])
        #expect(Self.passed([(1, 0), (1, 33), (1, 66)], droppingAt: [33]) == [true, false, false])
    }
}
