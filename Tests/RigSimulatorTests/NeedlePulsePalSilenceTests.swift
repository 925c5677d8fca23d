import PulsePal
import RigSimulator
import Testing

/// What is confirmed, silence, cut commands and resets (`pulsepal.md` 6, 7), and firmware 22 (9).
@Suite struct NeedlePulsePalSilenceTests {
    typealias Change = PulsePalBench.Change
    static let up = PulsePalBench.up
    static let down = PulsePalBench.down
    static let zero = PulsePalBench.zero

    static func newer(_ change: (inout PulsePalChannel) -> Void = { _ in }) -> PulsePalBench {
        PulsePalBench(PulsePalConfiguration(firmware: .version22), change)
    }

    @Test func theHandshakeTellsTheFirmware() {
        var bench = PulsePalBench()
        bench.send(.handshake)
        bench.run(microseconds: 100)
        #expect(bench.answers == [0x4B, 0x15, 0, 0, 0])
        var other = Self.newer()
        other.send(.handshake)
        other.run(microseconds: 100)
        #expect(other.answers == [0x4B, 0x16, 0, 0, 0])
    }

    @Test func commandsAreReadOneInACycle() {
        var bench = PulsePalBench()
        for _ in 0..<10 { bench.send(.handshake) }
        bench.run(microseconds: 449)
        #expect(bench.answers.count == 9 * 5)
        bench.run(microseconds: 1)
        #expect(bench.answers.count == 10 * 5)
    }

    @Test func junkTakesACycleForEachByteAndHarmsNothing() {
        var bench = PulsePalBench()
        bench.write([UInt8](repeating: 0x20, count: 25) + [0xD5, 0x48])
        bench.run(microseconds: 25 * 50 - 1)
        #expect(bench.answers.isEmpty && bench.device.skippedCount == 25)
        bench.run(microseconds: 1)
        #expect(bench.answers.count == 5)
        // An unknown op is dropped without an answer.
        bench.write([0xD5, 0x00, 0x33, 0xD5, 0x48])
        bench.run(microseconds: 1_000)
        #expect(bench.answers.count == 10 && bench.device.unknownCount == 1)
        // So is an unknown parameter, which reads no value, but with a confirmation.
        bench.write([0xD5, 0x4A, 0x63, 0x01])
        bench.run(microseconds: 1_000)
        #expect(bench.answers.count == 11 && bench.answers.last == 1)
    }

    /// The host's silence stops nothing: no watchdog.
    @Test func aSilentHostChangesNothing() {
        var bench = PulsePalBench()
        bench.send(.continuous(channel: 1, isOn: true))
        bench.send(.fixedVoltage(channel: 2, code: 50_000))
        bench.run(microseconds: 20_000_000)
        #expect(bench.device.isActive(channel: 1) && bench.device.outputs[1] == 50_000)
    }

