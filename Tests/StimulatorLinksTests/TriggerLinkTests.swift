// The conversation with the Pulse Pal: `decided.md`, Needle rig, and `pulsepal.md` 5 to 7 and 12.
import PulsePal
import SafetyKernel
import StimulatorLinks
import StimulusModel
import Testing

@Suite struct TriggerLinkTests {
    private static let both: [PulsePalFirmware] = [.version21, .version22]

    /// No voltage on any channel, and nothing that starts one.
    private static func isSilent(_ program: PulsePalProgram) -> Bool {
        ([1, 2, 3, 4] as [UInt8]).allSatisfy {
            let channel = program[channel: $0]
            return channel.phase1Code == 32_768 && channel.phase2Code == 32_768 && channel.restingCode == 32_768
                && !channel.isLinkedToFirst && !channel.isLinkedToSecond
        }
    }

    // MARK: - The script

    // Proves R-FLT-17.
    @Test(arguments: both) func `the script that stops and proves, byte for byte`(firmware: PulsePalFirmware) throws {
        let bench = try TriggerBench(firmware)
        #expect(try bench.run(to: .off), "\(bench.fault)")
        let told = bench.device.told
        let abort: [UInt8] = [0xD5, 0x50]
        let handshake: [UInt8] = [0xD5, 0x48]
        // Silent, unlinked, normal triggers; phases are never 0, which would hold the voltage for a whole train.
        let silence = told.first { $0.isProgram }?.bytes ?? []
        var expected: [[UInt8]] = [abort, abort, handshake]
        for channel in [1, 2, 3, 4] as [UInt8] { expected.append([0xD5, 0x52, channel, 0]) }
        expected.append(silence)
        expected.append(abort)
        for channel in [1, 2, 3, 4] as [UInt8] { expected.append([0xD5, 0x4F, channel, 0x00, 0x80]) }
        if firmware == .version22 { expected.append([0xD5, 93]) }
        expected.append(handshake)
        #expect(told.map(\.bytes) == expected)
        #expect(silence.count == 180 && silence.starts(with: [0xD5, 0x49]))
        guard case .programAll(let program)? = told.first(where: { $0.isProgram })?.request else {
            Issue.record("no program")
            return
        }
        for number in [1, 2, 3, 4] as [UInt8] {
            let channel = program[channel: number]
            #expect(channel.phase1Code == 32_768 && channel.phase2Code == 32_768 && channel.restingCode == 32_768)
            #expect(channel.phase1Cycles >= 1 && channel.phase2Cycles >= 1)
            #expect(!channel.isLinkedToFirst && !channel.isLinkedToSecond && !channel.isContinuous)
        }
        // At least a millisecond between the two aborts: a kept trigger begins again in between.
        #expect(told[1].at - told[0].at >= 1)
        // Nothing is sent before the answer to what was sent.
        for (before, after) in zip(told, told.dropFirst()) { #expect(after.at > before.at) }
        #expect(bench.identity?.firmware == FirmwareVersion(major: firmware.rawValue, minor: 0, revision: 0))
        #expect(bench.edges.isEmpty && !bench.drive.enable)
    }

    // Proves R-GATE-09.
    @Test func `another program than the Pulse Pal 2 is refused by its number`() throws {
        for version in [1, 19, 20, 23, 255, 256, 0] as [UInt32] {
            let bench = try TriggerBench()
            bench.device.version = version
            try bench.run(1_500)
            #expect([.wrongFirmware, .wrongDevice].contains(bench.fault), "\(version): \(bench.fault)")
            #expect(!bench.drive.enable && !bench.device.told.contains { $0.isProgram && $0.at < 5 })
        }
    }

    // Proves R-FLT-30.
    @Test func `a device that never answers is asked three times and given up, with the relay open`() throws {
        let bench = try TriggerBench()
        bench.device.isSilent = true
        try bench.run(2_000)
        #expect(bench.fault == .silent && bench.isAtRest && bench.isProvenOff)
        #expect(bench.device.told.count { $0.bytes == [0xD5, 0x48] } == 3)
        let count = bench.device.told.count
        bench.device.isSilent = false
        bench.energise = true
        try bench.run(1_000)
        #expect(bench.device.told.count == count && !bench.drives.contains { $0.enable })
    }

    // Proves R-FLT-17.
    @Test func `old answers of a killed host's questions do no harm before the first answer`() throws {
        let bench = try TriggerBench()
        bench.device.sayRaw([1, 1, 0, 0xFF, 1], at: 1)
        #expect(try bench.run(to: .off), "\(bench.fault)")
    }

    // MARK: - Settings

    // Proves R-RATE-09, R-LIM-10.
    @Test(arguments: both) func `a setting changes both phases in one command, and links one channel to one input`(
        firmware: PulsePalFirmware
    ) throws {
        let bench = try TriggerBench(firmware)
        try bench.ready(at: 1_000)
        let programs = bench.device.told.filter(\.isProgram)
        #expect(programs.count == 2)
        guard case .programAll(let program)? = programs.last?.request else {
            Issue.record("no program")
            return
        }
        // 1 mA is 1 V is 3,276.8 steps, rounded down.
        #expect(program.first.phase1Code == 32_768 + 3_276 && program.first.phase2Code == 32_768 - 3_276)
        #expect(program.first.phase1Cycles == 5 && program.first.phase2Cycles == 5)
        #expect(program.first.isBiphasic && program.first.interphaseCycles == 0)
        // One edge is one pulse: a train of 8 ms, a longer pause within it.
        #expect(program.first.trainCycles == 160 && program.first.interpulseCycles > 160)
        #expect(program.first.burstCycles == 0 && program.first.delayCycles == 0)
        #expect(program.first.isLinkedToFirst && !program.first.isLinkedToSecond)
        #expect(program.firstTriggerMode == 0 && program.secondTriggerMode == 0)
        for number in [2, 3, 4] as [UInt8] {
            let other = program[channel: number]
            #expect(!other.isLinkedToFirst && !other.isLinkedToSecond && other.phase1Code == 32_768)
        }
        if firmware == .version22 { #expect(bench.device.told.last?.bytes == [0xD5, 93], "read back") }
    }

    // Proves R-LIM-10, R-CAL-06.
    @Test func `codes are symmetric about the resting code, and the offset shifts all three alike`() throws {
        for (gain, offset) in [(1_000, 0), (1_000, 50_000), (1_000, -50_000), (950, 7_321), (1_080, -123)]
            as [(Int32, Int32)]
        {
            let calibration = try #require(
                ChannelCalibration(gainMicroamperesPerVolt: gain, offsetNanoamperes: offset))
            let bench = try TriggerBench(calibration: calibration)
            try bench.ready(at: 1_000)
            let channel = bench.device.program.first
            let up = Int32(channel.phase1Code) - Int32(channel.restingCode)
            let down = Int32(channel.restingCode) - Int32(channel.phase2Code)
            #expect(up == down && up > 0)
            // Never more than was asked for: a step is 20 V / 65,536.
            let microamperes = Double(up) * 20 / 65_536 * Double(gain)
            #expect(microamperes <= 1_000 && microamperes > 999.6, "\(microamperes)")
            // At rest what is left is at most half a step.
            let resting = (Double(channel.restingCode) - 32_768) * 20 / 65_536 * Double(gain) + Double(offset) / 1_000
            #expect(abs(resting) <= Double(gain) * 10 / 65_536 + 0.001, "\(resting)")
        }
    }

    // Proves R-FLT-23.
    @Test(arguments: [2, 7, 20] as [Int64])
    func `no edge from 5 ms before a setting until its confirmation, and no setting with an edge under way`(
        delay: Int64
    ) throws {
        let bench = try TriggerBench(delay: delay)
        try bench.ready(at: 500)
        for _ in 0..<30 {
            try bench.tick(pulse: 500)
            let edge = bench.milliseconds
            #expect(bench.edges.last == edge)
            // Asked for while the pulse is out: waits.
            #expect(try bench.set(400))
            let before = bench.device.told.count
            var settled: Int64 = 0
            for _ in 0..<80 where settled == 0 {
                // A pulse at either amplitude is refused as long as the setting is not confirmed.
                let isSetting = bench.device.told.count > before
                let released = try bench.tick(pulse: 500)
                #expect(!released, "an edge \(bench.milliseconds - edge) ms after the last, setting told: \(isSetting)")
                if bench.free(400) { settled = bench.milliseconds }
            }
            let told = try #require(bench.device.told.dropFirst(before).first { $0.isProgram })
            #expect(told.at - edge >= 5)
            #expect(settled - told.at >= delay)
            #expect(!bench.free(500))
            // And back.
            try bench.mint.reach(500)
            #expect(try bench.set(500))
            try bench.run(60)
            #expect(bench.free(500) && !bench.free(400))
        }
        #expect(bench.fault == .none)
    }

    // Proves R-FLT-23.
    @Test(arguments: both) func `no confirmation in 50 ms: enable is low in that tick and no heartbeat follows`(
        firmware: PulsePalFirmware
    ) throws {
        let bench = try TriggerBench(firmware)
        try bench.ready(at: 500)
        bench.device.isSilent = true
        #expect(try bench.set(400))
        let before = bench.device.told.count
        try bench.tick()
        let told = try #require(bench.device.told.dropFirst(before).first)
        #expect(told.isProgram)
        while bench.drive.enable, bench.milliseconds - told.at < 200 { try bench.tick() }
        #expect(bench.milliseconds - told.at == 51, "\(bench.milliseconds - told.at)")
        #expect(bench.fault == .settingUnconfirmed)
        let beat = bench.drive.heartbeat
        for _ in 0..<300 {
            try bench.tick(pulse: 500)
            #expect(!bench.drive.enable && !bench.drive.firstTrigger && bench.drive.heartbeat == beat)
        }
    }

    // Proves R-FLT-23.
    @Test func `a confirmation in the fiftieth millisecond is in time`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        bench.device.delay = 50
        #expect(try bench.set(400))
        try bench.run(60)
        #expect(bench.fault == .none && bench.free(400))
    }

