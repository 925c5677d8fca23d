/// What an isolated stimulator behind the Pulse Pal is set to (`pulsepal.md` 10, class of the DS5).
public struct IsolatorConfiguration: Equatable, Sendable {
    /// Output at 10 V in, in milliamperes: 10, 25 or 50. 10 makes the Pulse Pal's full scale the 10 mA ceiling
    /// (decided).
    public var rangeMilliamperes: Int32 = 10
    /// The most that it can drive, in volts (proposal: nothing is known).
    public var complianceVolts: Double = 120
    /// Current at 0 V in, in microamperes, signed.
    public var offsetMicroamperes: Double = 0
    /// How much more than it should it gives, in thousandths.
    public var gainErrorThousandths: Double = 0
    /// How much more it gives in the negative direction than in the positive, in thousandths.
    public var imbalanceThousandths: Double = 0
    /// Whether its limits trip it, or are only marked and followed by the wider ones (`pulsepal.md` 10).
    public var limitsEnergy = true
    public var limitsDuration = true
    public var limitsBaseline = true
    public var limitsAverage = true

    public init() {}

    /// 50 mJ, or 300 mJ when switched off.
    var energyJoules: Double { limitsEnergy ? 0.05 : 0.3 }
    /// 1 s, or 5 s when switched off.
    var durationNanoseconds: Int64 { limitsDuration ? 1_000_000_000 : 5_000_000_000 }
    /// 50 µA; when switched off anything over 400 µA counts as a pulse.
    var pulseMicroamperes: Double { limitsBaseline ? 50 : 400 }
    /// 10 mA, or 55 mA when switched off.
    var averageMicroamperes: Double { limitsAverage ? 10_000 : 55_000 }
}

/// Turns a voltage into a current, until one of its limits disables the output. Only a hand enables it again, and the
/// host is not told.
public struct Isolator: Sendable {
    public var configuration: IsolatorConfiguration
    public private(set) var isTripped = false
    public private(set) var tripCount = 0
    private var pulseSince: Int64?
    private var pulseJoules: Double = 0
    private var secondSince: Int64 = 0
    private var secondPicocoulombs: Double = 0

    public init(_ configuration: IsolatorConfiguration = IsolatorConfiguration()) {
        self.configuration = configuration
    }

    /// What it wants to drive at a voltage, in microamperes.
    public func microamperes(atVolts volts: Double) -> Double {
        guard !isTripped else { return 0 }
        let held = min(10, max(-10, volts))
        var current = held / 10 * Double(configuration.rangeMilliamperes) * 1_000
        current *= 1 + configuration.gainErrorThousandths / 1_000
        if current < 0 { current *= 1 + configuration.imbalanceThousandths / 1_000 }
        return current + configuration.offsetMicroamperes
    }

    /// Disables the output.
    public mutating func trip() {
        if !isTripped { tripCount += 1 }
        isTripped = true
        pulseSince = nil
        pulseJoules = 0
    }

    /// Somebody presses the button on its front.
    public mutating func enable() { isTripped = false }

    /// When a steady output would trip it; the far end of time when it never does.
    /// - Parameters: current in µA and load in Ω, as they are from `since` on.
    func tripMoment(microamperes: Double, ohms: Double, since: Int64) -> Int64 {
        guard !isTripped, abs(microamperes) > configuration.pulseMicroamperes else { return Int64.max }
        let byDuration = (pulseSince ?? since) + configuration.durationNanoseconds
        let amperes = microamperes * 1e-6
        let watts = amperes * amperes * ohms
        guard watts > 0 else { return byDuration }
        let seconds = max(0, configuration.energyJoules - pulseJoules) / watts
        return min(byDuration, seconds < 3_600 ? since + Int64(seconds * 1e9) + 1 : Int64.max)
    }

    /// A steady output has lasted for a while.
    mutating func lasted(microamperes: Double, ohms: Double, since: Int64, until: Int64) {
        guard !isTripped, until > since else { return }
        let seconds = Double(until - since) * 1e-9
        if since - secondSince >= 1_000_000_000 {
            secondSince = since
            secondPicocoulombs = 0
        }
        secondPicocoulombs += abs(microamperes) * seconds * 1e6
        guard abs(microamperes) > configuration.pulseMicroamperes else {
            pulseSince = nil
            pulseJoules = 0
            return
        }
        if pulseSince == nil { pulseSince = since }
        let amperes = microamperes * 1e-6
        pulseJoules += amperes * amperes * ohms * seconds
        let tooLong = until - (pulseSince ?? since) >= configuration.durationNanoseconds
        // The average over a second: 1 µA for 1 s is 1,000,000 pC.
        let tooMuch = secondPicocoulombs > configuration.averageMicroamperes * 1_000_000 * 1.000_001
        if tooLong || tooMuch || pulseJoules >= configuration.energyJoules * 0.999_999 { trip() }
    }
}
