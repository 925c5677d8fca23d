import ScienceMode4
import StimulusModel
import Testing

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What came out of a stream of bytes.
struct Received: Equatable {
    var packetNumber: UInt8
    var commandNumber: UInt16
    var payload: [UInt8]

    init(packetNumber: UInt8, commandNumber: UInt16, payload: [UInt8]) {
        self.packetNumber = packetNumber
        self.commandNumber = commandNumber
        self.payload = payload
    }

    init(_ decoder: FrameDecoder) {
        packetNumber = decoder.packetNumber
        commandNumber = decoder.commandNumber
        payload = (0..<decoder.payloadCount).map { decoder.payload(at: $0) }
    }
}

/// A decoder with everything that it reported, in order.
struct Listener {
    var decoder = FrameDecoder()
    var frames: [Received] = []
    var defects: [FrameDefect] = []

    mutating func hear(_ bytes: [UInt8]) {
        for byte in bytes {
            switch decoder.receive(byte) {
            case .none: break
            case .frame: frames.append(Received(decoder))
            case .rejected: defects.append(decoder.defect)
            }
        }
    }
}

/// All frames and defects of a stream.
func listening(to bytes: [UInt8]) -> Listener {
    var listener = Listener()
    listener.hear(bytes)
    return listener
}

/// The decoder right behind the one frame in `bytes`.
func decoder(after bytes: [UInt8]) throws -> FrameDecoder {
    var decoder = FrameDecoder()
    for byte in bytes.dropLast() { try #require(decoder.receive(byte) == .none) }
    try #require(decoder.receive(try #require(bytes.last)) == .frame)
    return decoder
}

func array(_ frame: FrameBytes) -> [UInt8] { (0..<frame.count).map { frame[$0] } }

/// The frame layout once more, written from the description alone with other means (bit by bit, in arrays), and able
/// to say what our own encoder refuses to say.
enum ReferenceFrame {
    static func bytes(packetNumber: Int, command: Int, payload: [UInt8]) -> [UInt8] {
        let plain = [UInt8(packetNumber * 4 + command / 256), UInt8(command % 256)] + payload
        var stuffed: [UInt8] = []
        for byte in plain {
            let isSpecial = byte == 0xF0 || byte == 0x0F || byte == 0x81
            stuffed += isSpecial ? [0x81, byte ^ 0x55] : [byte]
        }
        let length = stuffed.count + 10
        let code = checksum(stuffed)
        var frame: [UInt8] = [0xF0]
        for value in [length / 256, length % 256, code / 256, code % 256] { frame += [0x81, UInt8(value) ^ 0x55] }
        return frame + stuffed + [0x0F]
    }

    static func bytes(_ received: Received) -> [UInt8] {
        bytes(
            packetNumber: Int(received.packetNumber), command: Int(received.commandNumber), payload: received.payload)
    }

    /// Division by x^16 + x^12 + x^5 + 1, one bit at a time.
    static func checksum(_ bytes: [UInt8]) -> Int {
        var rest = 0
        for byte in bytes {
            for bit in (0..<8).reversed() {
                let carry = (rest >> 15) ^ (Int(byte) >> bit & 1)
                rest = (rest << 1) & 0xFFFF
                if carry == 1 { rest ^= 0x1021 }
            }
        }
        return rest
    }
}

func channel(_ number: UInt8) throws -> Channel { try #require(Channel(number: number)) }

/// A point from its duration and the wire's steps of 0.5 mA.
func point(_ microseconds: Int32, halfMilliamperes: Int32) throws -> PulsePoint {
    try #require(
        PulsePoint(
            durationMicroseconds: microseconds, current: Current(microamperes: halfMilliamperes * 500)))
}

func configuration(
    _ number: UInt8, execute: Bool = true, _ points: [(microseconds: Int32, halfMilliamperes: Int32)]
) throws -> ChannelConfiguration {
    var configuration = ChannelConfiguration(channel: try channel(number), execute: execute)
    for entry in points {
        let appended = configuration.append(try point(entry.microseconds, halfMilliamperes: entry.halfMilliamperes))
        try #require(appended)
    }
    return configuration
}

func train(
    ramp: UInt8, periodMicroseconds: Int32, _ points: [(microseconds: Int32, halfMilliamperes: Int32)]
) throws -> MidLevelTrain {
    let period = try #require(MidLevelPeriod(microseconds: periodMicroseconds))
    var train = try #require(MidLevelTrain(ramp: ramp, period: period))
    for entry in points {
        let appended = train.append(try point(entry.microseconds, halfMilliamperes: entry.halfMilliamperes))
        try #require(appended)
    }
    return train
}