    /// The trap: `D5 4A 02` alone freezes firmware 21, its output as it is.
    @Test func aCutCommandFreezesTheOutput() {
        var bench = PulsePalBench()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 200)
        bench.write([0xD5, 0x4A, 0x02])
        bench.run(microseconds: 3_600_000_000)
        #expect(bench.device.isFrozen && bench.changes == [Change(100, Self.up)] && bench.answers.isEmpty)
        #expect(bench.device.nextEvent == Int64.max)
        // The rest comes after an hour: the train goes on where it stood.
        bench.forget()
        bench.write([0x01, 0x99, 0x99])
        bench.run(microseconds: 10_000)
        #expect(bench.answers == [1] && !bench.device.isFrozen)
        #expect(bench.changes.map(\.code) == [Self.down, Self.zero])
        #expect((bench.changes.first?.at ?? 0) <= 200 && bench.changes[1].at - bench.changes[0].at == 250)
    }

    @Test func withAClockThatRunsACutCommandIsCarriedOutAndWaitsForAClick() {
        var configuration = PulsePalConfiguration()
        configuration.cutCommand = .failsAfter(milliseconds: 500)
        var bench = PulsePalBench(configuration)
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 200)
        bench.forget()
        bench.write([0xD5, 0x4A, 0x02, 0x01, 0x10])
        bench.run(microseconds: 499_000)
        #expect(bench.answers.isEmpty && bench.device.isFrozen)
        bench.run(microseconds: 2_000)
        // Garbage applied, and confirmed.
        #expect(bench.answers == [1] && bench.device.program.first.phase1Code == 0x10)
        bench.run(microseconds: 60_000_000)
        #expect(bench.device.isClickAwaited && bench.changes.isEmpty)
        bench.forget()
        bench.device.click(at: bench.now)
        bench.run(microseconds: 1_999_000)
        #expect(bench.changes.isEmpty && bench.device.program == PulsePalConfiguration.defaults)
        bench.run(microseconds: 10_000)
        // The train goes on with the defaults: monophasic +5 V, 100 µs, every 1.1 ms.
        let fives = bench.changes.filter { $0.code == 49_152 }
        #expect(fives.count >= 6 && fives[2].at - fives[1].at == 1_100)
        let first = bench.changes.firstIndex { $0.code == 49_152 } ?? 0
        #expect(
            bench.changes[first + 1].code == Self.zero && bench.changes[first + 1].at - bench.changes[first].at == 100)
    }

    @Test func aClickWhilePlayingStopsEverythingUntold() {
        var bench = PulsePalBench()
        bench.send(.continuous(channel: 1, isOn: true))
        bench.run(microseconds: 20_150)
        bench.forget()
        bench.device.click(at: bench.now)
        bench.run(microseconds: 1_000_000)
        #expect(bench.changes == [Change(0, Self.zero)] && bench.answers.isEmpty)
        #expect(!bench.device.isActive(channel: 1))
    }

    @Test func powerUpMeansTheDefaultsAndALinkedTrigger() {
        var bench = PulsePalBench()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 200)
        bench.device.losePower(at: bench.now)
        bench.run(microseconds: 100)
        #expect(bench.changes.last == Change(200, Self.zero))
        bench.device.restorePower(at: bench.now)
        bench.run(microseconds: 2_000_000)
        #expect(bench.device.program == PulsePalConfiguration.defaults)
        bench.forget()
        bench.input(true)
        bench.run(microseconds: 300)
        #expect(bench.changes.map(\.code).prefix(4) == [49_152, 49_152, 49_152, 49_152])
        #expect(Set(bench.changes.map(\.channel)) == [1, 2, 3, 4])
        var configuration = PulsePalConfiguration()
        configuration.startUpFile = .silent
        #expect(VirtualPulsePal(configuration, startingAt: 0).program == .silent)
        configuration.powerTransientCode = 65_535
        configuration.powerTransientMicroseconds = 300
        var other = PulsePalBench(configuration)
        other.device.losePower(at: other.now)
        other.run(microseconds: 1_000)
        #expect(other.changes.first == Change(0, 65_535) && other.changes.last == Change(300, Self.zero, channel: 4))
    }

    @Test func aBadChannelIsConfirmedByFirmware21() {
        for behaviour in [BadChannelBehaviour.hitsNothing, .hitsAnotherChannel] {
            var configuration = PulsePalConfiguration()
            configuration.badChannel = behaviour
            var bench = PulsePalBench(configuration)
            bench.set(2, 60_000, channel: 5)
            bench.send(.fixedVoltage(channel: 0, code: 60_000))
            bench.run(microseconds: 1_000)
            #expect(bench.answers == [1, 1])
            let hits = behaviour == .hitsAnotherChannel
            #expect(bench.device.program.first.phase1Code == (hits ? 60_000 : Self.up))
            #expect(bench.device.outputs[3] == (hits ? 60_000 : Self.zero))
        }
        var newer = Self.newer()
        newer.set(2, 60_000, channel: 5)
        newer.send(.fixedVoltage(channel: 0, code: 60_000))
        newer.send(.continuous(channel: 9, isOn: true))
        newer.run(microseconds: 1_000)
        #expect(newer.answers == [0, 0, 0])
    }

    @Test func settingsFilesAreSavedAndLoaded() {
        var bench = PulsePalBench()
        func name(_ text: String) -> PulsePalText {
            var found = PulsePalText()
            for byte in text.utf8 { _ = found.append(byte) }
            return found
        }
        let mine = bench.device.program
        bench.send(.settingsFile(operation: 1, name: name("a.pps")))
        bench.send(.programAll(.silent))
        bench.run(microseconds: 1_000)
        #expect(bench.answers == [1])
        bench.forget()
        bench.send(.settingsFile(operation: 2, name: name("a.pps")))
        bench.run(microseconds: 1_000)
        #expect(bench.answers.count == 178 && bench.device.program == mine)
        bench.forget()
        bench.send(.settingsFile(operation: 3, name: name("a.pps")))
        bench.send(.settingsFile(operation: 2, name: name("a.pps")))
        bench.run(microseconds: 1_000)
        #expect(bench.answers.isEmpty && bench.device.program == PulsePalConfiguration.defaults)
    }

    // Firmware 22.

    @Test func firmware22FailsAfterAHundredMillisecondsAndPlaysUntilThen() {
        var bench = Self.newer()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 60_150)
        bench.forget()
        bench.write([0xD5, 0x4A, 0x02])
        bench.run(microseconds: 90_000)
        // Read outside the interrupt: the train ran on.
        #expect(bench.changes.count == 5 && !bench.device.isFrozen)
        bench.send(.abort)
        bench.run(microseconds: 1_000)
        // The abort's bytes were taken for the missing ones.
        #expect(!bench.device.isClickAwaited)
        bench.run(microseconds: 200_000)
        #expect(bench.device.isClickAwaited && bench.answers.isEmpty)
        bench.device.click(at: bench.now)
        bench.run(microseconds: 3_000_000)
        #expect(bench.device.program == PulsePalConfiguration.defaults && bench.device.outputs[0] == Self.zero)
        #expect(!bench.device.isActive(channel: 1))
    }

    @Test func firmware22SetsTheFlagWithoutStarting() {
        var bench = Self.newer()
        bench.send(.continuous(channel: 1, isOn: true))
        bench.run(microseconds: 10_000)
        #expect(bench.answers == [1] && bench.changes.isEmpty && bench.device.isContinuous[0])
    }

    @Test func firmware22AppliesTheRestingVoltageAtOnce() {
        var bench = Self.newer()
        bench.set(17, 33_000)
        bench.run(microseconds: 100)
        #expect(bench.changes.map(\.code) == [33_000])
    }

    @Test func firmware22ReadsItsParametersBack() {
        var bench = Self.newer()
        bench.send(.readParameters)
        bench.run(microseconds: 100)
        var reader = PulsePalReplyReader(awaiting: .parameters)
        var last: PulsePalReplyEvent?
        for byte in bench.answers { last = reader.receive(byte) }
        let read = reader.parameters()
        #expect(last == .complete && read == bench.device.program)
        bench.forget()
        bench.send(.readHardware)
        bench.run(microseconds: 100)
        #expect(bench.answers == [2, 50, 0, 0, 0, 2, 0x88, 0x13, 0, 0])
    }

    @Test func firmware22RefusesWhatIsOutOfRangeAndStopsByMask() {
        var bench = Self.newer()
        bench.write([0xD5, 0x4A, 1, 1, 2])
        bench.write([0xD5, 0x4A, 14, 1, 3])
        bench.write([0xD5, 0x4A, 128, 1, 3])
        var program = PulsePalProgram.silent
        program.third.customTarget = 2
        bench.send(.programAll(program))
        bench.run(microseconds: 1_000)
        #expect(bench.answers == [0, 0, 0, 0] && bench.device.program.first.isBiphasic)
        // An unknown code: everything is thrown away until the line was quiet for 100 ms.
        bench.forget()
        bench.write([0xD5, 0x4A, 99, 1, 0xD5, 0x48])
        bench.run(microseconds: 50_000)
        #expect(bench.answers == [0])
        bench.run(microseconds: 100_000)
        bench.send(.handshake)
        bench.run(microseconds: 1_000)
        #expect(bench.answers.count == 6)
        bench.forget()
        bench.send(.programAcross(parameter: 2, PulsePalQuad(1, 2, 3, 4)))
        bench.send(.softTrigger(mask: 3))
        bench.run(microseconds: 200)
        bench.send(.stopChannels(mask: 2))
        bench.run(microseconds: 100)
        #expect(bench.device.isActive(channel: 1) && !bench.device.isActive(channel: 2))
        #expect(bench.device.program.fourth.phase1Code == 4 && bench.answers == [1])
    }

    @Test func firmware22StartsWithTheDefaultsWhateverTheCardSays() {
        var configuration = PulsePalConfiguration(firmware: .version22)
        configuration.startUpFile = .silent
        #expect(VirtualPulsePal(configuration, startingAt: 0).program == PulsePalConfiguration.defaults)
    }
}
