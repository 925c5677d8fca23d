// Flipped bits on the P24's line, put to the real decoder: every error of one, two and three bits in one frame of each
// length up to 64 bytes. What is accepted must be found by the account behind the line (an answer that does not fit, a
// refused command), and is printed with what it would be taken for.
import RigSimulator
import ScienceMode4
import StimulusModel

struct BitErrorFigures {
    private var tried = [Int](repeating: 0, count: 4)
    private var accepted = [Int](repeating: 0, count: 4)
    private var refused = [Int](repeating: 0, count: 4)
    private var findings: [String] = []

    /// - Parameter longestTriples: errors of three bits in frames of up to so many bytes; of one and two bits in all.
    /// - Returns: whether no error of one bit was accepted.
    static func show(seed: UInt64, longestTriples: Int) -> Bool {
        var figures = BitErrorFigures()
        let frames = frames(seed: seed)
        var triples = 0
        for frame in frames {
            figures.flip(frame, upTo: frame.count <= longestTriples ? 3 : 2)
            if frame.count <= longestTriples { triples += 1 }
        }
        for finding in figures.findings.prefix(20) { print("bit errors: accepted: \(finding)") }
        print(
            "bit errors: \(frames.count) frames of \(frames.first?.count ?? 0) to \(frames.last?.count ?? 0) bytes, "
                + "seed \(seed); tried \(figures.tried[1]) of 1 bit, \(figures.tried[2]) of 2, "
                + "\(figures.tried[3]) of 3 (in \(triples) frames); passed for a frame "
                + "\(figures.accepted[1]), \(figures.accepted[2]), "
                + "\(figures.accepted[3]), of which no request or answer \(figures.refused[1]), \(figures.refused[2]), "
                + "\(figures.refused[3])")
        return figures.accepted[1] == 0 && frames.count > 40
    }

    /// One frame of every length that an encoder gave, the shortest first: pulses, trains, questions and answers.
    private static func frames(seed: UInt64) -> [[UInt8]] {
        var random = SplitMix64(seed: seed)
        var byLength: [Int: [UInt8]] = [:]
        for _ in 0..<20_000 {
            guard var frame = anyFrame(&random), frame.count <= 64, byLength[frame.count] == nil else { continue }
            var bytes: [UInt8] = []
            for index in 0..<frame.count { bytes.append(frame.byte(at: index)) }
            byLength[bytes.count] = bytes
        }
        return byLength.values.sorted { $0.count < $1.count }
    }

    private static func anyFrame(_ random: inout SplitMix64) -> FrameBytes? {
        let packet = UInt8(random.below(64))
        let result = ResultCode(rawValue: UInt8(random.below(32)))
        switch random.below(10) {
        case 0: return Request.getStimStatus.encode(packetNumber: packet)
        case 1: return Request.lowLevelInit(measurement: .none, highVoltage: .volts150).encode(packetNumber: packet)
        case 2: return Acknowledgement.lowLevelStop(result).encode(packetNumber: packet)
        case 3:
            var id = DeviceID(repeating: 0x30)
            for index in 0..<DeviceID.length { id[index] = UInt8(random.below(256)) }
            return Acknowledgement.deviceID(result, id).encode(packetNumber: packet)
        case 4:
            let status = Acknowledgement.stimStatus(
                result, StimulationLevel(rawValue: UInt8(random.below(5))),
                HighVoltage(rawValue: UInt8(random.below(6))))
            return status.encode(packetNumber: packet)
        case 5: return update(&random).flatMap { Request.midLevelUpdate($0).encode(packetNumber: packet) }
        default: return pulse(&random).flatMap { Request.lowLevelChannelConfig($0).encode(packetNumber: packet) }
        }
    }

    /// A symmetric pulse, as this host sends it, or more points.
    private static func pulse(_ random: inout SplitMix64) -> ChannelConfiguration? {
        guard let channel = Channel(number: UInt8(1 + random.below(8))) else { return nil }
        var configuration = ChannelConfiguration(channel: channel, execute: true)
        for point in points(&random) where !configuration.append(point) { return nil }
        return configuration
    }

    private static func update(_ random: inout SplitMix64) -> MidLevelUpdate? {
        guard let period = MidLevelPeriod(microseconds: 20_000),
            let channel = Channel(number: UInt8(1 + random.below(8))),
            var train = MidLevelTrain(ramp: UInt8(random.below(16)), period: period)
        else { return nil }
        for point in points(&random) where !train.append(point) { return nil }
        var update = MidLevelUpdate()
        update[channel] = train
        return update
    }

    private static func points(_ random: inout SplitMix64) -> [PulsePoint] {
        let phase = Int32(10 + random.below(4_000))
        let amplitude = Int32(random.below(160)) * 500
        var points: [PulsePoint] = []
        for index in 0..<(2 + Int(random.below(10))) {
            let sign: Int32 = index % 2 == 0 ? 1 : -1
            guard let point = PulsePoint(durationMicroseconds: phase, current: Current(microamperes: sign * amplitude))
            else { return points }
            points.append(point)
        }
        return points
    }

    /// A good frame follows, in which a frame that was made longer would have to end: a stop of the low level.
    private static let following: [UInt8] = [0xF0, 0x81, 0x55, 0x81, 0x59, 0x81, 0xDC, 0x81, 0x80, 0x34, 0x04, 0x0F]

    /// Each set of up to `most` flipped bits, in order; what lies before the last one is decoded once.
    private mutating func flip(_ frame: [UInt8], upTo most: Int) {
        let bytes = frame + Self.following
        let decoder = FrameDecoder()
        descend(decoder, at: 0, bytes, frame.count, from: 0, flipped: 0, most)
    }

    /// - Parameters:
    ///   - decoder: as it is before byte `start`.
    ///   - first: the first bit that may be flipped, beside those that are.
    private mutating func descend(
        _ decoder: FrameDecoder, at start: Int, _ bytes: [UInt8], _ count: Int, from first: Int, flipped: Int,
        _ most: Int
    ) {
        var bytes = bytes
        var before = decoder
        var place = start
        for bit in first..<count * 8 {
            // Up to the byte of this bit nothing more is changed.
            while place < bit / 8 {
                // A frame that ends here was counted when fewer bits were flipped.
                _ = before.receive(bytes[place])
                place += 1
            }
            bytes[place] ^= 1 << UInt8(bit & 7)
            tried[flipped + 1] += 1
            var decoder = before
            var end = place
            while end < count {
                if decoder.receive(bytes[end]) == .frame { note(decoder, flipped + 1, bytes) }
                end += 1
            }
            // A frame that has not ended runs into the next one.
            for next in count..<bytes.count where decoder.receive(bytes[next]) == .frame {
                if next < bytes.count - 1 { note(decoder, flipped + 1, bytes) }
            }
            if flipped + 1 < most {
                descend(before, at: place, bytes, count, from: bit + 1, flipped: flipped + 1, most)
            }
            bytes[place] ^= 1 << UInt8(bit & 7)
        }
    }

    /// A frame was accepted that nobody sent.
    private mutating func note(_ decoder: FrameDecoder, _ flips: Int, _ bytes: [UInt8]) {
        accepted[flips] += 1
        var meaning = "refused"
        if case .request(let request) = Request.decode(decoder) { meaning = "\(request)" }
        if case .acknowledgement(let answer) = Acknowledgement.decode(decoder) { meaning = "\(answer)" }
        if meaning == "refused" { refused[flips] += 1 }
        findings.append("\(flips) bits of \(bytes.count - Self.following.count) bytes: \(meaning.prefix(160))")
    }
}
