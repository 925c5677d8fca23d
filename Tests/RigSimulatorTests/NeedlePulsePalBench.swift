import PulsePal
import RigSimulator
import Testing

/// A Pulse Pal alone, its cycles at whole multiples of 50 µs.
struct PulsePalBench {
    var device: VirtualPulsePal
    var now: Int64 = 0
    /// Microseconds, channel and code of each change since the last `forget`.
    var changes: [Change] = []
    var answers: [UInt8] = []
    private var start: Int64 = 0

    struct Change: Equatable, CustomStringConvertible {
        let at: Int64
        let channel: UInt8
        let code: UInt16
        init(_ at: Int64, _ code: UInt16, channel: UInt8 = 1) {
            self.at = at
            self.channel = channel
            self.code = code
        }
        var description: String { "\(at) µs: \(code) on \(channel)" }
    }

    static let up: UInt16 = 39_321
    static let down: UInt16 = 26_214
    static let zero: UInt16 = 32_768

    /// Channel 1 as P04 to P21 set it; the others silent.
    init(
        _ configuration: PulsePalConfiguration = PulsePalConfiguration(),
        _ change: (inout PulsePalChannel) -> Void = { _ in }
    ) {
        device = VirtualPulsePal(configuration, startingAt: 0)
        var program = PulsePalProgram.silent
        program.first = Self.channel
        change(&program.first)
        send(.programAll(program))
        run(microseconds: 1_000)
        forget()
    }

    static var channel: PulsePalChannel {
        var channel = PulsePalChannel()
        channel.phase1Code = up
        channel.phase2Code = down
        channel.phase1Cycles = 5
        channel.phase2Cycles = 5
        channel.interpulseCycles = 390
        channel.trainCycles = 2_000
        return channel
    }

    /// From here on times count from now.
    mutating func forget() {
        changes = []
        answers = []
        start = now
    }

    mutating func write(_ bytes: [UInt8]) { for byte in bytes { device.receive(byte, at: now) } }

    mutating func send(_ request: PulsePalRequest) {
        guard let bytes = request.encode(for: device.configuration.firmware) else {
            Issue.record("\(request) has no bytes")
            return
        }
        write((0..<bytes.count).map { bytes[$0] })
    }

    mutating func set(_ parameter: UInt8, _ value: UInt32, channel: UInt8 = 1) {
        send(.programOne(parameter: parameter, channel: channel, value: value))
    }

    mutating func input(_ isHigh: Bool, _ index: Int = 0) { device.setInput(index, isHigh: isHigh, at: now) }

    mutating func run(microseconds: Int64) {
        let target = now + microseconds * 1_000
        while device.nextEvent <= target {
            device.step(at: device.nextEvent)
            collect()
        }
        now = target
        device.step(at: now)
        collect()
    }

    private mutating func collect() {
        for change in device.changes {
            changes.append(
                Change((change.atNanoseconds - start) / 1_000, change.code, channel: change.channel))
        }
        device.changes.removeAll()
        while let byte = device.nextByte() { answers.append(byte) }
    }
}
