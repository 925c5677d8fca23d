// How a family of bench instruments is spoken to, as a file in `Hardware/instruments` states it, and how one level of a
// trial is read with it.

/// What is asked of an oscilloscope.
public enum InstrumentQuantity: String, Hashable, Sendable, CaseIterable {
    /// V.
    case firstPeak = "first_peak"
    case secondPeak = "second_peak"
    /// s, of the positive and of the negative phase.
    case firstPhase = "first_phase"
    case secondPhase = "second_phase"
    case period
    /// V·s of one pulse.
    case area
    /// V.
    case mean
}

/// A family, from its published command set.
public struct InstrumentProfile: Equatable, Sendable {
    public let id: String
    public let title: String
    /// What its answer to `*IDN?` begins with.
    public let identity: String
    /// Commands with `{}` in place of the number, in volts and seconds for a division.
    public let voltsCommand: String
    public let secondsCommand: String
    public let divisionsUp: Int32
    public let divisionsAcross: Int32
    public let queries: [InstrumentQuantity: String]
    /// For its measurements to settle after a change, in ms.
    public let settlingMilliseconds: Int32

    public init(
        id: String, title: String, identity: String, voltsCommand: String, secondsCommand: String, divisionsUp: Int32,
        divisionsAcross: Int32, queries: [InstrumentQuantity: String], settlingMilliseconds: Int32
    ) {
        self.id = id
        self.title = title
        self.identity = identity
        self.voltsCommand = voltsCommand
        self.secondsCommand = secondsCommand
        self.divisionsUp = divisionsUp
        self.divisionsAcross = divisionsAcross
        self.queries = queries
        self.settlingMilliseconds = settlingMilliseconds
    }

    /// A number of an answer; nothing for what SCPI says where there is none (9.9E37, SCPI-99 7.2.1.4).
    public static func number(_ answer: String) -> Double? {
        let text = answer.filter { $0 != " " && $0 != "\t" }
        guard let value = Double(text), value.magnitude < 1e36 else { return nil }
        return value
    }

    /// Reads one level of a trial.
    /// - Parameters:
    ///   - index: of the level in the trial.
    ///   - tell: sends a command without an answer; waits `settlingMilliseconds` itself where it has to.
    ///   - ask: sends a query and returns its answer.
    ///   - settle: lets this many milliseconds pass.
    public func read<Failure: Error>(
        _ trial: BenchTrial, level index: Int, tell: (String) throws(Failure) -> Void,
        ask: (String) throws(Failure) -> String, settle: (Int32) throws(Failure) -> Void
    ) throws(Failure) -> [BenchReading] {
        func value(_ quantity: InstrumentQuantity, times factor: Double) throws(Failure) -> Int64? {
            guard let query = queries[quantity], let number = InstrumentProfile.number(try ask(query)) else {
                return nil
            }
            let scaled = number * factor
            // A million volts, a quarter of an hour: beyond it no instrument measured anything.
            return scaled.magnitude < 1e12 ? Int64(scaled.rounded()) : nil
        }
        try tell(voltsCommand.filled(with: voltsPerDivision(trial, level: index)))
        // One pulse, twice as wide as both of its phases, on the screen.
        let pulse = Double(trial.phaseDurationMicroseconds) * 2e-6
        try tell(secondsCommand.filled(with: pulse * 2 / Double(divisionsAcross - 2)))
        try settle(settlingMilliseconds)
        let isSilent = trial.expectsSilence
        let first = isSilent ? try value(.firstPeak, times: 1) : nil
        let second = isSilent ? try value(.secondPeak, times: 1) : nil
        if isSilent, first == nil || second == nil {
            // Where nothing is expected there is more than the screen holds: it is seen at an ordinary scale.
            try tell(voltsCommand.filled(with: InstrumentProfile.widestVoltsPerDivision))
            try settle(settlingMilliseconds)
        }
        var peaks: [(first: Int64?, second: Int64?, one: Int64?, two: Int64?, area: Int64?)] = []
        for number in 0..<max(1, trial.readingsPerLevel) {
            let isFull = number < InstrumentProfile.fullReadings && trial.purpose.needsTimes
            peaks.append(
                (
                    try value(.firstPeak, times: 1e6), try value(.secondPeak, times: 1e6),
                    isFull ? try value(.firstPhase, times: 1e9) : nil,
                    isFull ? try value(.secondPhase, times: 1e9) : nil, isFull ? try value(.area, times: 1e9) : nil
                ))
        }
        var slow: [(period: Int64?, mean: Int64?)] = []
        if trial.purpose.needsTimes || trial.purpose.needsRest {
            // Two periods and a half.
            let period = 1e3 / Double(max(1, trial.frequencyMillihertz))
            try tell(secondsCommand.filled(with: period * 2.5 / Double(divisionsAcross - 1)))
            // A gap of whole periods, or a screen without a second pulse, is looked at again, when other pulses are on
            // it: a computer that was late thins a train here and there, a stimulator that leaves pulses out does so
            // again. Without one whole look the one with the longest gap counts; what came too soon counts at once.
            let looks = trial.purpose.needsTimes ? InstrumentProfile.looksAtGap : 1
            for look in 1...looks {
                try settle(max(settlingMilliseconds, look == 1 ? 0 : Int32(period * 4_000)))
                var seen: [(period: Int64?, mean: Int64?)] = []
                for _ in 0..<min(InstrumentProfile.fullReadings, trial.readingsPerLevel) {
                    seen.append((try value(.period, times: 1e9), try value(.mean, times: 1e6)))
                }
                let periods = seen.compactMap(\.period).map { Double($0) / (period * 1e9) }
                let isWhole = periods.count == seen.count && periods.allSatisfy { $0 < 1.75 }
                if isWhole || periods.contains(where: { $0 < 0.6 }) {
                    slow = seen
                    break
                }
                let longest = slow.compactMap(\.period).max() ?? 0
                if slow.isEmpty || seen.compactMap(\.period).max() ?? 0 > longest { slow = seen }
            }
        }
        return peaks.enumerated().map { number, peak in
            BenchReading(
                source: .instrument, firstPeakMicrovolts: peak.first, secondPeakMicrovolts: peak.second,
                firstPhaseNanoseconds: peak.one, secondPhaseNanoseconds: peak.two,
                periodNanoseconds: number < slow.count ? slow[number].period : nil, areaNanovoltSeconds: peak.area,
                meanMicrovolts: number < slow.count ? slow[number].mean : nil)
        }
    }

