/// The bursts as sound files: PCM in 16 bits, made from numbers, so that nothing is installed beside the program.
public enum AlarmTone {
    private static let samplesPerSecond = 16_000
    private static let pulseMilliseconds = 160

    /// A whole burst. Pitches: C4 for one pulse; C4 D4 E4 for medium; C4 D4 E4 F4 G4 for high [USYD]. Each pulse has
    /// its fundamental and four harmonics within 15 dB [PUI].
    public static func wave(_ priority: AlarmPriority) -> [UInt8] {
        let pulses = priority.soundPulses
        let length = Int(pulses.last ?? 0) + pulseMilliseconds + 40
        var samples = [Int16](repeating: 0, count: length * samplesPerSecond / 1_000)
        for (index, begin) in pulses.enumerated() {
            let hertz = pitches[priority == .low ? 0 : index % (priority == .high ? 5 : 3)]
            add(hertz, from: Int(begin) * samplesPerSecond / 1_000, to: &samples)
        }
        return header(samples.count * 2) + samples.flatMap { bytes(UInt32(UInt16(bitPattern: $0)), 2) }
    }

    /// C4 D4 E4 F4 G4, in tenths of Hz.
    private static let pitches = [2_616, 2_937, 3_296, 3_492, 3_920]

    private static func add(_ tenthsOfHertz: Int, from begin: Int, to samples: inout [Int16]) {
        let count = pulseMilliseconds * samplesPerSecond / 1_000
        let edge = count / 10
        for index in 0..<count where begin + index < samples.count {
            var sum = 0
            for harmonic in 1...5 {
                let phase = tenthsOfHertz * harmonic * index * 1_024 / (samplesPerSecond * 10)
                sum += triangle(phase)
            }
            // Rises and falls softly: a click is no pulse.
            let envelope = min(index, count - index, edge)
            samples[begin + index] = Int16(clamping: sum * envelope / edge * 24)
        }
    }

    /// A triangle wave of 1,024 steps a period, from -256 to 256: near enough to a sine, and of whole numbers.
    private static func triangle(_ phase: Int) -> Int {
        let step = phase % 1_024
        return step < 256 ? step : step < 768 ? 512 - step : step - 1_024
    }

    /// The 44 bytes of a RIFF file of one channel.
    private static func header(_ dataBytes: Int) -> [UInt8] {
        let rate = UInt32(samplesPerSecond)
        var header = Array("RIFF".utf8) + bytes(UInt32(36 + dataBytes), 4) + Array("WAVEfmt ".utf8)
        header += bytes(16, 4) + bytes(1, 2) + bytes(1, 2) + bytes(rate, 4) + bytes(rate * 2, 4)
        return header + bytes(2, 2) + bytes(16, 2) + Array("data".utf8) + bytes(UInt32(dataBytes), 4)
    }

    private static func bytes(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
}
