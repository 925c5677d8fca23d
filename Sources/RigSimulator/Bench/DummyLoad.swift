/// What hangs on an output on a technician's bench, in place of pads on skin or needles in tissue.
public enum DummyLoad: Equatable, Sendable {
    /// A pure resistance, in ohms: no double layer, no capacitance.
    case resistor(ohms: Double)
    /// Nothing: no path.
    case open
    /// A bridge of wire.
    case short

    /// Of a bridge of wire with its clips, in ohms (proposal).
    public static let shortOhms = 5.0
    /// What a resistor may have, in ohms: from a thick wire to a load that no output can drive (proposal).
    public static let allowedOhms = 0.1...10_000_000.0

    /// In ohms; infinite when open.
    public var ohms: Double {
        switch self {
        case .resistor(let ohms): return ohms
        case .open: return .infinity
        case .short: return DummyLoad.shortOhms
        }
    }

    /// From "500", "open" or "short". Nothing when the text is none of these or the resistance is not allowed.
    public init?(text: String) {
        switch text {
        case "open": self = .open
        case "short": self = .short
        default:
            guard let ohms = Double(text), DummyLoad.allowedOhms.contains(ohms) else { return nil }
            self = .resistor(ohms: ohms)
        }
    }
}

/// What a meter holds an output to that carries a dummy load: nobody is there, but the stimulator must not do what it
/// never may. Peak at most 1.3 times the run's cap, the run's rate (100 Hz at most), phases of 50 to 500 µs, no pulse
/// where none is allowed. The rise is free, and so is what only concerns a person: charge by area, heat, time.
public struct BenchLaw: Equatable, Sendable {
    /// Whether the charge of both phases is compared: not where the output is known to be wrong.
    public var judgesBalance: Bool

    /// How far above the cap a true current may be, in thousandths: a stimulator as found may be 30 % off (proposal).
    public static let peakThousandths: Int64 = 1_300

    public init(judgesBalance: Bool = true) { self.judgesBalance = judgesBalance }

    static func peakCap(_ microamperes: Int32) -> Int64 { Int64(microamperes) * peakThousandths / 1_000 }
}
