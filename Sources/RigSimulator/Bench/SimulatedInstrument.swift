/// How far from the truth a pretended instrument is.
public struct InstrumentConfiguration: Equatable, Sendable {
    /// How much more than there is it shows, in thousandths, of voltages and resistances; times are right.
    public var gainThousandths: Double
    /// Added to each voltage, in millivolts.
    public var offsetMillivolts: Double
    /// Standard deviation of a reading, in millivolts.
    public var noiseMillivolts: Double

    public init(gainThousandths: Double = 0, offsetMillivolts: Double = 0, noiseMillivolts: Double = 1) {
        self.gainThousandths = gainThousandths
        self.offsetMillivolts = offsetMillivolts
        self.noiseMillivolts = noiseMillivolts
    }

    /// For people.
    public static let help = "gain=THOUSANDTHS, noise=MILLIVOLTS (standard deviation; 1), offset=MILLIVOLTS"

    /// From "gain=5,noise=2". Nothing when a kind is unknown or its value no number.
    public init?(text: String) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let number = Double(sides[1]), abs(number) <= 100_000 else { return nil }
            switch sides[0] {
            case "gain" where number > -1_000: gainThousandths = number
            case "noise" where number >= 0: noiseMillivolts = number
            case "offset": offsetMillivolts = number
            default: return nil
            }
        }
    }
}

/// A bench instrument that exists only as lines: a probe's curve and a question in, an answer out. Same seed, same
/// noise.
public struct SimulatedInstrument: Sendable {
    public let family: InstrumentFamily
    public let configuration: InstrumentConfiguration
    /// Of a scope's screen, for a division.
    public private(set) var voltsPerDivision: Double
    public private(set) var secondsPerDivision: Double
    /// Complaints that nobody has asked for yet, oldest first.
    public private(set) var errors: [String] = []
    private var random: SplitMix64

    private static let mostErrors = 20
    /// From top to bottom, zero in the middle; 8 bit.
    private static let divisionsUp = 8.0
    private static let steps = 256.0
    private static let voltsAllowed = 0.001...100.0
    private static let secondsAllowed = 5e-9...50.0
    /// What the multimeter sends through a resistor: 1 mA; an instrument's offset and noise are over that.
    private static let testAmperes = 1e-3
    private static let mostOhms = 100e6
    private static let mostVolts = 1_000.0
    /// Ten power-line cycles of 50 Hz.
    private static let integrationNanoseconds: Int64 = 200_000_000

    public init(family: InstrumentFamily, configuration: InstrumentConfiguration, seed: UInt64) {
        self.family = family
        self.configuration = configuration
        voltsPerDivision = family.usualVolts
        secondsPerDivision = family.usualSeconds
        random = SplitMix64(seed: seed ^ 0x5343_5049)
    }

    /// Obeys one line. Answers of joined commands are joined by semicolons; nothing when nothing was asked, or nothing
    /// of it understood.
    public mutating func answer(_ line: String, trace: ProbeTrace) -> String? {
        var answers: [String] = []
        for command in InstrumentCommand.parse(line) {
            if let text = obey(command, trace) { answers.append(text) }
        }
        return answers.isEmpty ? nil : answers.joined(separator: ";")
    }

    private mutating func obey(_ command: InstrumentCommand, _ trace: ProbeTrace) -> String? {
        switch command.name.uppercased() {
        case "*IDN?": return family.identity
        case "*OPC?": return "1"
        case "*OPC", "*WAI": return nil
        case "*CLS":
            errors.removeAll()
            return nil
        case "*RST":
            voltsPerDivision = family.usualVolts
            secondsPerDivision = family.usualSeconds
            return nil
        default: break
        }
        guard let found = family.commands.first(where: { CommandName.matches(command.name, $0.pattern) }) else {
            return complain("-113,\"Undefined header\"")
        }
        return obey(found.meaning, command.arguments, trace)
    }

