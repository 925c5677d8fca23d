import Calibration
import CareModel
import Foundation
import StimulusModel

/// Numbers that come again with the same seed (splitmix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform(_ low: Double, _ high: Double) -> Double { Double.random(in: low...high, using: &self) }

    /// Standard normal (Box and Muller).
    mutating func normal() -> Double {
        let radius = (-2 * log(uniform(1e-300, 1))).squareRoot()
        return radius * cos(2 * Double.pi * uniform(0, 1))
    }
}

/// What one output really does.
struct SyntheticOutput {
    var gain = 1.0
    /// Of the second phase alone, on top of `gain`.
    var secondPhaseShare = 1.0
    /// µA.
    var offset = 0.0
    var isDead = false
    var lacksSecondPhase = false
    /// Share of full scale that is missing at full scale, growing with the square.
    var bend = 0.0
    /// Factor at one level only.
    var bump: (level: Double, factor: Double)?
    /// A step that does nothing.
    var stuckAt: Double?
    /// µA that flow at rest.
    var restingCurrent = 0.0
    var phaseNanoseconds = 200_000.0
    var periodShare = 1.0
    /// A level at which a pulse is missing between the two that the instrument shows, µA.
    var dropsPulseAt: Double?
    /// A level at which the instrument finds no second pulse on its screen, µA.
    var losesPeriodAt: Double?
    /// Of another output's signal.
    var crossTalk = 0.0
    var seesOpen = true
    var shortMicrovolts = 500.0
    var compliance = 1.0
    /// What its own samples say over what flows; nothing where it has none.
    var sampleFactor: Double?
    /// Whether they tell what was set instead of what flows.
    var samplesEcho = false
}

/// A device, an instrument and loads, each with errors of its own; nothing of it is shared with what judges it.
struct SyntheticBench {
    let stimulator: StimulatorKind
    var outputs: [UInt8: SyntheticOutput] = [:]
    var swapped: (UInt8, UInt8)?
    var instrumentFactor = 1.0
    var instrumentZeroMicrovolts = 0.0
    /// Standard deviation of one reading as a share of it, and in µV.
    var noiseShare = 0.0002
    var noiseMicrovolts = 20.0
    /// True over attested, by asset number.
    var loadFactors: [String: Double] = [:]
    /// Second instrument whose values are typed; nothing where there is none.
    var typedFactor: Double?
    var numbers: SeededNumbers

    init(_ stimulator: StimulatorKind, seed: UInt64 = 1) {
        self.stimulator = stimulator
        numbers = SeededNumbers(seed: seed)
    }

    private var compliance: Double { stimulator == .p24 ? 150e6 : 100e6 }

    private func physical(_ output: UInt8) -> UInt8 {
        guard let swapped else { return output }
        return output == swapped.0 ? swapped.1 : output == swapped.1 ? swapped.0 : output
    }

    mutating func drive(_ trial: BenchTrial) -> TrialOutcome {
        let driven = physical(trial.drivenOutput)
        let output = outputs[driven] ?? SyntheticOutput()
        let isHere = driven == trial.probedOutput
        let terminal =
            isHere ? trial.terminal : driven == trial.drivenOutput ? trial.drivenTerminal : BenchTerminal.open
        var all: [[BenchReading]] = []
        for level in trial.levelsMicroamperes {
            if let failure = failure(output, terminal, level) { return TrialOutcome(readings: all, failure: failure) }
            var readings: [BenchReading] = []
            for _ in 0..<trial.readingsPerLevel {
                readings.append(read(trial, level, output, isHere: isHere, source: .instrument))
                if typedFactor != nil { readings.append(read(trial, level, output, isHere: isHere, source: .typed)) }
            }
            all.append(readings)
        }
        return TrialOutcome(readings: all)
    }

