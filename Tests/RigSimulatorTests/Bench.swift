import RigSimulator
import ScienceMode4
import StimulusModel

/// A host of the simplest kind, at the near end of the pretended line.
struct Bench {
    var rig: VirtualRig
    var now: Int64 = 0
    private var decoder = FrameDecoder()
    private var nextPacketNumber: UInt8 = 0
    /// Everything that came back: when, under which packet number, and what.
    var answers: [(nanoseconds: Int64, packetNumber: UInt8, acknowledgement: Acknowledgement)] = []
    var unreadable = 0

    init(_ configuration: VirtualRigConfiguration = VirtualRigConfiguration()) {
        rig = VirtualRig(configuration, startingAt: Instant(nanoseconds: 0))
    }

    static func millisecond(_ nanoseconds: Int64) -> Int64 { nanoseconds / 1_000_000 }

    mutating func write(_ bytes: [UInt8]) {
        for byte in bytes { rig.hostWrote(byte, at: Instant(nanoseconds: now)) }
    }

    mutating func send(_ request: Request) {
        guard let frame = request.encode(packetNumber: nextPacketNumber) else { return }
        nextPacketNumber = (nextPacketNumber + 1) % 64
        write((0..<frame.count).map { frame[$0] })
    }

    /// Lets time pass in steps of 1 ms, reading on the way.
    mutating func run(milliseconds: Int64) {
        for _ in 0..<milliseconds {
            now += 1_000_000
            while let byte = rig.nextByteForHost(at: Instant(nanoseconds: now)) {
                guard decoder.receive(byte) == .frame else { continue }
                switch Acknowledgement.decode(decoder) {
                case .acknowledgement(let read): answers.append((now, decoder.packetNumber, read))
                case .unreadable: unreadable += 1
                }
            }
        }
    }

    /// Sends, waits, and returns the last answer that came meanwhile.
    mutating func ask(_ request: Request, milliseconds: Int64 = 60) -> Acknowledgement? {
        send(request)
        return wait(milliseconds)
    }

    mutating func ask(bytes: [UInt8], milliseconds: Int64 = 60) -> Acknowledgement? {
        write(bytes)
        return wait(milliseconds)
    }

    private mutating func wait(_ milliseconds: Int64) -> Acknowledgement? {
        let before = answers.count
        run(milliseconds: milliseconds)
        return answers.count > before ? answers.last?.acknowledgement : nil
    }

    mutating func initialise() {
        _ = ask(.lowLevelInit(measurement: .none, highVoltage: .standard))
    }

    var status: Acknowledgement? {
        mutating get { ask(.getStimStatus, milliseconds: 5) }
    }

    /// A balanced pulse, in milliamperes and microseconds.
    static func pulse(_ milliamperes: Double, _ microseconds: Int32, channel: UInt8 = 1) -> Request {
        points([(microseconds, milliamperes), (100, 0), (microseconds, -milliamperes)], channel: channel)
    }

    static func points(_ points: [(Int32, Double)], channel: UInt8 = 1) -> Request {
        var configuration = ChannelConfiguration(channel: Channel(number: channel) ?? .first)
        for (microseconds, milliamperes) in points {
            let current = Current(microamperes: Int32(milliamperes * 1_000))
            if let point = PulsePoint(durationMicroseconds: microseconds, current: current) {
                _ = configuration.append(point)
            }
        }
        return .lowLevelChannelConfig(configuration)
    }

    /// A frame by hand, so that values can be sent which the host's own encoder refuses.
    static func frame(_ command: UInt16, packetNumber: UInt8 = 1, _ payload: [UInt8] = []) -> [UInt8] {
        let prefix = [packetNumber << 2 | UInt8(command >> 8), UInt8(command & 0xFF)]
        var body: [UInt8] = []
        for byte in prefix + payload {
            if byte == 0xF0 || byte == 0x0F || byte == 0x81 {
                body += [0x81, byte ^ 0x55]
            } else {
                body.append(byte)
            }
        }
        var code: UInt16 = 0
        for byte in body {
            code ^= UInt16(byte) << 8
            for _ in 0..<8 { code = code & 0x8000 != 0 ? code << 1 ^ 0x1021 : code << 1 }
        }
        let length = UInt16(body.count + 10)
        let header = [UInt8(length >> 8), UInt8(length & 0xFF), UInt8(code >> 8), UInt8(code & 0xFF)]
        return [0xF0] + header.flatMap { [0x81, $0 ^ 0x55] } + body + [0x0F]
    }

    /// The 4 bytes of a point with any value that the wire can carry.
    static func point(_ microseconds: UInt32, rawCurrent: UInt32, reserved: UInt32 = 0) -> [UInt8] {
        let word = microseconds << 20 | rawCurrent << 10 | reserved
        return [UInt8(word >> 24), UInt8(word >> 16 & 0xFF), UInt8(word >> 8 & 0xFF), UInt8(word & 0xFF)]
    }

    /// Bytes from a text such as "F0 81 55".
    static func bytes(_ text: String) -> [UInt8] { text.split(separator: " ").compactMap { UInt8($0, radix: 16) } }
}
