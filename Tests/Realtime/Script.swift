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
    /// Whether it lasts until a limit of time is reached, or a question is missed.
    let isLong: Bool
    /// Whether faults of line, device, board and body happen.
    let isHostile: Bool
    /// What the shell itself notices now and then.
    let shellFaults: Bool

    /// - Parameter temper: given to the few long sessions at the beginning of a walk; drawn otherwise.
    init(seed: UInt64, temper given: Temper? = nil) {
        self.seed = seed
        var random = SplitMix64(seed: seed ^ 0x5741_4C4B)
        let draw = random.below(32)
        temper = given ?? (draw < 3 ? .absent : draw < 18 ? .wild : .sensible)
        isLong = given != nil
        isNeedle = isLong ? seed % 2 == 0 : random.below(2) == 0
        // A hurried needle is pulsed at 2 Hz: a train whose pulses mostly fall due in missed ticks.
        form = isLong ? (seed % 2 == 0 ? 1 : 0) : Int(random.below(4))
        stranger = isLong ? .none : Stranger(rawValue: Int(random.below(24))) ?? .none
        isHostile = random.below(8) != 0 && !isLong
        shellFaults = random.below(4) == 0 && !isLong
    }

    /// Ticks: a long one reaches the limits of time, the others end sooner.
    var longest: Int64 { isLong ? 90_000 : temper == .absent ? 9_000 : 5_000 }

    /// The long sessions, one of each on either rig.
    static func long(_ index: UInt64) -> Script? {
        let tempers: [Temper] = [.hurried, .hesitant, .absent, .sensible]
        return index < 8 ? Script(seed: index, temper: tempers[Int(index / 2)]) : nil
    }
}

enum Plans {
    static func plan(_ script: Script) throws -> AuthorizedPlan {
        script.isNeedle ? try needle(script) : try surface(script)
    }

    private static func surface(_ script: Script) throws -> AuthorizedPlan {
        let isLong = script.isLong
        func dose(_ muscle: TargetMuscle) -> Dose {
            let dose = Doses.relieve(
                count: isLong ? 30 : 2, rampUp: 500, plateau: isLong ? 4_000 : 1_500, rampDown: 500,
                rest: isLong ? 34_000 : 3_000, maximum: 4_000)
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
        let isLong = script.isLong
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
        case .serial: expected.serial = DeviceSerial()
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
                line: script.isHostile ? needleLine(script) : FaultPlan(),
                seed: script.seed)
            return Session(needles: VirtualNeedleRig(rig, startingAt: start))
        }
        let faults = script.isHostile ? p24Faults(script) : FaultPlan(seed: script.seed)
        var error = OutputError()
        error.readBackThousandths = script.stranger == .samples ? 600 : 0
        let rig = VirtualRigConfiguration(
            person: VirtualPerson(seed: script.seed), faults: faults, seed: script.seed, outputErrors: [1: error])
        return Session(p24: VirtualRig(rig, startingAt: start))
    }

    /// A mixture by chance, or answers in which one byte of three thousand has a bit turned over, or nothing.
    private static func needleLine(_ script: Script) -> FaultPlan {
        if script.seed % 4 == 1 { return .swarm(seed: script.seed) }
        var plan = FaultPlan(seed: script.seed)
        if script.seed % 4 == 3 { plan.deviceToHost.bitFlippedPerMillion = 300 }
        return plan
    }

    /// A mixture by chance, faults of the catalogue, or one command that meets one fault of the device.
    private static func p24Faults(_ script: Script) -> FaultPlan {
        if script.seed % 4 == 0 { return .swarm(seed: script.seed) }
        if script.seed % 4 != 1 {
            return FaultCatalogue.plan(seed: script.seed, startNanoseconds: 0, spanMilliseconds: 4_500).plan
        }
        var plan = FaultPlan(seed: script.seed)
        var random = SplitMix64(seed: script.seed ^ 0x434F_4D4D)
        let results = FaultCatalogue.resultCodes + [30]
        let result = results[Int(random.below(UInt32(results.count)))]
        let faults: [DeviceFault] = [
            .ignored, .acknowledgedWithoutEffect, .effectWithoutAcknowledgement, .result(result),
            .effectWithResult(result), .acknowledgementRepeated,
        ]
        // Init, pulse and stop of the low level, and the question for the status (`sciencemode4.md` 3).
        let numbers: [UInt16] = [0, 2, 4, 62]
        let moment = random.below(2) == 0 ? 0 : random.between(Int64(0), 3_500) * 1_000_000
        // Every pair of command and fault in its turn.
        let turn = Int(script.seed / 4 % 24)
        plan.add(.nextCommand(number: numbers[turn % 4], faults[turn / 4]), atNanoseconds: moment)
        if random.below(3) == 0 { plan.add(.stopIgnored(milliseconds: 4_000, isAcknowledged: true), atNanoseconds: 0) }
        return plan
    }

    /// Faults of the needle rig, and its buttons; the P24's stand in its plan.
    static func disturb(_ session: inout Session, _ script: Script, _ random: inout SplitMix64) {
        guard script.isNeedle, script.isHostile else { return }
        let now = session.now
        let kinds = NeedleFaultKind.allCases
        // One kind in its turn while it delivers, and now and then any.
        if now.nanoseconds == (2_000 + Int64(script.seed % 7) * 300) * 1_000_000 {
            let kind = kinds[Int(script.seed / 2 % UInt64(kinds.count))]
            session.needles?.plan(NeedleFault(kind, channel: 1, milliseconds: 700), at: now)
        }
        if random.below(4_000) == 0 {
            let fault = NeedleFault(
                kinds[Int(random.below(UInt32(kinds.count)))], channel: UInt8(1 + random.below(2)),
                milliseconds: Int64(1 + random.below(1_500)))
            session.needles?.plan(fault, at: now)
        }
        if random.below(9_000) == 0 { session.needles?.pressEmergencyStop(at: now) }
        if random.below(9_000) == 0 {
            session.needles?.pressPatientButton(at: now, heldFor: TimeSpan(milliseconds: 50))
        }
    }
}
