// Prescriptions that the law does not allow, each for one reason: the first of all rules is that such a session never
// begins. Written from `decided.md` and `clinical.md`, not from the host's limits.
internal import SafetyKernel
internal import StimulusModel

enum RefusedPlans {
    private struct Asked {
        var kind = ElectrodeKind.surface
        var stage = CareStage.relieve
        var pattern = Pattern.continuous(milliseconds: 60_000)
        var millihertz: Int32 = 20_000
        var phase: Int32 = 300
        var cap: Int32 = 10_000
        var step: Int32 = 1_000
        var padSquareMillimetres: Int32 = 2_500
        var needle = NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20)
        var earlier: Int32 = 3
        var sinceLast: Int64 = 30 * 86_400_000
        var chargeToday: Int64 = 0
        var treatmentsToday: Int32 = 0
        var offsetNanoamperes: Int32 = 500
        var imbalancePermille: Int32 = 5
        var limits: LimitTable?
        var withheld = GateSet.none

        static var needles: Asked {
            var asked = Asked()
            asked.kind = .needle
            (asked.millihertz, asked.phase, asked.cap, asked.step) = (2_000, 250, 4_000, 100)
            return asked
        }

        func authorize() throws(Refusal) {
            let dose = Dose(
                electrodeKind: kind, muscle: .vmo, stage: stage, pattern: pattern,
                frequency: Frequency(millihertz: millihertz), phaseDuration: PhaseDuration(microseconds: phase),
                interphaseGap: PhaseDuration(microseconds: 0), maximumAmplitude: Current(microamperes: cap),
                amplitudeStep: Current(microamperes: step))
            let contact: ElectrodeContact =
                kind == .needle ? .needle(needle) : .pad(PadArea(squareMillimetres: padSquareMillimetres))
            let device: DeviceCapabilities =
                kind == .needle
                ? .needleRig(
                    residualOffsetNanoamperes: offsetNanoamperes, imbalancePermille: imbalancePermille,
                    tolerancePermille: 20) : .p24LowLevel
            let prescription = Prescription(
                search: nil, treatment: dose, channel: .first, contact: contact, capabilities: device,
                history: TreatmentHistory(
                    earlierTreatments: earlier, millisecondsSinceLast: sinceLast, treatmentsToday: treatmentsToday,
                    chargeToday: Charge(picocoulombs: chargeToday)),
                limits: limits ?? (kind == .needle ? .absoluteNeedle : .absoluteSurface))
            let passed = Clearance.required(for: kind).subtracting(withheld)
            _ = try Authorization.authorize(
                prescription, clearance: try Clearance.grant(passed: passed, for: kind))
        }
    }

    private static func pads(_ change: (inout Asked) -> Void) -> Asked {
        var asked = Asked()
        change(&asked)
        return asked
    }

    private static func needles(_ change: (inout Asked) -> Void) -> Asked {
        var asked = Asked.needles
        change(&asked)
        return asked
    }

    private static let all: [(what: String, asked: Asked)] = [
        ("pads under the needles' table", pads { $0.limits = .absoluteNeedle }),
        ("needles under the pads' table", needles { $0.limits = .absoluteSurface }),
        ("12 µA of direct current", needles { $0.offsetNanoamperes = 12_000 }),
        ("14 µA of imbalance", needles { ($0.imbalancePermille, $0.millihertz, $0.cap) = (900, 10_000, 6_000) }),
        ("no consent", pads { $0.withheld = .consent }),
        ("no patient's stop in hand", needles { $0.withheld = .stopControlInHand }),
        ("needles at 20 Hz without a search", needles { $0.millihertz = 20_000 }),
        ("a first session at another stage than Relieve", pads { ($0.earlier, $0.stage) = (0, .restore) }),
        ("12 h after the last", pads { $0.sinceLast = 12 * 3_600_000 }),
        ("more charge in a day than a muscle may have", pads { $0.chargeToday = 359_999_000_000 }),
        ("a fifth treatment in a day", pads { $0.treatmentsToday = 4 }),
        ("120 Hz", pads { $0.millihertz = 120_000 }),
        ("0.5 Hz", pads { $0.millihertz = 500 }),
        ("phases of 600 µs", pads { $0.phase = 600 }),
        ("phases of 20 µs", pads { $0.phase = 20 }),
        ("90 mA on pads", pads { $0.cap = 90_000 }),
        ("11 mA on needles", needles { $0.cap = 11_000 }),
        ("steps of 2 mA", pads { $0.step = 2_000 }),
        (
            "needles of 0.20 mm",
            needles { $0.needle = NeedleGeometry(diameterMicrometres: 200, insertedMillimetres: 20) }
        ),
        ("a pad of 0.5 cm²", pads { $0.padSquareMillimetres = 50 }),
        ("2 mA r.m.s. for each cm² of a small pad", pads { ($0.padSquareMillimetres, $0.cap) = (150, 60_000) }),
        ("21 minutes on pads", pads { $0.pattern = .continuous(milliseconds: 21 * 60_000) }),
    ]

    /// Of a handful of them, those that were authorized nevertheless.
    static func authorized(_ number: Int) -> [String] {
        (0..<3).map { all[(number + $0 * 7) % all.count] }.compactMap { row in
            do throws(Refusal) {
                try row.asked.authorize()
                return row.what
            } catch {
                return nil
            }
        }
    }
}
