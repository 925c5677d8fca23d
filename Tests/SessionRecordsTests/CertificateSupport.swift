import Calibration
import CareModel
import SessionRecords
import StimulusModel

/// Documents as a technician's bench would leave them, made by hand.
enum Example {
    static let day = CalendarDay(text: "2026-11-20") ?? .latest
    /// 2026-11-26.
    static let written = WallTime(nanoseconds: 1_795_689_300_000_000_000, utcOffsetSeconds: 3_600)
    static let signature = CertificateSignature(
        keyID: "tech-7f3a91", holder: "A. Berger, biomedical engineering", signedOn: "2026-11-20",
        documentSHA256: String(repeating: "0123456789abcdef", count: 4))
    static let loads = [(500, "L-500"), (1_000, "L-1K"), (2_000, "L-2K")].map {
        CalibrationLoad(assetNumber: $0.1, ohms: Int32($0.0), tolerancePermille: 1, ratedMilliwatts: 10_000)
    }

    static func context(
        _ signature: CertificateSignature? = signature, earlier: [CalibrationDocument] = [], sessions: [String]? = nil,
        written: WallTime = written
    ) -> CertificateContext {
        CertificateContext(
            signature: signature, earlier: earlier, toleranceSetBy: "device profile", sessionsSince: sessions,
            written: written, programVersion: "9.9.9")
    }

    /// - Parameters:
    ///   - gain, offset: of the output before it is corrected, in millionths and nA.
    ///   - correction: what was applied, in millionths.
    static func points(_ levels: [Int32], gain: Int64, offset: Int64, applied: Int64 = 1_000_000)
        -> [CalibrationPoint]
    {
        var seed: Int64 = 7
        return levels.flatMap { level in
            loads.flatMap { load in
                [false, true].map { isSecond -> CalibrationPoint in
                    // A scatter of ±0.2 % that is the same on every machine.
                    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
                    let scatter = (seed / 65_536 % 401 - 200) * Int64(level) / 100
                    let set = Int64(level) * 1_000
                    let mean = set * gain / applied + (isSecond ? -offset : offset) + scatter
                    let expanded = set * 6 / 1_000 + 4_000
                    let error = (mean - set).magnitude
                    let tolerance = UInt64(set / 5)
                    let verdict: PointVerdict =
                        error + UInt64(expanded) <= tolerance ? .pass : error <= tolerance ? .guardBand : .fail
                    return CalibrationPoint(
                        setMicroamperes: level, isSecondPhase: isSecond, loadOhms: load.ohms, readings: 10,
                        meanNanoamperes: mean, standardDeviationNanoamperes: set / 1_000, expandedNanoamperes: expanded,
                        verdict: verdict)
                }
            }
        }
    }

    static func figures(_ firstPhase: Int64 = 200_120) -> [CalibrationFigure] {
        func figure(_ kind: FigureKind, _ value: Int64, _ expanded: Int64, _ lowest: Int64, _ highest: Int64)
            -> CalibrationFigure
        {
            let isGood = value - expanded >= lowest && value + expanded <= highest || lowest == 0 && value <= highest
            return CalibrationFigure(
                kind: kind, value: value, expanded: expanded, lowest: lowest, highest: highest,
                verdict: isGood ? .pass : .fail)
        }
        return [
            figure(.firstPhaseDuration, firstPhase, 210, 160_000, 240_000),
            figure(.secondPhaseDuration, 199_480, 205, 160_000, 240_000),
            figure(.frequency, 50_003, 51, 40_000, 60_000), figure(.netCharge, 4, 6, -20, 20),
            figure(.restingCurrent, 310, 1_020, -10_000, 10_000), figure(.zeroOutput, 900, 700, 0, 25_000),
            figure(.crossTalk, 2, 1, 0, 20), figure(.stuckSteps, 0, 0, 0, 0),
            figure(.beyondCompliance, 412, 8, 0, 999), figure(.readBack, 1_004, 51, 800, 1_200),
            figure(.nonLinearity, 3, 2, 0, 20),
        ]
    }

