// What one session of the walk is made of, by its seed: rig, plan, what goes wrong, and who sits there.
internal import RigControl
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulatorLinks
internal import StimulusModel
internal import VirtualHost

/// Who sits at the rig.
enum Temper: Int {
    /// Does what a session needs, and answers.
    case sensible = 0
    /// Any key at any time.
    case wild
    /// Begins, and answers nothing any more.
    case absent
    /// Lets time pass as fast as the loop allows: 45 ms a tick, to the limits of time.
    case hurried
    /// Arms, answers, and never begins, at that pace.
    case hesitant
}

/// What the device says of itself that the plan does not expect.
enum Stranger: Int {
    case none = 0
    case serial
    case firmware
    /// Samples that do not agree with what was set.
    case samples
}

struct Script {
    let seed: UInt64
    let isNeedle: Bool
    /// 0 search and treatment, 1 treatment alone, 2 and 3 two channels.
    let form: Int
    let temper: Temper
    let stranger: Stranger
    /// Whether faults of line, device, board and body happen.
    let isHostile: Bool
    /// What the shell itself notices now and then.
    let shellFaults: Bool

    init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix64(seed: seed ^ 0x5741_4C4B)
        isNeedle = random.below(2) == 0
        form = Int(random.below(4))
        let draw = random.below(32)
        temper = draw == 0 ? .hesitant : draw == 1 ? .hurried : draw < 5 ? .absent : draw < 16 ? .wild : .sensible
        stranger = Stranger(rawValue: Int(random.below(24))) ?? .none
        isHostile = random.below(8) != 0 && temper != .hurried && temper != .hesitant
        shellFaults = random.below(4) == 0 && temper != .hurried && temper != .hesitant
    }

    /// A hurried or hesitant one takes its time; the others end sooner.
    var longest: Int64 { temper == .hurried || temper == .hesitant ? 90_000 : temper == .absent ? 30_000 : 12_000 }
}

enum Plans {
    static func plan(_ script: Script) throws -> AuthorizedPlan {
        script.isNeedle ? try needle(script) : try surface(script)
    }

    private static func surface(_ script: Script) throws -> AuthorizedPlan {
        let isLong = script.temper == .hurried
        func dose(_ muscle: TargetMuscle) -> Dose {
            let dose = Doses.relieve(
                count: isLong ? 30 : 2, rampUp: 500, plateau: isLong ? 4_000 : 1_500, rampDown: 500,
                rest: isLong ? 34_000 : 3_000)
            return Dose(
                electrodeKind: .surface, muscle: muscle, stage: .relieve, pattern: dose.pattern,
                frequency: dose.frequency, phaseDuration: dose.phaseDuration, interphaseGap: dose.interphaseGap,
                maximumAmplitude: dose.maximumAmplitude, amplitudeStep: dose.amplitudeStep)
        }
        switch script.form {
        case 0, 1:
            return try Doses.plan(
                search: script.form == 0 || isLong ? Doses.search() : nil, treatment: dose(.vmo), earlierTreatments: 3)
        case 2: return try Doses.pair(dose(.vmo), dose(.gluteusMedius), .together)
        default: return try Doses.pair(dose(.vmo), dose(.gluteusMedius), .alternating)
        }
    }

    private static func needle(_ script: Script) throws -> AuthorizedPlan {
        let isLong = script.temper == .hurried
        let span: Int32 = isLong ? 1_500_000 : 40_000
        switch script.form {
        case 0:
            return try NeedleDoses.plan(
                search: NeedleDoses.search(), treatment: NeedleDoses.dense(milliseconds: isLong ? 1_200_000 : 40_000))
        case 1: return try NeedleDoses.plan(search: nil, treatment: NeedleDoses.treatment(milliseconds: span))
        default:
            let history = TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000)
            func asked(_ muscle: TargetMuscle, _ number: UInt8) -> ChannelPrescription {
                ChannelPrescription(
                    search: nil,
                    treatment: NeedleDoses.dose(
                        muscle: muscle, pattern: .continuous(milliseconds: span), millihertz: 15_000),
                    channel: Channel(number: number) ?? .first, contact: .needle(NeedleDoses.needle), history: history)
            }
            let prescription = Prescription(
                first: asked(.vmo, 1), second: asked(.gluteusMedius, 2), arrangement: .together,
                capabilities: NeedleDoses.capabilities, limits: .absoluteNeedle)
            let clearance = try Clearance.grant(passed: Clearance.required(for: .needle), for: .needle)
            return try Authorization.authorize(prescription, clearance: clearance)
        }
    }

    static func link(_ script: Script) -> LinkPlan {
        let own = script.isNeedle ? NeedleDoses.expected : Doses.expected
        var expected = own
        switch script.stranger {
        case .none, .samples: break
        case .serial: expected.languageMajor = 9
        case .firmware:
            expected = ExpectedStimulator(serial: nil, languageMajor: own.languageMajor)
            _ = expected.accept(FirmwareVersion(major: 99, minor: 0, revision: 0))
        }
        guard !script.isNeedle else {
            return .needleRig(
                expected, first: TriggerChannel(channel: .first, calibration: .nominal),
                second: Channel(number: 2).map { TriggerChannel(channel: $0, calibration: .nominal) })
        }
        let measures = script.stranger == .samples || script.seed % 3 == 0
        return .p24(
            expected,
            outputs: P24Outputs(
                first: .none, second: .none, measuresCurrent: measures,
                readBackTolerancePermille: script.stranger == .samples ? 200 : 0))
    }
}

enum Worlds {
    static func session(_ script: Script) -> Session {
        let start = Instant(nanoseconds: 0)
        if script.isNeedle {
            let rig = VirtualNeedleRigConfiguration(
                device: script.seed % 5 < 2 ? .firmware22 : PulsePalConfiguration(),
                line: script.isHostile && script.seed % 4 == 1 ? .swarm(seed: script.seed) : FaultPlan(),
                seed: script.seed)
            return Session(needles: VirtualNeedleRig(rig, startingAt: start))
        }
        var faults = FaultPlan(seed: script.seed)
        if script.isHostile {
            faults =
                script.seed % 4 == 0
                ? .swarm(seed: script.seed)
                : FaultCatalogue.plan(seed: script.seed, startNanoseconds: 0, spanMilliseconds: 8_000).plan
        }
        var error = OutputError()
        error.readBackThousandths = script.stranger == .samples ? 600 : 0
        let rig = VirtualRigConfiguration(
            person: VirtualPerson(seed: script.seed), faults: faults, seed: script.seed, outputErrors: [1: error])
        return Session(p24: VirtualRig(rig, startingAt: start))
    }

    /// Faults of the needle rig, and its buttons; the P24's stand in its plan.
    static func disturb(_ session: inout Session, _ script: Script, _ random: inout SplitMix64) {
        guard script.isNeedle, script.isHostile else { return }
        let now = session.now
        if random.below(3_000) == 0 {
            let kinds = NeedleFaultKind.allCases
            let fault = NeedleFault(
                kinds[Int(random.below(UInt32(kinds.count)))], channel: UInt8(1 + random.below(2)),
                milliseconds: Int64(1 + random.below(1_500)))
            session.needles?.plan(fault, at: now)
        }
        if random.below(20_000) == 0 { session.needles?.pressEmergencyStop(at: now) }
        if random.below(20_000) == 0 {
            session.needles?.pressPatientButton(at: now, heldFor: TimeSpan(milliseconds: 50))
        }
    }
}
