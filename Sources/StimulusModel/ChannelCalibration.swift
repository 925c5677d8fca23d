/// What was measured of one channel of a needle rig, from the Pulse Pal's voltage to the current at the needle.
public struct ChannelCalibration: Hashable, Sendable {
    /// Microamperes at the output for one volt at the isolator's input: 1,000 nominal, since the profile fixes
    /// ±10 V = ±10 mA (`decided.md`, Needle rig). 900 to 1,100.
    public let gainMicroamperesPerVolt: Int32
    /// Current at the output at 0 V, in nanoamperes. Both phases and the resting voltage are shifted alike against it.
    public let offsetNanoamperes: Int32

    /// 0.9 to 1.1 mA/V and ±50 µA (the DS5's baseline limit, `pulsepal.md` 10): outside nobody calibrated, something is
    /// broken or set to another range. (proposal)
    @_noLocks public init?(gainMicroamperesPerVolt: Int32, offsetNanoamperes: Int32) {
        guard gainMicroamperesPerVolt >= 900, gainMicroamperesPerVolt <= 1_100, offsetNanoamperes >= -50_000,
            offsetNanoamperes <= 50_000
        else { return nil }
        self.gainMicroamperesPerVolt = gainMicroamperesPerVolt
        self.offsetNanoamperes = offsetNanoamperes
    }

    private init(checkedGain: Int32) {
        gainMicroamperesPerVolt = checkedGain
        offsetNanoamperes = 0
    }

    /// 1 mA/V, no offset.
    public static var nominal: ChannelCalibration { @_noLocks get { ChannelCalibration(checkedGain: 1_000) } }

    @_noLocks public static func == (a: ChannelCalibration, b: ChannelCalibration) -> Bool {
        a.gainMicroamperesPerVolt == b.gainMicroamperesPerVolt && a.offsetNanoamperes == b.offsetNanoamperes
    }

    @_noLocks public static func != (a: ChannelCalibration, b: ChannelCalibration) -> Bool { !(a == b) }

    /// The Pulse Pal's code for no current at the output: 32,768 is 0 V, a step is 20 V / 65,536 (`pulsepal.md` 3.3).
    public var restingCode: UInt16 {
        @_noLocks get {
            // nA / (µA/V) · 65,536 / 20 V / 1,000, to the nearest step.
            let scaled = Int64(offsetNanoamperes) * 65_536
            let divisor = Int64(gainMicroamperesPerVolt) * 20_000
            let half = scaled >= 0 ? divisor / 2 : -divisor / 2
            return UInt16(32_768 - (scaled + half) / divisor)
        }
    }

    /// The highest amplitude in steps of 0.1 mA that the Pulse Pal can still ask for, 10 mA at the most, in µA.
    public var highestMicroamperes: Int32 {
        @_noLocks get {
            var amplitude: Int32 = 10_000
            while amplitude > 0 {
                if let _ = steps(for: Current(microamperes: amplitude)) { return amplitude }
                amplitude -= 100
            }
            return 0
        }
    }

    /// Steps of the Pulse Pal for a current, rounded down; nothing when they would not fit beside the resting code.
    @_noLocks public func steps(for current: Current) -> UInt16? {
        guard current.microamperes >= 0 else { return nil }
        var steps = Int64(current.microamperes) * 65_536 / (Int64(gainMicroamperesPerVolt) * 20)
        let rest = Int64(restingCode)
        // The converter ends one step (0.3 µA) short of +10 V: full scale is rounded down to what it has.
        if rest + steps == 65_536 { steps -= 1 }
        guard rest + steps <= 65_535, rest - steps >= 0 else { return nil }
        return UInt16(steps)
    }
}
