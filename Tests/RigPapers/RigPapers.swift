// Keys, policy, signatures and a calibration for a rig that is none, so that tests and demos can begin a session. They
// are believed in the data folder for which they were made, and nowhere else: its policy names their keys.
//
// usage: RigPapers --data DIR --protocols DIR (--p24 SERIAL | --needle USBSERIAL) [--gain 1.0] [--isolator NAME]
import Calibration
import CareModel
import Glibc
import SessionRecords
import StimulusModel

struct Trouble: Error, CustomStringConvertible {
    let description: String
}

@main
struct RigPapers {
    static let usage =
        "usage: RigPapers --data DIR --protocols DIR (--p24 SERIAL | --needle USBSERIAL) [--gain 1.0] [--isolator NAME]"

    static func main() {
        do {
            let papers = try Papers(Array(CommandLine.arguments.dropFirst()))
            try papers.make()
        } catch {
            print("RigPapers: \(error)")
            exit(1)
        }
    }
}

/// What was asked for.
struct Papers {
    var data = ""
    var protocols = ""
    var serial = ""
    var isNeedle = false
    var gainPartsPerMillion: Int32 = 1_000_000
    /// As in the demo's rig file.
    var isolator = "Simulated isolator, DS5 class"

    init(_ words: [String]) throws {
        var rest = words[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Trouble(description: RigPapers.usage) }
            switch name {
            case "--data": data = value
            case "--protocols": protocols = value
            case "--p24", "--needle":
                serial = value
                isNeedle = name == "--needle"
            case "--gain":
                guard let gain = try? DecimalText.parse(value, decimals: 6, highest: 2_000_000) else {
                    throw Trouble(description: "--gain \(value) is no factor")
                }
                gainPartsPerMillion = Int32(clamping: gain)
            case "--isolator": isolator = value
            default: throw Trouble(description: RigPapers.usage)
            }
        }
        guard !data.isEmpty, !protocols.isEmpty, !serial.isEmpty else { throw Trouble(description: RigPapers.usage) }
    }

    func make() throws {
        let now = WallClock.now()
        let today = CalendarDay(now)
        let keys = KeyStore(dataFolder: data)
        let clinic = try keys.create(id: "demo-clinic")
        let technician = try keys.create(id: "demo-technician")
        try writePolicy([(clinic, .clinic), (technician, .technician)], keys, today)
        let signer = try keys.open(clinic.id)
        let shelf = ProtocolShelf(folders: [protocols])
        for content in shelf.protocols {
            try ProtocolSigning.sign(content, by: signer, keyID: clinic.id, on: today, dataFolder: data)
        }
        let store = CalibrationStore(dataFolder: data)
        let document = try document(sequence: try store.nextSequence(of: serial), on: today)
        let path = try store.save(
            document, signedBy: try keys.open(technician.id), keyID: technician.id, at: now)
        print("RigPapers: \(shelf.protocols.count) protocols signed, calibration \(document.id) at \(path)")
    }

    private func writePolicy(_ made: [(StoredKey, KeyRole)], _ keys: KeyStore, _ today: CalendarDay) throws {
        guard let until = CalendarDay(year: today.year + 2, month: today.month, day: 1) else {
            throw Trouble(description: "this computer's clock shows no day of the calendar")
        }
        var file = try PrivateFile(keys.folder.policy, replacing: false)
        try file.append(
            """
            # Made for tests and demos: these keys are believed in this folder only.
            format: motorpoint-policy-1
            second_person:
              needle_sessions: "off"
            calibration:
              tolerance_percent: 20
            keys:

            """)
        for (key, role) in made {
            try file.append(
                keys.policyLines(key, holder: "Demo", role: role, from: today, until: until) + "\n")
        }
        try file.finish()
    }

    // MARK: - A calibration that passed

    private var settings: [Int32] {
        isNeedle ? [300, 500, 1_000, 2_000, 5_000, 10_000] : [5_000, 10_000, 20_000, 40_000, 60_000, 80_000]
    }

    private func document(sequence: Int32, on today: CalendarDay) throws -> CalibrationDocument {
        guard let correction = OutputCorrection(gainPartsPerMillion: gainPartsPerMillion, offsetNanoamperes: 0) else {
            throw Trouble(description: "a gain of \(gainPartsPerMillion) ppm is not corrected")
        }
        return CalibrationDocument(
            device: CalibratedDevice(
                stimulator: isNeedle ? .pulsePal : .p24, serialNumber: serial, firmware: isNeedle ? "21" : "1.2.3",
                isolator: isNeedle ? isolator : nil),
            sequence: sequence, measuredOn: today, validDays: CalibrationDocument.longestValidityDays,
            technician: "DEMO", tolerancePermille: 200,
            instruments: [
                CalibrationInstrument(
                    source: .instrument, model: "Simulated instrument", serialNumber: "SIM-1", calibratedOn: today,
                    holdsUntil: .latest, expandedPartsPerMillion: 5_000, expandedMicrovolts: 500)
            ],
            loads: [CalibrationLoad(assetNumber: "SIM-R1", ohms: 1_000, tolerancePermille: 1, ratedMilliwatts: 5_000)],
            outputs: (1...(isNeedle ? 2 : 8)).map { output(UInt8($0), correction) })
    }

    private func output(_ number: UInt8, _ correction: OutputCorrection) -> OutputCertificate {
        OutputCertificate(
            output: number,
            fit: CalibrationFit(
                correction: correction, expandedGainPartsPerMillion: 6_000, expandedOffsetNanoamperes: 500,
                largestResidualNanoamperes: 100),
            asFound: points { Int64($0) * Int64(correction.gainPartsPerMillion) / 1_000 },
            asLeft: points { Int64($0) * 1_000 },
            figures: [
                CalibrationFigure(
                    kind: .netCharge, value: 5, expanded: 1, lowest: 0, highest: 20, verdict: .pass)
            ] + readBack,
            findings: [], tolerancePermille: 20, imbalancePermille: 5, residualOffsetNanoamperes: 500)
    }

    /// A P24 measures its own current; sessions with this calibration are judged by it.
    private var readBack: [CalibrationFigure] {
        guard !isNeedle else { return [] }
        return [
            CalibrationFigure(
                kind: .readBack, value: 1_000, expanded: 0, lowest: 940, highest: 1_060, verdict: .pass)
        ]
    }

    /// - Parameter mean: of the readings at a setting in µA, in nA.
    private func points(_ mean: (Int32) -> Int64) -> [CalibrationPoint] {
        settings.flatMap { set in
            [false, true].map { isSecond in
                CalibrationPoint(
                    setMicroamperes: set, isSecondPhase: isSecond, loadOhms: 1_000, readings: 5,
                    meanNanoamperes: mean(set), standardDeviationNanoamperes: Int64(set),
                    expandedNanoamperes: Int64(set) * 6, verdict: .pass)
            }
        }
    }
}
