/// What was read once of one train: of a single pulse, or as the instrument's own average. Nothing stands where the
/// instrument gave no valid number.
public struct BenchReading: Hashable, Sendable {
    public let source: ReadingSource
    /// V max, signed as read.
    public let firstPeakMicrovolts: Int64?
    /// V min, signed as read: negative where there is a second phase.
    public let secondPeakMicrovolts: Int64?
    public let firstPhaseNanoseconds: Int64?
    public let secondPhaseNanoseconds: Int64?
    /// From one pulse to the next.
    public let periodNanoseconds: Int64?
    /// Signed area of the whole pulse, nV·s: in micro-units 2 % of a needle's phase would be lost.
    public let areaNanovoltSeconds: Int64?
    /// Mean over whole periods.
    public let meanMicrovolts: Int64?
    /// Peak of the first phase as the stimulator itself measured it: a cross-check, never a point's value.
    public let deviceMicroamperes: Int64?

    public init(
        source: ReadingSource, firstPeakMicrovolts: Int64?, secondPeakMicrovolts: Int64?,
        firstPhaseNanoseconds: Int64? = nil, secondPhaseNanoseconds: Int64? = nil, periodNanoseconds: Int64? = nil,
        areaNanovoltSeconds: Int64? = nil, meanMicrovolts: Int64? = nil, deviceMicroamperes: Int64? = nil
    ) {
        self.source = source
        self.firstPeakMicrovolts = firstPeakMicrovolts
        self.secondPeakMicrovolts = secondPeakMicrovolts
        self.firstPhaseNanoseconds = firstPhaseNanoseconds
        self.secondPhaseNanoseconds = secondPhaseNanoseconds
        self.periodNanoseconds = periodNanoseconds
        self.areaNanovoltSeconds = areaNanovoltSeconds
        self.meanMicrovolts = meanMicrovolts
        self.deviceMicroamperes = deviceMicroamperes
    }
}

/// Why a trial ended before its last reading.
public enum TrialFailure: String, Hashable, Sendable, CaseIterable {
    /// The stimulator measured less than it was asked for (P24, error 28).
    case lowCurrent = "low_current"
    /// The stimulator found no electrode (P24, error 10: from 15 mA up).
    case electrodeError = "electrode_error"
    /// Any other error of the stimulator, and it went on answering.
    case deviceError = "device_error"
    /// Somebody stopped, or the link was lost: nothing is known, and the trial is driven again.
    case stopped

    /// Whether it says something of the output.
    public var isResult: Bool { self != .stopped }

    public var text: String {
        switch self {
        case .lowCurrent: "low-current error"
        case .electrodeError: "electrode error"
        case .deviceError: "device error"
        case .stopped: "stopped"
        }
    }
}

/// What came of a trial.
public struct TrialOutcome: Hashable, Sendable {
    /// By level, in the order of the trial's levels; fewer where it failed.
    public let readings: [[BenchReading]]
    public let failure: TrialFailure?

    public init(readings: [[BenchReading]], failure: TrialFailure? = nil) {
        self.readings = readings
        self.failure = failure
    }
}

/// A trial that was driven, and what came of it: an interrupted procedure is resumed from a list of these.
public struct TrialResult: Hashable, Sendable {
    public let trial: BenchTrial
    public let outcome: TrialOutcome

    public init(trial: BenchTrial, outcome: TrialOutcome) {
        self.trial = trial
        self.outcome = outcome
    }
}

/// What the instrument read of a load by itself, as an ohmmeter.
public struct LoadReading: Hashable, Sendable {
    public let assetNumber: String
    public let milliohms: Int64

    public init(assetNumber: String, milliohms: Int64) {
        self.assetNumber = assetNumber
        self.milliohms = milliohms
    }
}