    private func failure(_ output: SyntheticOutput, _ terminal: BenchTerminal, _ level: Int32) -> TrialFailure? {
        guard stimulator == .p24, output.seesOpen else { return nil }
        switch terminal {
        case .open: return level >= 15_000 ? .electrodeError : nil
        case .short: return nil
        case .load(let load):
            return Double(level) * Double(load.ohms) > compliance * output.compliance ? .lowCurrent : nil
        }
    }

    /// Signed current of a phase, µA.
    private func flowing(_ output: SyntheticOutput, _ trial: BenchTrial, _ level: Int32, second: Bool) -> Double {
        let sign = second ? -1.0 : 1.0
        let gain = Double(trial.correction.gainPartsPerMillion) / 1e6
        let offset = Double(trial.correction.offsetNanoamperes) / 1_000
        var set = (sign * Double(level) - offset) / gain
        if stimulator == .p24 {
            set = sign * (((Double(level) - abs(offset)) / gain + 1e-9) / 500).rounded(.down) * 500
            if trial.correction == .none { set = sign * Double(level) }
            set = sign * min(abs(set), 80_000)
        }
        if output.isDead || (second && output.lacksSecondPhase) { return 0 }
        let step = stimulator == .p24 ? 500.0 : 100.0
        if let stuck = output.stuckAt, abs(set) == stuck { set -= sign * step }
        let full = stimulator == .p24 ? 80_000.0 : 10_000.0
        var current = set * output.gain * (second ? output.secondPhaseShare : 1)
        current -= sign * output.bend * full * (abs(set) / full) * (abs(set) / full)
        if let bump = output.bump, abs(set) == bump.level { current *= bump.factor }
        return level == 0 ? 0 : current + output.offset
    }

    private mutating func read(
        _ trial: BenchTrial, _ level: Int32, _ output: SyntheticOutput, isHere: Bool, source: ReadingSource
    ) -> BenchReading {
        let probed = outputs[trial.probedOutput] ?? SyntheticOutput()
        let shown = isHere ? 1 : probed.crossTalk
        let currents = [false, true].map { flowing(output, trial, level, second: $0) }
        let limit = compliance * (isHere ? output.compliance : 1)
        var volts: [Double] = []
        for current in currents {
            let ideal: Double
            switch trial.terminal {
            case .short: ideal = current == 0 ? 0 : (current > 0 ? 1 : -1) * output.shortMicrovolts
            case .open: ideal = current == 0 ? 0 : (current > 0 ? 1 : -1) * limit
            case .load(let load):
                let ohmic = current * shown * Double(load.ohms) * (loadFactors[load.assetNumber] ?? 1)
                ideal = max(-limit, min(limit, ohmic))
            }
            volts.append(seen(ideal, source))
        }
        let rest = outputs[physical(trial.drivenOutput)]?.restingCurrent ?? 0
        let shift = stimulator == .p24 ? 0 : Double(trial.correction.offsetNanoamperes) / 1_000
        let resting = isHere ? (trial.terminal.load.map { (rest - shift) * Double($0.ohms) } ?? 0) : 0
        if level == 0 { volts = [seen(max(0, resting), source), seen(min(0, resting), source)] }
        let share = output.periodShare * (output.dropsPulseAt == Double(level) ? 2 : 1)
        let area = (volts[0] + volts[1]) * output.phaseNanoseconds / 1e6
        return BenchReading(
            source: source, firstPeakMicrovolts: Int64(volts[0].rounded()),
            secondPeakMicrovolts: Int64(volts[1].rounded()),
            firstPhaseNanoseconds: level == 0 ? nil : Int64(output.phaseNanoseconds),
            secondPhaseNanoseconds: level == 0 ? nil : Int64(output.phaseNanoseconds),
            periodNanoseconds: level == 0 || output.losesPeriodAt == Double(level)
                ? nil : Int64(1e12 / Double(trial.frequencyMillihertz) * share),
            areaNanovoltSeconds: level == 0 ? nil : Int64(area.rounded()),
            meanMicrovolts: level == 0 ? Int64(seen(resting, source).rounded()) : nil,
            deviceMicroamperes: output.sampleFactor.map {
                Int64(($0 * (output.samplesEcho ? Double(level) : currents[0])).rounded())
            })
    }