    /// 200 V up and down on a screen of eight divisions: more than any of these stimulators has.
    private static let widestVoltsPerDivision = 50.0

    /// Of so many readings of a level everything is asked; of the rest the two peaks alone (proposal).
    public static let fullReadings = 3

    /// How often a train with a gap is looked at before the gap is taken for the stimulator's (proposal).
    private static let looksAtGap = 4

    /// The screen holds what is expected and a third beyond it, up and down.
    private func voltsPerDivision(_ trial: BenchTrial, level index: Int) -> Double {
        let level = index < trial.levelsMicroamperes.count ? trial.levelsMicroamperes[index] : 0
        // Where nothing is expected, a hundredth of an ordinary signal is looked for.
        let microamperes = trial.expectsSilence || level <= 0 ? 50 : Double(level)
        let ohms = trial.terminal.load.map { Double($0.ohms) } ?? (trial.terminal == .open ? 10_000 : 100)
        return max(0.002, microamperes * 1e-6 * ohms * 4 / 3 / (Double(divisionsUp) / 2))
    }
}

extension BenchTrial {
    fileprivate var expectsSilence: Bool { purpose == .crossTalk || purpose.needsRest }
}

extension TrialPurpose {
    /// Whether durations, charge and rate are read, not only the peaks.
    var needsTimes: Bool { self == .asFound || self == .asLeft }
    /// Whether the mean at rest is.
    var needsRest: Bool { self == .zeroOutput || self == .asLeftZero }
}

extension String {
    /// `{}` replaced by a number in plain decimals, as every SCPI instrument takes it.
    fileprivate func filled(with value: Double) -> String {
        guard let place = firstIndex(of: "{"), let end = firstIndex(of: "}") else { return self }
        // Nanounits are finer than any screen.
        let nano = Int64((value * 1e9).rounded())
        let digits = String(nano % 1_000_000_000)
        let fraction = String(repeating: "0", count: 9 - digits.count) + digits
        return String(self[..<place]) + "\(nano / 1_000_000_000).\(fraction)" + String(self[index(after: end)...])
    }
}
