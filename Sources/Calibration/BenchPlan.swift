public import CareModel
public import StimulusModel

/// Why no plan can be made.
public enum BenchPlanProblem: Error, Hashable, Sendable {
    case noOutputs
    case outputTwice(UInt8)
    /// Beyond `ofDevice`.
    case noSuchOutput(UInt8, ofDevice: UInt8)
    case noLoads
    case loadTwice(ohms: Int32)
    /// No load of a bench: 500, 1,000, 2,000 or 10,000 ohm, 0 to 50 thousandths, some rated power.
    case unfitLoad(CalibrationLoad)
    case noCompliance(millivolts: Int32)
    /// Not one point is left at these loads.
    case nothingToMeasure
    case tolerance(permille: Int32)

    public var text: String {
        switch self {
        case .noOutputs: "no output is to be calibrated: name at least one"
        case .outputTwice(let output): "output \(output) is named twice"
        case .noSuchOutput(let output, let all): "there is no output \(output): the device has 1 to \(all)"
        case .noLoads: "no load is at hand: attest at least one of 500, 1000, 2000, 10000 ohm"
        case .loadTwice(let ohms): "two loads of \(ohms) ohm are named: keep one"
        case .unfitLoad(let load):
            "load \(load.assetNumber) (\(load.ohms) ohm, \(load.tolerancePermille) permille, "
                + "\(load.ratedMilliwatts) mW) is no load of this bench: 500, 1000, 2000 or 10000 ohm, "
                + "0 to 50 permille, rated power above 0"
        case .noCompliance(let millivolts): "a compliance of \(millivolts) mV drives nothing: 1 V to 500 V"
        case .nothingToMeasure: "not one point stays within compliance and rated power at these loads"
        case .tolerance(let permille):
            "a tolerance of \(permille) permille: 1 to \(CalibrationDocument.widestTolerancePermille)"
        }
    }
}

/// What the plan leaves out, and why.
public struct PlanOmission: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Current times load is above 80 % of the compliance.
        case compliance
        /// More power than the load is rated for.
        case ratedPower = "rated_power"
        case loadNotAtHand = "load_not_at_hand"
        /// The load cannot bring the device to the end of its compliance.
        case complianceNotReached = "compliance_not_reached"
        case noOtherOutput = "no_other_output"
    }

    public let purpose: TrialPurpose
    public let reason: Reason
    /// Nothing where it concerns no load.
    public let loadOhms: Int32?
    /// Nothing where it concerns every level.
    public let levelMicroamperes: Int32?

    public init(purpose: TrialPurpose, reason: Reason, loadOhms: Int32?, levelMicroamperes: Int32?) {
        self.purpose = purpose
        self.reason = reason
        self.loadOhms = loadOhms
        self.levelMicroamperes = levelMicroamperes
    }

    public var text: String {
        var place = purpose.text
        if let levelMicroamperes { place += ", \(BenchText.milliamperes(Int64(levelMicroamperes) * 1_000))" }
        if let loadOhms { place += " into \(loadOhms) ohm" }
        let why =
            switch reason {
            case .compliance: "current times load is above 80 % of the compliance"
            case .ratedPower: "more power than the load is rated for"
            case .loadNotAtHand: "no such load is at hand"
            case .complianceNotReached: "no level needs more voltage than the device has"
            case .noOtherOutput: "the device has no other output"
            }
        return "\(place): left out, \(why)"
    }
}

/// What is done with a device, in order. There is no shorter one: it is this or nothing.
public struct BenchPlan: Hashable, Sendable {
    public let stimulator: StimulatorKind
    public let points: BenchPoints
    public let outputs: [UInt8]
    /// By resistance, ascending.
    public let loads: [CalibrationLoad]
    public let complianceMillivolts: Int32
    public let rule: CorrectionRule
    public let limits: BenchLimits
    /// Everything until the fit, output by output; `asLeftTrials` follow each.
    public let trials: [BenchTrial]
    public let omissions: [PlanOmission]

