import PulsePal
import RigSimulator
import StimulusModel
import Testing

/// A host of the simplest kind for the needle rig: ticks of 1 ms, a heartbeat, one pulse for each edge.
struct NeedleRigBench {
    var rig: VirtualNeedleRig
    var drive = PinDrive()
    var beats = true
    var answers: [UInt8] = []
    private(set) var tick: Int64 = 0

    var now: Instant { Instant(nanoseconds: tick * 1_000_000) }

    init(seed: UInt64 = 0, _ change: (inout VirtualNeedleRigConfiguration) -> Void = { _ in }) {
        var configuration = VirtualNeedleRigConfiguration(seed: seed)
        change(&configuration)
        rig = VirtualNeedleRig(configuration, startingAt: Instant(nanoseconds: 0))
    }

    mutating func run(_ milliseconds: Int64) {
        for _ in 0..<milliseconds {
            tick += 1
            if beats { drive.heartbeat.toggle() }
            rig.setPins(drive, at: now)
            while let byte = rig.nextByteForHost(at: now) { answers.append(byte) }
        }
    }

    mutating func write(_ bytes: [UInt8]) { for byte in bytes { rig.hostWrote(byte, at: now) } }

    mutating func send(_ request: PulsePalRequest) {
        guard let bytes = request.encode(for: rig.device.configuration.firmware) else {
            Issue.record("\(request) has no bytes")
            return
        }
        write((0..<bytes.count).map { bytes[$0] })
    }

    static func steps(_ milliamperes: Double) -> UInt16 { UInt16((milliamperes / 10 * 32_768).rounded()) }

    /// One pulse of 250 µs in each phase for each edge, on channels 1 and 2.
    static func program(_ milliamperes: Double, _ change: (inout PulsePalChannel) -> Void = { _ in }) -> PulsePalProgram
    {
        var program = PulsePalProgram.silent
        for number in UInt8(1)...2 {
            var channel = PulsePalChannel()
            channel.phase1Cycles = 5
            channel.phase2Cycles = 5
            channel.interpulseCycles = 200
            channel.trainCycles = 160
            channel.phase1Code = PulsePalCode.above(min(32_767, steps(milliamperes))) ?? PulsePalCode.zero
            channel.phase2Code = PulsePalCode.below(min(32_767, steps(milliamperes))) ?? PulsePalCode.zero
            channel.isLinkedToFirst = number == 1
            channel.isLinkedToSecond = number == 2
            change(&channel)
            program[channel: number] = channel
        }
        return program
    }

    mutating func program(_ milliamperes: Double, _ change: (inout PulsePalChannel) -> Void = { _ in }) {
        send(.programAll(Self.program(milliamperes, change)))
        run(5)
    }

    /// A closed relay and a programmed device.
    mutating func prepare(milliamperes: Double) {
        program(milliamperes)
        run(20)
        drive.enable = true
        run(10)
    }

    /// A fixed voltage for so many milliamperes.
    mutating func fix(_ milliamperes: Double) {
        let code = PulsePalCode.above(min(32_767, Self.steps(milliamperes))) ?? PulsePalCode.zero
        send(.fixedVoltage(channel: 1, code: code))
        run(2)
    }

    /// An edge of one tick, and the tick behind it.
    mutating func pulse(channel: UInt8 = 1) {
        if channel == 1 { drive.firstTrigger = true } else { drive.secondTrigger = true }
        run(1)
        drive.firstTrigger = false
        drive.secondTrigger = false
        run(1)
    }

    /// Equal pulses, so many milliseconds apart.
    mutating func train(_ count: Int, every milliseconds: Int64) {
        for _ in 0..<count {
            pulse()
            run(milliseconds - 2)
        }
    }
}
