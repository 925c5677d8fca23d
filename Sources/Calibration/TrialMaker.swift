import CareModel
import StimulusModel

/// Makes the trials of a plan, and keeps what it leaves out.
struct TrialMaker {
    let points: BenchPoints
    let outputs: [UInt8]
    /// Ascending.
    let loads: [CalibrationLoad]
    let complianceMillivolts: Int32
    let outputsOfDevice: UInt8
    let limits: BenchLimits
    private(set) var omissions: [PlanOmission] = []

    init(
        points: BenchPoints, outputs: [UInt8], loads: [CalibrationLoad], complianceMillivolts: Int32,
        outputsOfDevice: UInt8, limits: BenchLimits
    ) {
        self.points = points
        self.outputs = outputs
        self.loads = loads
        self.complianceMillivolts = complianceMillivolts
        self.outputsOfDevice = outputsOfDevice
        self.limits = limits
    }

    mutating func noteMissingLoads() {
        for ohms in BenchPoints.loadOhms where !loads.contains(where: { $0.ohms == ohms }) {
            omit(.asFound, .loadNotAtHand, ohms: ohms)
        }
    }

    /// In the order that moves the hands least: open and short, then the loads from the largest to the smallest; the
    /// trials as left begin with the smallest.
    mutating func trials(of output: UInt8, correction: OutputCorrection) -> [BenchTrial] {
        var made = [
            trial(.openCircuit, output, .open, [points.openLevelMicroamperes], limits.otherReadings),
            trial(.shortCircuit, output, .short, [points.levelsMicroamperes[0]], limits.otherReadings),
        ]
        let lowest = points.levelsMicroamperes[0]
        let largest = loads.last { fits(lowest, $0) == nil }
        if let largest {
            made.append(trial(.zeroOutput, output, .load(largest), [0], limits.sweepReadings, correction))
            made += crossTalk(to: output, load: largest)
        }
        let stepped = loads.last { fits(points.highestMicroamperes, $0) == nil } ?? loads[0]
        for load in loads.reversed() {
            let levels = points.levelsMicroamperes.filter { level in
                guard let reason = fits(level, load) else { return true }
                omit(.asFound, reason, ohms: load.ohms, level: level)
                return false
            }
            if !levels.isEmpty {
                made.append(trial(.asFound, output, .load(load), levels, limits.sweepReadings, correction))
            }
            if let level = beyond(load) {
                made.append(trial(.beyondCompliance, output, .load(load), [level], limits.otherReadings))
            }
            if load == stepped { made += everyStep(output, load) }
        }
        return made
    }

    private func trial(
        _ purpose: TrialPurpose, _ output: UInt8, _ terminal: BenchTerminal, _ levels: [Int32], _ readings: Int,
        _ correction: OutputCorrection = .none
    ) -> BenchTrial {
        BenchTrial(
            purpose: purpose, drivenOutput: output, probedOutput: output, terminal: terminal, drivenTerminal: terminal,
            levelsMicroamperes: levels, readingsPerLevel: readings,
            phaseDurationMicroseconds: points.phaseDurationMicroseconds,
            frequencyMillihertz: points.frequencyMillihertz, correction: correction)
    }

    /// Why a level cannot be measured truly at a load; nothing where it can.
    private func fits(_ level: Int32, _ load: CalibrationLoad) -> PlanOmission.Reason? {
        // µA × ohm = µV.
        let microvolts = Int64(level) * Int64(load.ohms)
        guard microvolts <= Int64(complianceMillivolts) * Int64(limits.complianceSharePermille) else {
            return .compliance
        }
        return bears(microvolts, load) ? nil : .ratedPower
    }

    /// V² / R times the share of time in which both phases flow.
    private func bears(_ microvolts: Int64, _ load: CalibrationLoad) -> Bool {
        let volts = Double(microvolts) / 1e6
        let duty =
            2 * Double(points.phaseDurationMicroseconds) / 1e6 * Double(points.frequencyMillihertz) / 1e3
        return volts * volts / Double(load.ohms) * duty <= Double(load.ratedMilliwatts) / 1e3
    }

    /// The lowest level that needs more than the whole compliance: between 80 % of it and all of it nobody promises
    /// anything.
    private mutating func beyond(_ load: CalibrationLoad) -> Int32? {
        let compliance = Int64(complianceMillivolts) * 1_000
        guard let level = points.levelsMicroamperes.first(where: { Int64($0) * Int64(load.ohms) > compliance }) else {
            omit(.beyondCompliance, .complianceNotReached, ohms: load.ohms)
            return nil
        }
        guard bears(compliance, load) else {
            omit(.beyondCompliance, .ratedPower, ohms: load.ohms, level: level)
            return nil
        }
        return level
    }

    private mutating func everyStep(_ output: UInt8, _ load: CalibrationLoad) -> [BenchTrial] {
        var levels: [Int32] = []
        for level in stride(
            from: points.stepMicroamperes, through: points.highestMicroamperes, by: Int(points.stepMicroamperes))
        {
            if let reason = fits(level, load) {
                omit(.monotonicity, reason, ohms: load.ohms, level: level)
            } else {
                levels.append(level)
            }
        }
        // Each trial begins with the last level of the one before, so that no step is between two trials.
        var made: [BenchTrial] = []
        var start = 0
        while start + 1 < levels.count || (start == 0 && !levels.isEmpty) {
            let end = min(start + BenchTrial.mostLevels, levels.count)
            made.append(trial(.monotonicity, output, .load(load), Array(levels[start..<end]), 1))
            start = end - 1
        }
        return made
    }

    /// With one output under calibration its neighbour is driven; with several each pair meets once.
    private mutating func crossTalk(to output: UInt8, load: CalibrationLoad) -> [BenchTrial] {
        let others: [UInt8]
        if outputs.count > 1 {
            others = outputs.filter { $0 > output }
        } else if outputsOfDevice > 1 {
            others = [output < outputsOfDevice ? output + 1 : output - 1]
        } else {
            omit(.crossTalk, .noOtherOutput, ohms: nil)
            others = []
        }
        // A second load lets the driven output deliver; with a single one it is driven open.
        let second = loads.first { $0 != load && fits(points.levelsMicroamperes[0], $0) == nil }
        return others.map { other in
            BenchTrial(
                purpose: .crossTalk, drivenOutput: other, probedOutput: output, terminal: .load(load),
                drivenTerminal: second.map(BenchTerminal.load) ?? .open,
                levelsMicroamperes: [points.levelsMicroamperes[0]], readingsPerLevel: limits.otherReadings,
                phaseDurationMicroseconds: points.phaseDurationMicroseconds,
                frequencyMillihertz: points.frequencyMillihertz, correction: .none)
        }
    }

    private mutating func omit(
        _ purpose: TrialPurpose, _ reason: PlanOmission.Reason, ohms: Int32?, level: Int32? = nil
    ) {
        let omission = PlanOmission(purpose: purpose, reason: reason, loadOhms: ohms, levelMicroamperes: level)
        // The same for every output: said once.
        if !omissions.contains(omission) { omissions.append(omission) }
    }
}