    private mutating func obey(_ meaning: InstrumentMeaning, _ arguments: [String], _ trace: ProbeTrace) -> String? {
        switch meaning {
        case .oldestError: return errors.isEmpty ? family.noError : errors.removeFirst()
        case .setVolts: return set(arguments, within: Self.voltsAllowed) { $0.voltsPerDivision = $1 }
        case .askVolts: return text(voltsPerDivision)
        case .setSeconds: return set(arguments, within: Self.secondsAllowed) { $0.secondsPerDivision = $1 }
        case .askSeconds: return text(secondsPerDivision)
        case .item:
            guard let name = arguments.first, let quantity = ScopeQuantity(item: name) else {
                return complain("-224,\"Illegal parameter value\"")
            }
            return measured(quantity, source: arguments.dropFirst(), trace)
        case .measure(let quantity): return measured(quantity, source: arguments[...], trace)
        case .measureOver(let quantity):
            let hasStretch = arguments.first.map { CommandName.matches($0, "DISPlay") } ?? false
            return measured(quantity, source: arguments.dropFirst(hasStretch ? 1 : 0), trace)
        case .resistance: return text(resistance(trace))
        case .directVoltage:
            let volts = seen(trace.meanVolts(overNanoseconds: Self.integrationNanoseconds))
            return text(abs(volts) > Self.mostVolts ? nil : volts)
        }
    }

    private mutating func complain(_ error: String) -> String? {
        if errors.count < Self.mostErrors { errors.append(error) }
        return nil
    }

    private mutating func set(
        _ arguments: [String], within allowed: ClosedRange<Double>,
        _ change: (inout SimulatedInstrument, Double) -> Void
    ) -> String? {
        guard arguments.count == 1, let value = Double(arguments[0]) else {
            return complain("-104,\"Data type error\"")
        }
        guard allowed.contains(value) else { return complain("-222,\"Data out of range\"") }
        change(&self, value)
        return nil
    }
}

/// Measuring.
extension SimulatedInstrument {
    /// Only channel 1 has a probe.
    private mutating func measured(
        _ quantity: ScopeQuantity, source: ArraySlice<String>, _ trace: ProbeTrace
    ) -> String? {
        guard source.count <= 1 else { return complain("-108,\"Parameter not allowed\"") }
        let name = source.first ?? "CHANnel1"
        guard (1...4).contains(where: { CommandName.matches(name, "CHANnel\($0)") }) else {
            return complain("-224,\"Illegal parameter value\"")
        }
        return text(CommandName.matches(name, "CHANnel1") ? value(quantity, trace) : nil)
    }

    /// Nothing when it cannot be told from what the screen shows.
    private mutating func value(_ quantity: ScopeQuantity, _ trace: ProbeTrace) -> Double? {
        if quantity == .average { return average(trace) }
        // The screen begins a division before the pulse.
        guard let pulse = trace.pulses.last else {
            // Not triggered, the screen shows what is at rest, with its noise.
            return quantity == .highest || quantity == .lowest ? onScreen(trace.restVolts) : nil
        }
        let room = (family.divisionsAcross - 1) * secondsPerDivision
        if quantity == .period {
            guard trace.pulses.count > 1 else { return nil }
            let before = trace.pulses[trace.pulses.count - 2].startNanoseconds
            let seconds = Double(pulse.startNanoseconds - before) * 1e-9
            return seconds <= room ? timed(seconds) : nil
        }
        let duration = pulse.durationMicroseconds * 1e-6
        guard duration <= room else { return nil }
        switch quantity {
        case .highest: return onScreen(pulse.highestVolts)
        case .lowest: return onScreen(pulse.lowestVolts)
        case .positiveWidth, .negativeWidth:
            guard isOnScreen(pulse) else { return nil }
            return pulse.width(isPositive: quantity == .positiveWidth).flatMap { timed($0 * 1e-6) }
        default:
            guard isOnScreen(pulse) else { return nil }
            // Over a whole pulse noise comes down to a tenth (proposal).
            let millivolts = configuration.offsetMillivolts + configuration.noiseMillivolts * normal() / 10
            return pulse.voltSeconds * (1 + configuration.gainThousandths / 1_000) + millivolts / 1_000 * duration
        }
    }

