import SafetyKernel
import ScienceMode4
import StimulatorLinks
import StimulusModel
import Testing

@Suite struct P24StartTests {
    // Proves R-FLT-17, R-FLT-26.
    @Test func `a start first stops, verifies the voltage off, and only then asks who is there`() throws {
        var bench = try LinkBench()
        #expect(bench.link.condition == .absent)
        bench.open()
        #expect(bench.link.condition == .identifying)
        bench.run(to: .off)
        #expect(bench.link.condition == .off)
        #expect(bench.requests == [.lowLevelStop, .getStimStatus, .getDeviceID, .getExtendedVersion])
        // What a killed host left half-sent is ended by two stop bytes.
        #expect(bench.sent.map(\.flushed) == [true, false, false, false])
        #expect(bench.link.isProvenOff == true)
        #expect(bench.link.identity?.firmware == FirmwareVersion(major: 1, minor: 2, revision: 3))
        #expect(bench.link.identity?.language.major == 4)
        #expect(bench.link.fault == .none)
    }

    // Proves R-FLT-09.
    @Test func `every question has a packet number of its own`() throws {
        var bench = try LinkBench.ready()
        bench.run(100_000)
        let packets = bench.sent.map(\.packet)
        #expect(packets.count > 100)
        for (number, packet) in packets.enumerated() { #expect(packet == UInt8((number + 1) % 64)) }
    }

    // Proves R-FLT-17.
    @Test(arguments: [StimulationLevel.midLevel, .midLevelRunning])
    func `a mid level that was left on is stopped`(level: StimulationLevel) throws {
        var bench = try LinkBench()
        (bench.far.level, bench.far.voltage) = (level, .volts150)
        bench.open()
        bench.run(to: .off)
        #expect(bench.link.condition == .off)
        #expect(bench.requests.prefix(4) == [.lowLevelStop, .getStimStatus, .midLevelStop, .getStimStatus])
        #expect(bench.far.level == .none)
        #expect(bench.far.voltage == .off)
    }

    // Proves R-FLT-17.
    @Test func `a low level that was left on is stopped`() throws {
        var bench = try LinkBench()
        (bench.far.level, bench.far.voltage) = (.lowLevel, .volts150)
        bench.open()
        bench.run(to: .off)
        #expect(bench.link.condition == .off)
        #expect(bench.far.voltage == .off)
    }

    // Proves R-FLT-17.
    @Test func `a mid level that never ends is given up with a fault`() throws {
        var bench = try LinkBench()
        (bench.far.level, bench.far.voltage, bench.far.keepsMidLevel) = (.midLevelRunning, .volts150, true)
        bench.open()
        bench.run(5_000)
        #expect(bench.link.fault == .highVoltageStillOn)
        #expect(bench.link.isAtRest == true)
        #expect(bench.link.isProvenOff == false)
        #expect(bench.sent.count < 30)
        #expect(!bench.sent.contains { $0.isInitialise })
    }

    // Proves R-FLT-17.
    @Test func `a voltage that stays on after the stop is a fault, and the stop is repeated`() throws {
        var bench = try LinkBench()
        (bench.far.level, bench.far.voltage, bench.far.keepsVoltage) = (.lowLevel, .volts150, true)
        bench.open()
        bench.run(5_000)
        #expect(bench.link.condition == .failed)
        #expect(bench.link.fault == .highVoltageStillOn)
        #expect(bench.link.isProvenOff == false)
        #expect(bench.link.isAtRest == true)
        // Told three times in all, and then left to a person.
        #expect(bench.sent.filter(\.isStop).count == 3)
    }

    // Proves R-FLT-17.
    @Test func `a voltage of an unknown number is not off`() throws {
        for number in UInt8(0)...255 where number != HighVoltage.off.rawValue {
            var bench = try LinkBench()
            (bench.far.voltage, bench.far.keepsVoltage) = (HighVoltage(rawValue: number), true)
            bench.open()
            bench.run(100)
            #expect(bench.link.fault == .highVoltageStillOn, "voltage \(number)")
        }
    }

    // Proves R-GATE-09.
    @Test func `only the named serial is accepted`() throws {
        var right = try LinkBench(serial: "P24-000042")
        right.open()
        right.run(to: .off)
        #expect(right.link.condition == .off)
        var wrong = try LinkBench(serial: "P24-000043")
        wrong.open()
        wrong.run(to: .failed)
        #expect(wrong.link.fault == .wrongDevice)
        wrong.energise = true
        wrong.run(2_000)
        #expect(!wrong.sent.contains { $0.isInitialise })
        #expect(wrong.link.isProvenOff == true)
    }

    // Proves R-GATE-09.
    @Test func `only named firmware and the right language are accepted`() throws {
        for change in [
            { $0.firmware = VersionNumber(major: 1, minor: 2, revision: 4) },
            { $0.language = VersionNumber(major: 3, minor: 0, revision: 0) },
            { $0.language = VersionNumber(major: 5, minor: 0, revision: 0) },
        ] as [(inout FarEnd) -> Void] {
            var bench = try LinkBench()
            change(&bench.far)
            bench.open()
            bench.run(to: .failed)
            #expect(bench.link.fault == .wrongFirmware)
            bench.energise = true
            bench.run(2_000)
            #expect(!bench.sent.contains { $0.isInitialise })
        }
    }

    // Proves R-FLT-30.
    @Test func `a line that says nothing is silent`() throws {
        var bench = try LinkBench()
        bench.far.isSilent = true
        bench.open()
        bench.run(1_400)
        #expect(bench.link.fault == .none)
        bench.run(200)
        #expect(bench.link.fault == .silent)
        // Three stops, and no question: without a confirmed stop nothing else is said.
        #expect(bench.requests == [.lowLevelStop, .lowLevelStop, .lowLevelStop])
        #expect(!bench.sent.contains { !$0.flushed })
    }

    // Proves R-FLT-30.
    @Test func `a line that echoes is no stimulator`() throws {
        var bench = try LinkBench()
        bench.far.echoes = true
        bench.open()
        bench.run(3_000)
        #expect(bench.link.fault == .wrongDevice)
        #expect(!bench.sent.contains { !$0.isStop })
        #expect(bench.link.isAtRest == true)
    }

    // Proves R-FLT-30.
    @Test func `a device that falls silent while it is asked who it is`() throws {
        for after in 1...2 {
            var bench = try LinkBench()
            bench.open()
            while bench.sent.count <= after { bench.tick() }
            bench.far.isSilent = true
            bench.run(5_000)
            #expect(bench.link.fault == .silent)
            #expect(bench.sent.last?.isStop == true)
        }
    }

    // Proves R-FLT-17.
    /// A killed host's questions may be answered to its successor, under the same packet numbers.
    @Test func `answers to a host that was killed are no riddle`() throws {
        var bench = try LinkBench()
        bench.far.delay = 20
        for packet in UInt8(0)...63 {
            bench.far.say(.stimStatus(.ok, .lowLevel, .volts150), packet, at: 1)
            bench.far.say(.lowLevelChannelConfig(.ok, .first, nil), packet, at: 1)
            bench.far.say(.lowLevelInit(.ok), packet, at: 1)
        }
        bench.open()
        bench.run(to: .off)
        #expect(bench.link.condition == .off)
        #expect(bench.link.fault == .none)
    }

    // Proves R-FLT-17.
    @Test func `nothing is taken or asked before the line is open`() throws {
        var bench = try LinkBench()
        bench.energise = true
        bench.far.sayRaw([0xF0, 0x81, 0x55], at: 0)
        bench.run(1_000)
        #expect(bench.sent.isEmpty == true)
        #expect(bench.link.condition == .absent)
        bench.link.lineBlocked(at: bench.now)
        bench.drain()
        #expect(bench.sent.isEmpty == true)
        bench.energise = false
        bench.open()
        bench.run(to: .off)
        bench.open()
        #expect(bench.sent.count == 4)
    }
}
