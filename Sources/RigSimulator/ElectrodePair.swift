/// What holds a pair of pads to the skin, as far as current is concerned.
public enum Contact: Equatable, Sendable {
    /// Both pads hold.
    case attached
    /// One pad is off, or the cable is out: no path at all.
    case detached
    /// The pads touch each other: current flows, none of it through the person.
    case short
    /// The gel dries: the series resistance rises from the given moment on.
    case drying(sinceNanoseconds: Int64, ohmsPerSecond: Double)
    /// A pad is partly off: that share of its area still holds, 1 to 1,000 thousandths. Resistance and capacitance of
    /// the skin under it follow the area.
    case lifted(heldThousandths: Int32)
    /// So many ohms more in series at once: a lead that is about to break, a film between pad and skin.
    case resistive(addedOhms: Double)
}

/// The figures of one pair of pads on skin.
///
/// Order of magnitude of self-adhesive pads of about 25 cm²; all of them (proposal). They are chosen so that 80 mA for
/// 400 µs still fits into 150 V on a sound contact, and does not on a dry one.
public struct SkinFigures: Equatable, Sendable {
    /// Leads, gel and deep tissue, in ohms.
    public var seriesOhms: Double
    /// The double layer and the skin's own capacitance, in nanofarads.
    public var capacitanceNanofarads: Double
    /// What leaks through the double layer, in ohms.
    public var faradaicOhms: Double

    public init(seriesOhms: Double = 700, capacitanceNanofarads: Double = 800, faradaicOhms: Double = 20_000) {
        self.seriesOhms = seriesOhms
        self.capacitanceNanofarads = capacitanceNanofarads
        self.faradaicOhms = faradaicOhms
    }
}

/// What became of one point of a pulse at the electrodes.
struct DrivenPoint {
    /// Through the pads, in picocoulombs, signed.
    var chargePicocoulombs: Int64
    /// The largest current that flowed, in microamperes, without sign.
    var peakMicroamperes: Int32
    /// The largest voltage that the source had to give, in volts, without sign.
    var peakVolts: Double
    /// The source could not give the voltage that the current asked for.
    var isLimited: Bool
}

/// A pair of electrodes: a resistance in series with a double layer (a capacitance beside a faradaic resistance), so
/// that the voltage need rises through a phase and falls back in the other.
public struct ElectrodePair: Sendable {
    public var contact: Contact
    public var skin: SkinFigures
    /// Hangs on the output in place of the pads, when there is one.
    public var load: DummyLoad?
    /// Volts across the double layer.
    public private(set) var layerVolts: Double
    private var settledAtNanoseconds: Int64

    /// Dry gel rises no further than this, in ohms (proposal).
    static let driestOhms = 200_000.0
    /// Pads that touch, in ohms (proposal).
    static let shortOhms = 5.0
    /// Of the series resistance, leads and deep tissue, which no pad's area changes (proposal).
    private static func deepOhms(_ skin: SkinFigures) -> Double { skin.seriesOhms * 0.5 }
    /// The longest step of the integration when the voltage does not suffice, in microseconds.
    private static let stepMicroseconds: Int32 = 10

    public init(skin: SkinFigures, contact: Contact) {
        self.skin = skin
        self.contact = contact
        layerVolts = 0
        settledAtNanoseconds = 0
    }

    /// The resistance in series at a moment; infinite when detached.
    public func seriesOhms(atNanoseconds now: Int64) -> Double {
        if let load { return load.ohms }
        switch contact {
        case .attached: return skin.seriesOhms
        case .detached: return .infinity
        case .short: return Self.shortOhms
        case .drying(let since, let rate):
            let seconds = Double(max(0, now - since)) / 1e9
            return min(Self.driestOhms, skin.seriesOhms + rate * seconds)
        case .lifted: return Self.deepOhms(skin) + (skin.seriesOhms - Self.deepOhms(skin)) / heldShare
        case .resistive(let added): return skin.seriesOhms + max(0, added)
        }
    }

    /// Lets the double layer discharge through its own leak until a moment.
    mutating func rest(untilNanoseconds now: Int64) {
        guard now > settledAtNanoseconds else { return }
        if layerVolts != 0 {
            let microseconds = Double(now - settledAtNanoseconds) / 1_000
            layerVolts *= Decay.factor(microseconds / timeConstantMicroseconds)
            if layerVolts.magnitude < 1e-9 { layerVolts = 0 }
        }
        settledAtNanoseconds = now
    }