    private mutating func seen(_ microvolts: Double, _ source: ReadingSource) -> Double {
        let factor = source == .typed ? typedFactor ?? 1 : instrumentFactor
        return microvolts * factor * (1 + noiseShare * numbers.normal()) + instrumentZeroMicrovolts
            + noiseMicrovolts * numbers.normal()
    }
}

/// Orders, loads and a leader that answers at once.
enum Bench {
    static func day(_ text: String) -> CalendarDay { CalendarDay(text: text) ?? .latest }

    static func loads(tolerancePermille: Int32 = 1) -> [CalibrationLoad] {
        [500, 1_000, 2_000, 10_000].map {
            CalibrationLoad(
                assetNumber: "R\($0)", ohms: $0, tolerancePermille: tolerancePermille, ratedMilliwatts: 1_000)
        }
    }

    static func instrument(
        _ source: ReadingSource = .instrument, partsPerMillion: Int32 = 2_000, microvolts: Int32 = 200,
        until: String = "2027-06-30"
    ) -> CalibrationInstrument {
        CalibrationInstrument(
            source: source, model: "Scope 4", serialNumber: "S-\(source.rawValue)", calibratedOn: day("2026-07-01"),
            holdsUntil: day(until), expandedPartsPerMillion: partsPerMillion, expandedMicrovolts: microvolts,
            evidence: source == .typed ? "photo.jpg" : "")
    }

    static func plan(
        _ stimulator: StimulatorKind, outputs: [UInt8] = [1], loads: [CalibrationLoad]? = nil,
        previous: CalibrationDocument? = nil
    ) throws -> BenchPlan {
        try BenchPlan(
            stimulator: stimulator, outputs: outputs, loads: loads ?? Bench.loads(), complianceMillivolts: 100_000,
            previous: previous)
    }

    static func order(
        _ stimulator: StimulatorKind, tolerancePermille: Int32 = 100, instruments: [CalibrationInstrument]? = nil,
        previous: CalibrationDocument? = nil, loadReadings: [LoadReading] = []
    ) throws -> CalibrationOrder {
        try CalibrationOrder(
            device: CalibratedDevice(
                stimulator: stimulator, serialNumber: "P24-0001", firmware: "1.2.3", isolator: nil),
            sequence: (previous?.sequence ?? 0) + 1, measuredOn: day("2026-11-20"), technician: "AB",
            tolerancePermille: tolerancePermille, instruments: instruments ?? [instrument()], previous: previous,
            loadReadings: loadReadings)
    }

    /// To its end.
    static func run(_ procedure: inout CalibrationProcedure, on bench: inout SyntheticBench) {
        while step(&procedure, on: &bench) {}
    }

    /// - Returns: false when it is finished.
    static func step(_ procedure: inout CalibrationProcedure, on bench: inout SyntheticBench) -> Bool {
        switch procedure.next {
        case .finished: return false
        case .connect, .review: procedure.confirm()
        case .drive(let trial): procedure.take(bench.drive(trial))
        }
        return true
    }

    static func calibrate(
        _ bench: SyntheticBench, outputs: [UInt8] = [1], tolerancePermille: Int32 = 100,
        instruments: [CalibrationInstrument]? = nil, previous: CalibrationDocument? = nil,
        loadReadings: [LoadReading] = []
    ) throws -> CalibrationProcedure {
        var bench = bench
        var procedure = CalibrationProcedure(
            order: try order(
                bench.stimulator, tolerancePermille: tolerancePermille, instruments: instruments, previous: previous,
                loadReadings: loadReadings),
            plan: try plan(bench.stimulator, outputs: outputs, previous: previous))
        run(&procedure, on: &bench)
        return procedure
    }
}
