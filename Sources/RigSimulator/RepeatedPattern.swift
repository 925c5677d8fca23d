// What the device repeats by itself in the mid level, and how it reads an Ml_update.

internal import ScienceMode4

/// One channel of the mid level: its pulse, how often it comes, and what has become of it.
struct RepeatedPattern: Sendable {
    var pulse = PulsePattern()
    var periodNanoseconds: Int64 = 0
    /// Weaker pulses before the full current, 0 to 15.
    var ramp: Int64 = 0
    /// Weaker pulses that have run.
    var rampDone: Int64 = 0
    var isActive = false
    /// 0 ok, 1 electrode, 2 pulse timeout, 3 low current.
    var errorNibble: UInt32 = 0
    /// When the last pulse began; the distant past before the first.
    var lastStart = Int64.min
    var nextStart = Int64.max

    /// The pulse that comes next, weaker while the ramp lasts.
    func nextPulse(_ form: RampForm) -> PulsePattern {
        guard rampDone < ramp else { return pulse }
        switch form {
        case .reachesFullAfterRamp: return pulse.scaled(rampDone + 1, of: ramp + 1)
        case .startsAtZero: return pulse.scaled(rampDone, of: ramp)
        }
    }
}

/// An Ml_update as the device took it.
struct PatternOrder: Sendable {
    /// Bit 0 is channel 1.
    var mask: UInt8 = 0
    /// In rising order of the channel, one for each bit of the mask.
    var patterns: [RepeatedPattern] = []

    /// Reads byte 0 as the mask, then for each channel: high nibble points - 1, low nibble ramp; 16 bits of period, of
    /// which bit 0 is the unit; the points. Nothing when a byte is missing or left over or a value is out of range.
    init?(payloadOf frame: inout FrameDecoder, _ configuration: P24Configuration) {
        let payloadCount = frame.payloadCount
        guard payloadCount >= 1 else { return nil }
        mask = frame.byte(at: 0)
        var position = 1
        for index: UInt8 in 0..<8 where mask >> index & 1 == 1 {
            guard position + 3 <= payloadCount else { return nil }
            let head = frame.byte(at: position)
            let period = UInt32(frame.byte(at: position + 1)) << 8 | UInt32(frame.byte(at: position + 2))
            // Unit 0 is 0.5 ms, unit 1 is 0.25 ms; 0.5 to 16,383 ms (IFU). Zero is a parameter error (N13).
            let microseconds = Int64(period >> 1) * (period & 1 == 0 ? 500 : 250)
            guard microseconds > 0, microseconds <= 16_383_000 else { return nil }
            let announced = Int(head >> 4) + 1
            guard position + 3 + 4 * announced <= payloadCount else { return nil }
            var pattern = RepeatedPattern()
            pattern.pulse.channel = index + 1
            pattern.periodNanoseconds = microseconds * 1_000
            pattern.ramp = Int64(head & 0x0F)
            guard pattern.pulse.take(announced, pointsAt: position + 3, of: &frame, configuration) else { return nil }
            patterns.append(pattern)
            position += 3 + 4 * announced
        }
        guard position == payloadCount || !configuration.pointListIsStrict else { return nil }
    }

    /// True when the sum over the channels of (points + 60 µs) / period reaches 1, as the vendor's server code checks
    /// it: 939 µs at 1 ms pass, 940 do not (sheet 5.2).
    var isTooDense: Bool {
        var partsPerBillion: Int64 = 0
        for pattern in patterns {
            let busy = (pattern.pulse.totalMicroseconds + Self.overheadMicroseconds) * 1_000
            partsPerBillion += (busy * 1_000_000_000 + pattern.periodNanoseconds - 1) / pattern.periodNanoseconds
        }
        return partsPerBillion >= 1_000_000_000
    }

    private static let overheadMicroseconds: Int64 = 60
}