    /// Drives one point of constant current from a source of limited voltage.
    mutating func drive(
        microamperes: Int32, forMicroseconds duration: Int32, complianceVolts: Double, atNanoseconds now: Int64
    ) -> DrivenPoint {
        rest(untilNanoseconds: now)
        settledAtNanoseconds = now + Int64(duration) * 1_000
        let ohms = seriesOhms(atNanoseconds: now)
        guard ohms.isFinite, microamperes != 0 else {
            layerVolts *= Decay.factor(Double(duration) / timeConstantMicroseconds)
            let isLost = microamperes != 0
            return DrivenPoint(
                chargePicocoulombs: 0, peakMicroamperes: 0, peakVolts: isLost ? complianceVolts : 0, isLimited: isLost)
        }
        if let load {
            return driveLoad(microamperes, forMicroseconds: duration, complianceVolts: complianceVolts, load.ohms)
        }
        if case .short = contact {
            let volts = Double(microamperes.magnitude) * 1e-6 * ohms
            return DrivenPoint(
                chargePicocoulombs: Int64(microamperes) * Int64(duration),
                peakMicroamperes: Int32(clamping: microamperes.magnitude), peakVolts: volts, isLimited: false)
        }
        let amperes = Double(microamperes) * 1e-6
        // The layer moves toward I·R on one exponential, so the need is largest at an end of the point.
        let target = amperes * faradaicOhms
        let endVolts = target + (layerVolts - target) * Decay.factor(Double(duration) / timeConstantMicroseconds)
        let need = max((amperes * ohms + layerVolts).magnitude, (amperes * ohms + endVolts).magnitude)
        guard need > complianceVolts else {
            layerVolts = endVolts
            return DrivenPoint(
                chargePicocoulombs: Int64(microamperes) * Int64(duration),
                peakMicroamperes: Int32(clamping: microamperes.magnitude), peakVolts: need, isLimited: false)
        }
        return driveLimited(
            amperes: amperes, ohms: ohms, forMicroseconds: duration, complianceVolts: complianceVolts)
    }

    /// Through a pure resistance: what was asked for, or what the voltage suffices for.
    private mutating func driveLoad(
        _ microamperes: Int32, forMicroseconds duration: Int32, complianceVolts: Double, _ ohms: Double
    ) -> DrivenPoint {
        let need = Double(microamperes.magnitude) * 1e-6 * ohms
        guard need > complianceVolts else {
            return DrivenPoint(
                chargePicocoulombs: Int64(microamperes) * Int64(duration),
                peakMicroamperes: Int32(clamping: microamperes.magnitude), peakVolts: need, isLimited: false)
        }
        let most = complianceVolts / ohms * 1e6
        let charge = Nearest.whole(most * Double(duration))
        return DrivenPoint(
            chargePicocoulombs: microamperes < 0 ? -charge : charge, peakMicroamperes: Int32(most),
            peakVolts: complianceVolts, isLimited: true)
    }

    /// True when nothing would flow.
    var isOpen: Bool { load.map { $0 == .open } ?? (contact == .detached) }

    /// What a person's tissue takes no part in: current through a load, or from pad to pad.
    var isBesideThePerson: Bool { load != nil || contact == .short }

    /// The share of the smaller pad that holds, above 0 to 1.
    private var heldShare: Double {
        guard case .lifted(let thousandths) = contact else { return 1 }
        return Double(min(1_000, max(1, thousandths))) / 1_000
    }

    /// The leak through what still holds, in ohms. The time constant stays: resistance and capacitance go together.
    private var faradaicOhms: Double { skin.faradaicOhms / heldShare }

    private var timeConstantMicroseconds: Double { skin.faradaicOhms * skin.capacitanceNanofarads * 1e-3 }

    /// What the source shows while a current flows, in volts with their sign.
    func sourceVolts(
        setMicroamperes: Int32, flowedMicroamperes: Int32, layerVolts: Double, complianceVolts: Double,
        atNanoseconds now: Int64
    ) -> Double {
        let ohms = seriesOhms(atNanoseconds: now)
        guard setMicroamperes != 0 else { return isBesideThePerson || !ohms.isFinite ? 0 : layerVolts }
        guard ohms.isFinite else { return setMicroamperes > 0 ? complianceVolts : -complianceVolts }
        let volts = Double(flowedMicroamperes) * 1e-6 * ohms + (isBesideThePerson ? 0 : layerVolts)
        return max(-complianceVolts, min(complianceVolts, volts))
    }

    /// The current that is left when the source stands at its limit, step by step.
    private mutating func driveLimited(
        amperes: Double, ohms: Double, forMicroseconds duration: Int32, complianceVolts: Double
    ) -> DrivenPoint {
        var left = duration
        var coulombs = 0.0
        var peakAmperes = 0.0
        let farads = skin.capacitanceNanofarads * 1e-9 * heldShare
        while left > 0 {
            let step = min(left, Self.stepMicroseconds)
            let seconds = Double(step) * 1e-6
            let highest = (complianceVolts - layerVolts) / ohms
            let lowest = (-complianceVolts - layerVolts) / ohms
            let current = max(lowest, min(highest, amperes))
            layerVolts += (current - layerVolts / faradaicOhms) * seconds / farads
            coulombs += current * seconds
            peakAmperes = max(peakAmperes, current.magnitude)
            left -= step
        }
        return DrivenPoint(
            chargePicocoulombs: Int64(coulombs * 1e12), peakMicroamperes: Int32(peakAmperes * 1e6),
            peakVolts: complianceVolts, isLimited: true)
    }
}