    private mutating func average(_ trace: ProbeTrace) -> Double? {
        guard trace.pulses.allSatisfy(isOnScreen) else { return nil }
        let screen = max(1, family.divisionsAcross * secondsPerDivision * 1e9)
        // A probe remembers no more; a train goes on as it was.
        let window = Int64(min(screen, Double(ProbeTrace.windowNanoseconds)))
        let volts = seen(trace.meanVolts(overNanoseconds: window))
        return abs(volts) <= Self.divisionsUp / 2 * voltsPerDivision ? volts : nil
    }

    private func isOnScreen(_ pulse: ProbePulse) -> Bool {
        max(pulse.highestVolts, -pulse.lowestVolts) <= Self.divisionsUp / 2 * voltsPerDivision
    }

    /// A voltage as the screen shows it: in its steps, nothing beyond its edge.
    private mutating func onScreen(_ volts: Double) -> Double? {
        let shown = seen(volts)
        guard abs(shown) <= Self.divisionsUp / 2 * voltsPerDivision else { return nil }
        let step = Self.divisionsUp * voltsPerDivision / Self.steps
        return Double(Nearest.whole(shown / step)) * step
    }

    /// A time in the steps of the record; nothing when it is shorter than one.
    private func timed(_ seconds: Double) -> Double? {
        let step = family.divisionsAcross * secondsPerDivision / family.pointsAcross
        let steps = Nearest.whole(seconds / step)
        return steps > 0 ? Double(steps) * step : nil
    }

    /// Of what hangs there, while no pulses disturb it.
    private mutating func resistance(_ trace: ProbeTrace) -> Double? {
        guard trace.pulses.isEmpty, trace.loadOhms <= Self.mostOhms else { return nil }
        return seen(trace.loadOhms * Self.testAmperes) / Self.testAmperes
    }

    /// A voltage with the instrument's errors and fresh noise.
    private mutating func seen(_ volts: Double) -> Double {
        let gain = 1 + configuration.gainThousandths / 1_000
        return volts * gain + (configuration.offsetMillivolts + configuration.noiseMillivolts * normal()) / 1_000
    }

    /// Of standard deviation 1: twelve equal chances, less their mean.
    private mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += random.between(0.0, 1.0) }
        return sum
    }

    private func text(_ value: Double?) -> String {
        value.map { Scientific.text($0, hasPlus: family != .rigolDS1000Z) } ?? family.invalid
    }
}

/// Numbers as instruments write them.
enum Scientific {
    private static let digits = 100_000_000.0

    /// A Rigol's 1.25000000e+01, a Keysight's +1.25000000E+01.
    static func text(_ value: Double, hasPlus: Bool) -> String {
        var size = abs(value)
        var exponent = 0
        if size > 0 {
            while size >= 10 { (size, exponent) = (size / 10, exponent + 1) }
            while size < 1 { (size, exponent) = (size * 10, exponent - 1) }
        }
        var whole = Nearest.whole(size * digits)
        if whole >= Int64(10 * digits) { (whole, exponent) = (whole / 10, exponent + 1) }
        let fraction = String(whole % Int64(digits))
        let zeros = String(repeating: "0", count: 8 - fraction.count)
        let power = (abs(exponent) < 10 ? "0" : "") + String(abs(exponent))
        let sign = value < 0 && whole != 0 ? "-" : hasPlus ? "+" : ""
        let mark = hasPlus ? "E" : "e"
        return "\(sign)\(whole / Int64(digits)).\(zeros)\(fraction)\(mark)\(exponent < 0 ? "-" : "+")\(power)"
    }
}
