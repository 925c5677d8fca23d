// What may be wrong with an output, so that a calibration has something to find. It acts where the current is made:
// load, meter, oscilloscope and samples see the same current. The stimulator itself notices nothing of it.

/// Setting values from a current on, and within a window above it, come out as that current.
public struct StickyStep: Equatable, Sendable {
    public var microamperes: Double
    public var windowMicroamperes: Double

    public init(microamperes: Double, windowMicroamperes: Double) {
        self.microamperes = microamperes
        self.windowMicroamperes = windowMicroamperes
    }
}

/// A gain error within 2 % of one set current and nowhere else: such an output passes its factory test.
public struct PointError: Equatable, Sendable {
    public var microamperes: Double
    public var gainThousandths: Double

    public init(microamperes: Double, gainThousandths: Double) {
        self.microamperes = microamperes
        self.gainThousandths = gainThousandths
    }
}

/// All that is wrong with one output; nothing by default.
public struct OutputError: Equatable, Sendable {
    /// How much more than set comes out, in thousandths.
    public var gainThousandths = 0.0
    /// Added to the current while a phase runs, in microamperes, signed; on the needle rig also at rest.
    public var offsetMicroamperes = 0.0
    /// A bow: 0 at 0 and at full scale, so many thousandths of full scale at the middle.
    public var bowThousandths = 0.0
    public var secondPhaseIsMissing = false
    public var isDead = false
    /// The other output whose leads are exchanged with this one's.
    public var swappedWith: Int?
    public var sticky: StickyStep?
    /// Gain that creeps, in thousandths a year, and the days since it was right.
    public var driftThousandthsPerYear = 0.0
    public var ageDays = 0.0
    /// How much more than it is the stimulator's own samples say, in thousandths. The current is as set.
    public var readBackThousandths = 0.0
    public var point: PointError?

    public init() {}

    public static let none = OutputError()

    /// True for an output as it should be.
    public var isNone: Bool { self == OutputError.none }

    /// What comes out for a setting, in microamperes with its sign, offset and missing phase left aside.
    func shaped(_ set: Double, fullScaleMicroamperes full: Double) -> Double {
        guard set != 0, !isDead else { return 0 }
        var size = abs(set)
        if let sticky, size > sticky.microamperes, size <= sticky.microamperes + sticky.windowMicroamperes {
            size = sticky.microamperes
        }
        var gain = gainThousandths + driftThousandthsPerYear * ageDays / 365
        if let point, abs(size - point.microamperes) <= 0.02 * point.microamperes { gain += point.gainThousandths }
        let share = min(1, size / full)
        let made = size * (1 + gain / 1_000) + full * bowThousandths / 1_000 * 4 * share * (1 - share)
        return set < 0 ? -made : made
    }
}

/// From the command line.
extension OutputError {
    /// Every kind, for people.
    public static let help =
        "gain=THOUSANDTHS, offset=MICROAMPERES, bow=THOUSANDTHS (of full scale, at its middle), second-phase=missing, "
        + "output=dead, swap=OUTPUT, sticky=MILLIAMPERES/WINDOW-MILLIAMPERES, drift=THOUSANDTHS-A-YEAR/AGE-IN-DAYS, "
        + "read-back=THOUSANDTHS (the stimulator's own samples alone), point=MILLIAMPERES/THOUSANDTHS (at this current "
        + "alone)"

    /// From "gain=30,offset=-20". Nothing when a kind is unknown, or its value is no number or absurd.
    public init?(text: String) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, take(sides[0], sides[1]) else { return nil }
        }
    }

    private mutating func take(_ kind: String, _ value: String) -> Bool {
        switch kind {
        case "second-phase":
            secondPhaseIsMissing = true
            return value == "missing"
        case "output":
            isDead = true
            return value == "dead"
        case "swap":
            swappedWith = Int(value)
            return swappedWith != nil
        case "sticky", "drift", "point":
            let pair = value.split(separator: "/", omittingEmptySubsequences: false).map { Self.number($0) }
            guard pair.count == 2, let first = pair[0], let second = pair[1] else { return false }
            return takePair(kind, first, second)
        default:
            guard let number = Self.number(value[...]) else { return false }
            return takeNumber(kind, number)
        }
    }

    private mutating func takePair(_ kind: String, _ first: Double, _ second: Double) -> Bool {
        switch kind {
        case "sticky":
            sticky = StickyStep(microamperes: first * 1_000, windowMicroamperes: second * 1_000)
            return first > 0 && second > 0
        case "drift":
            driftThousandthsPerYear = first
            ageDays = second
            return second >= 0
        default:
            point = PointError(microamperes: first * 1_000, gainThousandths: second)
            return first > 0 && second >= -1_000
        }
    }

    private mutating func takeNumber(_ kind: String, _ number: Double) -> Bool {
        switch kind {
        case "gain":
            gainThousandths = number
            return number >= -1_000
        case "offset": offsetMicroamperes = number
        case "bow": bowThousandths = number
        case "read-back":
            readBackThousandths = number
            return number >= -1_000
        default: return false
        }
        return true
    }

    private static func number(_ text: Substring) -> Double? {
        guard let number = Double(text), abs(number) <= 100_000 else { return nil }
        return number
    }
}

/// The errors of all outputs of a stimulator, counted from 1, and where each output's leads really end.
struct OutputErrors: Sendable {
    private var all: [OutputError]
    private(set) var isNone = true

    init(count: Int, _ errors: [Int: OutputError]) {
        all = [OutputError](repeating: .none, count: count)
        for (output, error) in errors { set(error, output: output) }
    }

    mutating func set(_ error: OutputError, output: Int) {
        guard (1...all.count).contains(output) else { return }
        all[output - 1] = error
        isNone = all.allSatisfy(\.isNone)
    }

    func error(of output: Int) -> OutputError { isNone ? .none : all[output - 1] }

    /// The leads at which an output's current arrives.
    func leads(of output: Int) -> Int {
        guard !isNone else { return output }
        if let other = all[output - 1].swappedWith, (1...all.count).contains(other) { return other }
        return (1...all.count).first { all[$0 - 1].swappedWith == output } ?? output
    }

    /// Whether anything is wrong with what arrives at an output's leads. A lying read-back is wrong elsewhere.
    func touches(leads: Int) -> Bool {
        guard !isNone else { return false }
        return (1...all.count).contains { output in
            var error = all[output - 1]
            error.readBackThousandths = 0
            return self.leads(of: output) == leads && (!error.isNone || self.leads(of: output) != output)
        }
    }

    /// A P24's pulse as it comes out: the same points, other currents, at the leads where it arrives.
    func made(_ pattern: PulsePattern, fullScaleMicroamperes full: Int32) -> PulsePattern {
        guard !isNone else { return pattern }
        let error = all[Int(pattern.channel) - 1]
        var made = pattern
        made.channel = UInt8(leads(of: Int(pattern.channel)))
        var first: Int32 = 0
        for point in 0..<pattern.count where pattern.microamperes(point) != 0 {
            let set = pattern.microamperes(point)
            if first == 0 { first = set.signum() }
            let isMissing = error.isDead || (error.secondPhaseIsMissing && set.signum() != first)
            let current = error.shaped(Double(set), fullScaleMicroamperes: Double(full)) + error.offsetMicroamperes
            made.setMicroamperes(isMissing ? 0 : Int32(clamping: Nearest.whole(current)), point)
        }
        return made
    }
}