    static let surface: [Int32] = [5_000, 10_000, 20_000, 40_000, 60_000, 80_000]
    static let needle: [Int32] = [300, 500, 1_000, 2_000, 5_000, 10_000]

    /// An output that is corrected by its fit.
    static func good(_ number: UInt8, gain: Int32, offset: Int32 = 12_000, levels: [Int32] = surface)
        -> OutputCertificate
    {
        OutputCertificate(
            output: number,
            fit: CalibrationFit(
                correction: OutputCorrection(gainPartsPerMillion: gain, offsetNanoamperes: offset) ?? .none,
                expandedGainPartsPerMillion: 6_100, expandedOffsetNanoamperes: 9_300,
                largestResidualNanoamperes: 118_200),
            asFound: points(levels, gain: Int64(gain), offset: Int64(offset)),
            asLeft: points(levels, gain: Int64(gain), offset: 0, applied: Int64(gain)), figures: figures(),
            findings: [], tolerancePermille: 11, imbalancePermille: 10, residualOffsetNanoamperes: 1_330)
    }

    /// An output that gives a quarter too much: not corrected, not measured as left.
    static func excessive(_ number: UInt8) -> OutputCertificate {
        OutputCertificate(
            output: number,
            fit: CalibrationFit(
                correction: .none, expandedGainPartsPerMillion: 7_000, expandedOffsetNanoamperes: 9_000,
                largestResidualNanoamperes: 140_000),
            asFound: points(surface, gain: 1_250_000, offset: 20_000), asLeft: [], figures: figures(),
            findings: [
                "output \(number): gain error: gain +25.00 %, more than a correction may mend. Do not use it on a "
                    + "person: send the device to its maker, then calibrate again."
            ], tolerancePermille: 0, imbalancePermille: 0, residualOffsetNanoamperes: 0)
    }

    static func document(
        _ outputs: [OutputCertificate], sequence: Int32 = 4, on day: CalendarDay = day, serial: String = "SIMULATED1",
        technician: String = "AB", validDays: Int32 = 365, kind: StimulatorKind = .p24
    ) -> CalibrationDocument {
        CalibrationDocument(
            device: CalibratedDevice(
                stimulator: kind, serialNumber: serial, firmware: "1.2.3",
                isolator: kind == .p24 ? nil : "Digitimer DS5, serial 4711"), sequence: sequence, measuredOn: day,
            validDays: validDays, technician: technician, tolerancePermille: 200,
            instruments: [
                CalibrationInstrument(
                    source: .instrument, model: "Rigol DS1054Z", serialNumber: "DS1ZA000000001",
                    calibratedOn: CalendarDay(text: "2026-03-02") ?? day,
                    holdsUntil: CalendarDay(text: "2027-03-01") ?? day, expandedPartsPerMillion: 5_000,
                    expandedMicrovolts: 4_000),
                CalibrationInstrument(
                    source: .device, model: "HASOMED P24", serialNumber: serial, calibratedOn: day, holdsUntil: day,
                    expandedPartsPerMillion: 50_000, expandedMicrovolts: 0),
            ], loads: loads, outputs: outputs)
    }

    static let passed = document([good(1, gain: 1_031_000), good(2, gain: 968_500, offset: -21_000)])
    static let failed = document([good(1, gain: 1_031_000), excessive(2)])
    static let onNeedles = document(
        [good(1, gain: 1_012_000, offset: 400, levels: needle), good(2, gain: 995_000, offset: -300, levels: needle)],
        serial: "PP-0007", kind: .pulsePal)

    /// Three years before `passed`, drifting.
    static let earlier: [CalibrationDocument] = [
        ("2023-11-24", 1, 1_012_000, 991_000), ("2024-11-22", 2, 1_019_000, 984_000),
        ("2025-11-21", 3, 1_024_500, 975_500),
    ].map { day, sequence, first, second in
        document(
            [good(1, gain: first), good(2, gain: second, offset: -21_000)], sequence: sequence,
            on: CalendarDay(text: day) ?? Example.day)
    }
}
