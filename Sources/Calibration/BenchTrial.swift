public import StimulusModel

/// What a trial is for; its raw value is its word in files.
public enum TrialPurpose: String, Hashable, Sendable, CaseIterable {
    /// Armed, and 0 mA asked for.
    case zeroOutput = "zero_output"
    /// Another output is driven while this one is probed: cross-talk, and that output n is output n.
    case crossTalk = "cross_talk"
    /// The points, with the correction of the calibration before this one, or none.
    case asFound = "as_found"
    /// A current that the compliance cannot drive through this load.
    case beyondCompliance = "beyond_compliance"
    case openCircuit = "open_circuit"
    case shortCircuit = "short_circuit"
    /// Every step of the device's grid.
    case monotonicity
    /// 0 mA again, with the new correction.
    case asLeftZero = "as_left_zero"
    /// The points again, with the new correction.
    case asLeft = "as_left"

    public var text: String {
        switch self {
        case .zeroOutput: "zero output"
        case .crossTalk: "cross-talk"
        case .asFound: "points as found"
        case .beyondCompliance: "beyond the compliance"
        case .openCircuit: "open circuit"
        case .shortCircuit: "short circuit"
        case .monotonicity: "every step"
        case .asLeftZero: "zero output as left"
        case .asLeft: "points as left"
        }
    }
}

/// What is across an output while a trial runs.
public enum BenchTerminal: Hashable, Sendable {
    case load(CalibrationLoad)
    case open
    case short

    public var load: CalibrationLoad? { if case .load(let load) = self { load } else { nil } }

    public var text: String {
        switch self {
        case .load(let load): "load \(load.assetNumber) (\(load.ohms) ohm)"
        case .open: "nothing (open)"
        case .short: "a short circuit"
        }
    }
}

/// One thing to do with the device: at each level, drive and read.
public struct BenchTrial: Hashable, Sendable {
    /// At most (proposal: what one upload of a bench train holds).
    public static let mostLevels = 32

    public let purpose: TrialPurpose
    /// From 1. Another than `probedOutput` only for cross-talk.
    public let drivenOutput: UInt8
    public let probedOutput: UInt8
    /// Across the probed output.
    public let terminal: BenchTerminal
    /// Across the driven output: the same, except for cross-talk.
    public let drivenTerminal: BenchTerminal
    /// Currents that are meant, ascending, 1 to 32 of them.
    public let levelsMicroamperes: [Int32]
    public let readingsPerLevel: Int
    /// Of one phase.
    public let phaseDurationMicroseconds: Int32
    public let frequencyMillihertz: Int32
    /// What the driven output's levels are corrected by before they are commanded.
    public let correction: OutputCorrection

    public init(
        purpose: TrialPurpose, drivenOutput: UInt8, probedOutput: UInt8, terminal: BenchTerminal,
        drivenTerminal: BenchTerminal, levelsMicroamperes: [Int32], readingsPerLevel: Int,
        phaseDurationMicroseconds: Int32, frequencyMillihertz: Int32, correction: OutputCorrection
    ) {
        self.purpose = purpose
        self.drivenOutput = drivenOutput
        self.probedOutput = probedOutput
        self.terminal = terminal
        self.drivenTerminal = drivenTerminal
        self.levelsMicroamperes = levelsMicroamperes
        self.readingsPerLevel = readingsPerLevel
        self.phaseDurationMicroseconds = phaseDurationMicroseconds
        self.frequencyMillihertz = frequencyMillihertz
        self.correction = correction
    }

    /// What the hands have to connect for it.
    public var connection: BenchConnection {
        BenchConnection(
            probedOutput: probedOutput, terminal: terminal, drivenOutput: drivenOutput, drivenTerminal: drivenTerminal)
    }
}

/// What is connected where.
public struct BenchConnection: Hashable, Sendable {
    public let probedOutput: UInt8
    public let terminal: BenchTerminal
    public let drivenOutput: UInt8
    public let drivenTerminal: BenchTerminal

    /// What to tell the hands.
    public var text: String {
        let probe = "output \(probedOutput): connect \(terminal.text), and probe there"
        return drivenOutput == probedOutput
            ? probe : probe + "; output \(drivenOutput), which is driven: connect \(drivenTerminal.text)"
    }
}
