// Calibrations in virtual time: how long they take, and how often the true gain lies within what is stated.
import Calibration
import CareModel
import RigSimulator
import StimulusModel
import VirtualHost

enum CalibrationFigures {
    static let loads = [(500, "LOAD-0500"), (1_000, "LOAD-1000"), (2_000, "LOAD-2000"), (10_000, "LOAD-10K")].map {
        CalibrationLoad(assetNumber: $1, ohms: Int32($0), tolerancePermille: 10, ratedMilliwatts: 2_000)
    }

    /// As `Hardware/instruments/rigol-ds1000z.yaml` has it, without waiting for a real screen.
    static let profile = InstrumentProfile(
        id: "rigol-ds1000z", title: "Rigol DS1000Z series", identity: "RIGOL TECHNOLOGIES,DS1",
        voltsCommand: ":CHANnel1:SCALe {}", secondsCommand: ":TIMebase:MAIN:SCALe {}", divisionsUp: 8,
        divisionsAcross: 12,
        queries: [
            .firstPeak: ":MEASure:ITEM? VMAX,CHANnel1", .secondPeak: ":MEASure:ITEM? VMIN,CHANnel1",
            .firstPhase: ":MEASure:ITEM? PWIDth,CHANnel1", .secondPhase: ":MEASure:ITEM? NWIDth,CHANnel1",
            .period: ":MEASure:ITEM? PERiod,CHANnel1", .area: ":MEASure:ITEM? MARea,CHANnel1",
            .mean: ":MEASure:ITEM? VAVG,CHANnel1",
        ], settlingMilliseconds: 0)

    static func order(_ kind: StimulatorKind, expandedPartsPerMillion: Int32 = 10_000) throws -> CalibrationOrder {
        guard let day = CalendarDay(text: "2026-11-26"), let until = CalendarDay(text: "2027-03-01") else {
            fatalError("no such day")
        }
        let device = CalibratedDevice(
            stimulator: kind, serialNumber: "FIGURES", firmware: "1", isolator: kind == .p24 ? nil : "DS5 class")
        let instrument = CalibrationInstrument(
            source: .instrument, model: "RIGOL TECHNOLOGIES DS1104Z", serialNumber: "DS1ZSIM00001",
            calibratedOn: day, holdsUntil: until, expandedPartsPerMillion: expandedPartsPerMillion,
            expandedMicrovolts: 2_000)
        return try CalibrationOrder(
            device: device, sequence: 1, measuredOn: day, technician: "FIG", tolerancePermille: 200,
            instruments: [instrument])
    }

    static func bench(_ kind: StimulatorKind, errors: [Int: OutputError], seed: UInt64 = 1) -> VirtualBench {
        let instrument = SimulatedInstrument(
            family: .rigolDS1000Z, configuration: InstrumentConfiguration(), seed: seed)
        switch kind {
        case .p24:
            let rig = VirtualRigConfiguration(pads: [], seed: seed, outputErrors: errors)
            return VirtualBench(p24: rig, instrument: instrument, profile: profile)
        case .pulsePal:
            var rig = VirtualNeedleRigConfiguration(seed: seed)
            rig.outputErrors = errors
            return VirtualBench(needles: rig, instrument: instrument, profile: profile)
        }
    }

    static func show(_ seconds: (() throws -> Void) throws -> Int64) throws {
        for (kind, outputs) in [(StimulatorKind.p24, 8), (.pulsePal, 2)] {
            let bench = bench(kind, errors: [:])
            let plan = try BenchPlan(
                stimulator: kind, outputs: (1...UInt8(outputs)).map { $0 }, loads: loads, complianceMillivolts: 120_000)
            let order = try order(kind)
            var document: CalibrationDocument?
            let nanoseconds = try seconds { document = try bench.calibrate(order, plan) }
            guard let document else { continue }
            print(
                "calibration of \(outputs) outputs, \(kind.rawValue): \(plan.pointCount) points, "
                    + "\(bench.milliseconds / 1_000) s of rig in \(nanoseconds / 1_000_000) ms, "
                    + (document.isPassed ? "passed" : "FAILED"))
            for output in document.outputs {
                let fit = output.fit
                print(
                    "  output \(output.output): gain \(fit.correction.gainPartsPerMillion) "
                        + "± \(fit.expandedGainPartsPerMillion) ppm, offset \(fit.correction.offsetNanoamperes) nA, "
                        + "tolerance \(output.tolerancePermille), as left "
                        + "\(output.asLeft.filter { $0.verdict == .pass }.count) of \(output.asLeft.count)")
                for finding in output.findings { print("    \(finding)") }
                for figure in output.figures where figure.verdict != .pass {
                    let value = "\(figure.value) ± \(figure.expanded)"
                    print("    \(figure.kind.rawValue) \(value): \(figure.verdict.rawValue)")
                }
            }
        }
    }

    /// Every fault of an output that the pretend bench has, and what the calibration must say of it.
    static let faults: [(kind: StimulatorKind, error: String, says: String)] = [
        (.p24, "gain=250", "gain"), (.p24, "gain=-300", "gain"), (.pulsePal, "gain=250", "gain"),
        (.p24, "offset=1500", "offset"), (.p24, "bow=60", "non-linearity"),
        (.p24, "second-phase=missing", "second phase"), (.p24, "dead", "dead output"), (.p24, "swap=2", "swapped"),
        (.p24, "sticky=30/3", "step"), (.p24, "read-back=300", "read-back"), (.p24, "point=40/300", "one point"),
        (.pulsePal, "second-phase=missing", "second phase"), (.pulsePal, "dead", "dead output"),
        (.pulsePal, "swap=2", "swapped"),
    ]

    /// - Returns: whether each was found by its name.
    static func findFaults() throws -> Bool {
        var missed = 0
        for fault in faults {
            guard let error = OutputError(text: fault.error == "dead" ? "output=dead" : fault.error) else {
                fatalError("\(fault.error) is no fault of an output")
            }
            let bench = bench(fault.kind, errors: [1: error])
            let plan = try BenchPlan(
                stimulator: fault.kind, outputs: [1], loads: loads, complianceMillivolts: 120_000)
            let document = try bench.calibrate(try order(fault.kind), plan)
            let said = document.outputs.flatMap(\.findings)
            let isFound = !document.isPassed && said.contains { $0.contains(fault.says) }
            if !isFound { missed += 1 }
            let words = said.isEmpty ? "nothing" : said.joined(separator: " | ")
            print("\(isFound ? "found" : "MISSED") \(fault.kind.rawValue) \(fault.error): \(words.prefix(160))")
        }
        let found = faults.count - missed
        // A sound output beside a computer that is late three times: the gaps are looked at again, and it passes.
        let late = bench(.p24, errors: [:])
        late.lateReadings = 3
        let plan = try BenchPlan(stimulator: .p24, outputs: [1], loads: loads, complianceMillivolts: 120_000)
        let sound = try late.calibrate(try order(.p24), plan)
        let isSound = sound.isPassed && late.lateReadings == 0 && late.missedPulses >= 3
        print("\(isSound ? "passed" : "MISSED") p24 sound, computer late: \(late.missedPulses) pulses left out")
        if !isSound { missed += 1 }
        print("calibration faults: \(faults.count) injected, \(found) found by name")
        return missed == 0
    }
}