    /// - Parameters:
    ///   - outputs: to calibrate, in any order.
    ///   - loads: at hand.
    ///   - complianceMillivolts: of the isolator behind a needle rig; a P24 has its own 150 V (`sciencemode4.md` 9).
    ///   - outputsOfDevice: where the rig has fewer than usual, such as a single isolator.
    ///   - previous: the calibration that is in force: the device is found with its corrections.
    ///   - rule: how the executor applies a correction.
    public init(
        stimulator: StimulatorKind, outputs: [UInt8], loads: [CalibrationLoad], complianceMillivolts: Int32,
        outputsOfDevice: UInt8? = nil, previous: CalibrationDocument? = nil, rule: CorrectionRule? = nil,
        limits: BenchLimits = .standard
    ) throws(BenchPlanProblem) {
        let points = BenchPoints.points(of: stimulator)
        let compliance = points.complianceMillivolts ?? complianceMillivolts
        let ofDevice = outputsOfDevice ?? points.outputsOfDevice
        try BenchPlan.check(outputs, ofDevice: ofDevice)
        try BenchPlan.check(loads)
        guard compliance >= 1_000, compliance <= 500_000 else { throw .noCompliance(millivolts: compliance) }
        var maker = TrialMaker(
            points: points, outputs: outputs.sorted(), loads: loads.sorted { $0.ohms < $1.ohms },
            complianceMillivolts: compliance, outputsOfDevice: ofDevice, limits: limits)
        maker.noteMissingLoads()
        var trials: [BenchTrial] = []
        for output in maker.outputs {
            let found = previous?.outputs.first { $0.output == output }?.fit.correction
            trials += maker.trials(of: output, correction: found ?? .none)
        }
        guard trials.contains(where: { $0.purpose == .asFound }) else { throw .nothingToMeasure }
        self.stimulator = stimulator
        self.points = points
        self.outputs = maker.outputs
        self.loads = maker.loads
        self.complianceMillivolts = compliance
        self.rule = rule ?? CorrectionRule.rule(of: stimulator)
        self.limits = limits
        self.trials = trials
        omissions = maker.omissions
    }

    private static func check(_ outputs: [UInt8], ofDevice: UInt8) throws(BenchPlanProblem) {
        guard !outputs.isEmpty else { throw .noOutputs }
        var seen: Set<UInt8> = []
        for output in outputs {
            guard output >= 1, output <= ofDevice else { throw .noSuchOutput(output, ofDevice: ofDevice) }
            guard seen.insert(output).inserted else { throw .outputTwice(output) }
        }
    }

    private static func check(_ loads: [CalibrationLoad]) throws(BenchPlanProblem) {
        guard !loads.isEmpty else { throw .noLoads }
        var seen: Set<Int32> = []
        for load in loads {
            guard BenchPoints.loadOhms.contains(load.ohms), (0...50).contains(load.tolerancePermille),
                load.ratedMilliwatts > 0
            else { throw .unfitLoad(load) }
            guard seen.insert(load.ohms).inserted else { throw .loadTwice(ohms: load.ohms) }
        }
    }

    /// Until the fit of an output.
    public func trials(of output: UInt8) -> [BenchTrial] { trials.filter { $0.probedOutput == output } }

    /// The same points again with the new correction, beginning with the load that the hands hold last.
    public func asLeftTrials(of output: UInt8, correction: OutputCorrection) -> [BenchTrial] {
        let mine = trials(of: output)
        let zero = mine.filter { $0.purpose == .zeroOutput }
        let sweeps = Array(mine.filter { $0.purpose == .asFound }.reversed())
        // With a gain below 1 a needle rig's full scale ends below 10 mA.
        let highest = rule == .shifted ? correction.channelCalibration.highestMicroamperes : Int32.max
        var left = sweeps.map { $0.repeated(as: .asLeft, correction: correction, upTo: highest) }
        // The offset at rest changes only where the correction shifts it.
        if rule == .shifted { left += zero.map { $0.repeated(as: .asLeftZero, correction: correction) } }
        return left
    }

    /// Points of the whole procedure, the trials as left included.
    public var pointCount: Int {
        trials.reduce(0) { $0 + $1.levelsMicroamperes.count }
            + outputs.reduce(0) { sum, output in
                sum
                    + asLeftTrials(of: output, correction: .none).reduce(0) { $0 + $1.levelsMicroamperes.count }
            }
    }
}

extension BenchTrial {
    func repeated(
        as purpose: TrialPurpose, correction: OutputCorrection, upTo highest: Int32 = .max
    ) -> BenchTrial {
        BenchTrial(
            purpose: purpose, drivenOutput: drivenOutput, probedOutput: probedOutput, terminal: terminal,
            drivenTerminal: drivenTerminal, levelsMicroamperes: levelsMicroamperes.filter { $0 <= highest },
            readingsPerLevel: readingsPerLevel, phaseDurationMicroseconds: phaseDurationMicroseconds,
            frequencyMillihertz: frequencyMillihertz, correction: correction)
    }
}