    // Proves R-FLT-23.
    @Test func `firmware 22 refuses a setting, or reads back another: the relay opens`() throws {
        for isRefusal in [true, false] {
            let bench = try TriggerBench(.version22)
            try bench.ready(at: 500)
            if isRefusal { bench.device.refuses = true } else { bench.device.readsBackWrong = true }
            #expect(try bench.set(400))
            try bench.run(12)
            #expect(bench.fault == .settingRefused && !bench.drive.enable)
            // What follows is the stop, told twice.
            bench.device.refuses = false
            bench.device.readsBackWrong = false
            try bench.run(600)
            #expect(bench.device.told.suffix(15).prefix(2).allSatisfy { $0.bytes == [0xD5, 0x50] })
            #expect(bench.isAtRest && bench.isProvenOff && Self.isSilent(bench.device.program))
        }
    }

    // Proves R-FLT-09.
    @Test func `a byte that nobody asked for is somebody else's`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        bench.device.sayRaw([1], at: bench.milliseconds + 1)
        try bench.tick()
        #expect(bench.fault == .secondController && !bench.drive.enable)
    }

    // Proves R-FLT-07.
    @Test func `an idle device is asked at least every half second, and edges go on between`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        let before = bench.device.told.count
        var released = 0
        for index in 0..<2_600 { if try bench.tick(pulse: index % 100 == 0 ? 500 : nil) { released += 1 } }
        let polls = bench.device.told.dropFirst(before)
        #expect(polls.allSatisfy { $0.bytes == [0xD5, 0x48] })
        #expect(polls.count >= 5 && polls.count <= 11, "\(polls.count)")
        #expect(released == 26 && bench.fault == .none)
        // Another number than before is another device.
        bench.device.version = 22
        try bench.run(600)
        #expect(bench.fault == .wrongDevice && !bench.drive.enable)
    }

    // Proves R-CAL-06, R-LIM-02.
    @Test func `a setting that this rig cannot make changes nothing`() throws {
        // Offset by ±50 µA and 0.9 mA/V: 10 mA would not fit beside the resting code.
        let calibration = try #require(ChannelCalibration(gainMicroamperesPerVolt: 900, offsetNanoamperes: 50_000))
        #expect(calibration.steps(for: Current(microamperes: 9_000)) == nil)
        #expect(calibration.steps(for: Current(microamperes: 8_900)) != nil)
        #expect(calibration.steps(for: Current(microamperes: -1)) == nil)
        for gain in [899, 1_101] as [Int32] {
            #expect(ChannelCalibration(gainMicroamperesPerVolt: gain, offsetNanoamperes: 0) == nil)
        }
        for offset in [-50_001, 50_001] as [Int32] {
            #expect(ChannelCalibration(gainMicroamperesPerVolt: 1_000, offsetNanoamperes: offset) == nil)
        }
        #expect(ChannelCalibration.nominal.restingCode == 32_768)
        #expect(
            ChannelCalibration.nominal.steps(for: Current(microamperes: 10_000)) == 32_767, "rounded down to the scale")
        #expect(ChannelCalibration.nominal.steps(for: Current(microamperes: 10_100)) == nil)
        #expect(ChannelCalibration.nominal.steps(for: Current(microamperes: 9_900)) == 32_440)
    }

    // MARK: - Edges and what was seen

    // Proves R-RATE-09.
    @Test func `one pulse is one edge of one tick`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        try bench.tick(pulse: 500)
        #expect(bench.drive.firstTrigger && !bench.drive.secondTrigger)
        try bench.tick()
        #expect(!bench.drive.firstTrigger)
        #expect(try !bench.tick(pulse: 400), "another amplitude than is set")
        try bench.run(20)
        #expect(bench.outcomes == [.delivered] && bench.edges.count == 1)
    }

    // Proves R-FLT-21.
    @Test func `two edges in a row unseen are a fault, one alone is not`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        for seen in [false, true, false, true, false, false] {
            bench.seesPulses = seen
            try bench.tick(pulse: 500)
            try bench.run(12)
        }
        #expect(bench.fault == .pulseNotSeen && !bench.drive.enable)
        #expect(bench.outcomes == [.unknown, .delivered, .unknown, .delivered, .unknown, .unknown])
    }

    // Proves R-FLT-21.
    @Test func `below the comparator's sight an edge counts as delivered`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 200)
        bench.seesPulses = false
        for _ in 0..<5 {
            try bench.tick(pulse: 200)
            try bench.run(12)
        }
        #expect(bench.fault == .none && bench.outcomes == Array(repeating: .delivered, count: 5))
    }

    // Proves R-FLT-21.
    @Test func `late ticks excuse what was not seen, but not for ever`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        bench.seesPulses = false
        // Twenty are excused; the twentieth already counts, and the next one is the second in a row.
        for count in 1...21 {
            #expect(bench.fault == .none, "before edge \(count)")
            try bench.tick(pulse: 500)
            try bench.tick(late: 4)
            try bench.run(12)
        }
        #expect(bench.fault == .pulseNotSeen && !bench.drive.enable)
        #expect(bench.outcomes.count == 21 && bench.outcomes.allSatisfy { $0 == .unknown })
    }

    // Proves R-FLT-21.
    @Test func `a sign without an edge is a fault at once, also with the relay open`() throws {
        for energised in [true, false] {
            let bench = try TriggerBench()
            if energised { try bench.ready(at: 500) } else { #expect(try bench.run(to: .off)) }
            bench.seesPulses = false
            var levels = bench.board.levels
            levels.firstPulseIsSeen = true
            bench.link.takeLevels(levels, missedTicks: false)
            bench.link.advance(to: bench.now, energise: energised)
            #expect(bench.fault == .pulseWithoutEdge)
            let drive = bench.link.completeStep().drive
            #expect(!drive.enable && !drive.firstTrigger)
        }
    }

    // Proves R-RATE-09.
    /// A trigger line that a late wake-up left high cannot rise: such a pulse would be counted and never made.
    @Test func `an edge rises from a low line, also after a late wake-up`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        for _ in 0..<4 {
            try bench.tick(pulse: 500)
            #expect(bench.drive.firstTrigger)
            #expect(try !bench.tick(pulse: 500, late: 9), "the line is still high")
            #expect(!bench.drive.firstTrigger)
            #expect(try bench.tick(pulse: 500))
            try bench.run(12)
        }
        #expect(bench.fault == .none)
    }

    // Proves R-FLT-23.
    /// A firmware 21 reads a command within the interrupt that makes the pulse, and stands still where one is cut
    /// short: in the middle of a pulse that would be a current without end until the relay opens.
    @Test(arguments: [1, 2, 10, 40] as [Int64]) func `no edge while any answer is awaited`(after: Int64) throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        let before = bench.device.told.count
        bench.device.isSilent = true
        for _ in 0..<700 where bench.device.told.count == before { try bench.tick() }
        #expect(bench.device.told.last?.bytes == [0xD5, 0x48])
        try bench.run(after - 1)
        #expect(try !bench.tick(pulse: 500))
        #expect(!bench.drive.firstTrigger)
    }

    // Proves R-FLT-23.
    /// The question is put right behind an edge where there are any, so that it costs no pulse: at 2 Hz every half
    /// second would meet the pulses themselves.
    @Test(arguments: [500, 100, 67, 10] as [Int]) func `questions cost no pulse of a train`(period: Int) throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        var refused = 0
        for index in 0..<30_000 {
            let released = try bench.tick(pulse: index % period == 0 ? 500 : nil)
            if index % period == 0, !released { refused += 1 }
        }
        #expect(refused <= 1, "\(refused)")
        #expect(bench.fault == .none)
        #expect(bench.device.told.count { $0.bytes == [0xD5, 0x48] } >= 55)
    }

    // MARK: - Heartbeat, pins, line

    // Proves R-FLT-24.
    @Test func `the heartbeat moves once with each completed step, never otherwise, and stands still after a fault`()
        throws
    {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        for _ in 0..<500 {
            let before = bench.drive.heartbeat
            try bench.tick(late: 3)
            #expect(bench.drive.heartbeat != before)
        }
        #expect(bench.fault == .none)
        let last = bench.drive.heartbeat
        bench.link.decisionExpired(at: bench.now)
        for _ in 0..<100 {
            try bench.tick()
            #expect(bench.drive.heartbeat == last && !bench.drive.enable)
        }
        #expect(bench.fault == .late)
    }

    // Proves R-FLT-15.
    @Test func `a step whose decision expired carries no edge, and its pulse was not delivered`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        bench.link.takeLevels(bench.board.levels, missedTicks: false)
        bench.link.advance(to: bench.now, energise: true)
        #expect(try bench.deliver(500))
        bench.link.decisionExpired(at: bench.now)
        let drive = bench.link.completeStep().drive
        #expect(!drive.firstTrigger && !drive.enable)
        #expect(bench.takeOutcome() == .notDelivered)
    }

    // Proves R-FLT-22.
    @Test func `pins that cannot be read open the relay for good`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        bench.pinsCanBeRead = false
        try bench.tick(pulse: nil)
        #expect(bench.fault == .pinsLost && !bench.drive.enable && !bench.isProvenOff)
        bench.pinsCanBeRead = true
        try bench.run(500)
        #expect(!bench.drives.suffix(500).contains { $0.enable })
    }

    // Proves R-FLT-06.
    @Test func `a line that hangs up opens the relay in the same step`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        try bench.tick(pulse: 500)
        bench.link.lineGone(at: bench.now)
        try bench.tick(pulse: 500)
        #expect(!bench.drive.enable && !bench.drive.firstTrigger && bench.fault == .unplugged)
        #expect(bench.outcomes == [.unknown], "an edge that nobody accounts for counts")
        try bench.run(70)
        #expect(bench.isAtRest && bench.isProvenOff)
    }

    // Proves R-FLT-26.
    @Test func `a line that stays blocked keeps the relay open, and the stop is told when it goes on`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        for _ in 0..<2_000 {
            bench.link.lineBlocked(at: bench.now)
            try bench.tick()
            #expect(!bench.drive.enable)
        }
        #expect(bench.fault == .lineBlocked && bench.isProvenOff)
        try bench.run(200)
        #expect(bench.isAtRest && Self.isSilent(bench.device.program))
    }

    // Proves R-STOP-15.
    @Test func `the last gasp is two aborts`() {
        guard var frame = TriggerLink.lastGaspFrame() else {
            Issue.record("no frame")
            return
        }
        #expect(frame.count == 4 && !frame.isStop)
        #expect((0..<4).map { frame.byte(at: $0) } == [0xD5, 0x50, 0xD5, 0x50])
    }
}
