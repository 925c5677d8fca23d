internal import SafetyKernel
internal import SessionEngine
internal import SessionRecords
internal import StimulusModel

/// A journal may be rotten or forged: replaying one must end, not trap, and what the machine asks for while it is fed
/// nonsense stays within the plan.
enum JournalProperties {
    /// Further than any input reaches, short enough for a fuzzer.
    private static let lastTick: Int64 = 4_000

    /// First byte: which plan, and whether blocks follow as they are (64 bytes each) or as steps of 12 bytes.
    static func replay(_ bytes: [UInt8]) -> String? {
        var reader = InputReader(bytes)
        let choice = reader.byte()
        guard let plan = plan(choice & 3) else { return "a plan of this target is refused" }
        if choice & 4 == 0 { return steps(&reader, plan) }
        var journal: [WordBlock] = []
        while !reader.isAtEnd, journal.count < 64 {
            if let block = RecordLayout.wordBlock(reader.take(64)) { journal.append(block) }
        }
        let replay = SessionReplay(journal, plan: plan, until: lastTick)
        return replay.steps > lastTick ? "more steps than ticks" : nil
    }

    private static func steps(_ reader: inout InputReader, _ plan: AuthorizedPlan) -> String? {
        var machine = SessionMachine(plan: plan)
        var count = 0
        var isResumed = false
        while !reader.isAtEnd, count < 400 {
            count += 1
            let (step, times) = step(&reader)
            for _ in 0..<times {
                let before = machine.state
                let out = machine.step(step)
                // Paused, only a person's key asks for high voltage again.
                if before == .paused { isResumed = isResumed || step.command == .resume } else { isResumed = false }
                if out.state == .paused, out.demand != .off, !isResumed {
                    return "step \(count): high voltage is asked for in a pause that nobody ended"
                }
                if let broken = judge(out, before: before, plan) { return "step \(count): \(broken)" }
            }
        }
        return nil
    }

    /// Twelve bytes of input are one step, repeated up to 2,040 times.
    private static func step(_ reader: inout InputReader) -> (StepInputs, Int) {
        var step = StepInputs()
        let elapsed = Int32(truncatingIfNeeded: reader.short())
        // Mostly one tick; now and then seconds, and what no clock does.
        step.elapsedTicks = elapsed & 0xC000 == 0xC000 ? Int32.max - (elapsed & 0xFF) : 1 + elapsed & 0xFF
        step.command = OperatorCommand(rawValue: reader.byte() & 15) ?? .none
        let causes = reader.byte()
        step.stop = causes & 0xE0 == 0xE0 ? StopCause(rawValue: causes & 31) ?? .none : .none
        let fault = reader.byte()
        step.hostFault = fault & 0x80 != 0 ? FaultCause(rawValue: fault & 127) ?? .none : .none
        step.condition = StimulatorCondition(rawValue: reader.byte() & 15) ?? .ready
        let link = reader.byte()
        step.linkFault = link & 0x80 != 0 ? FaultCause(rawValue: link & 127) ?? .none : .none
        let flags = reader.byte()
        step.channelStops = flags & 0xC0 == 0xC0 ? flags & 3 : 0
        step.commandIsStale = flags & 4 != 0
        step.commandPlace = flags & 8 != 0 ? .second : .first
        step.first.pulseSkipped = flags & 16 != 0
        step.second.pulseSkipped = flags & 32 != 0
        step.first.delivery = Delivery(rawValue: reader.byte() & 7) ?? .none
        step.second.delivery = Delivery(rawValue: reader.byte() & 7) ?? .none
        step.first.deliveredAmplitude = Current(microamperes: Int32(reader.byte()) * 500)
        step.second.deliveredAmplitude = step.first.deliveredAmplitude
        return (step, 1 + Int(reader.byte()) * 8)
    }

    private static func judge(_ out: StepOutputs, before: SessionState, _ plan: AuthorizedPlan) -> String? {
        if before.isFinal, out.state != before { return "\(before) was left for \(out.state)" }
        if out.state.isFinal || out.state == .stopping || out.state == .paused || out.state == .idle {
            if out.request != nil { return "a pulse is asked for when \(out.state)" }
            if out.demand != .off, out.state != .paused { return "high voltage is asked for when \(out.state)" }
        }
        guard let request = out.request else { return nil }
        guard let dose = plan.channel(at: request.place)?.dose(request.part) else {
            return "a pulse of a part that is not in the plan"
        }
        let amplitude = request.amplitude.microamperes
        let set = request.setAmplitude.microamperes
        guard amplitude > 0, amplitude <= set, set <= dose.ceiling.microamperes else {
            return "\(amplitude) µA, set \(set), ceiling \(dose.ceiling.microamperes)"
        }
        return nil
    }

    private static func plan(_ choice: UInt8) -> AuthorizedPlan? {
        let phase = PhaseDuration(microseconds: 300)
        func dose(_ muscle: TargetMuscle, _ stage: CareStage, _ pattern: Pattern, _ millihertz: Int32) -> Dose {
            Dose(
                electrodeKind: .surface, muscle: muscle, stage: stage, pattern: pattern,
                frequency: Frequency(millihertz: millihertz), phaseDuration: phase,
                interphaseGap: PhaseDuration(microseconds: 100), maximumAmplitude: Current(microamperes: 15_000),
                amplitudeStep: Current(microamperes: stage == .search ? 500 : 1_000))
        }
        func contractions(_ rest: Int32) -> Pattern {
            .contractions(
                ContractionCycle(
                    rampUpMilliseconds: 500, plateauMilliseconds: 1_500, rampDownMilliseconds: 500,
                    restMilliseconds: rest), count: 2)
        }
        func channel(_ muscle: TargetMuscle, _ pattern: Pattern, _ number: UInt8, search: Bool) -> ChannelPrescription {
            ChannelPrescription(
                search: search ? dose(muscle, .search, .continuous(milliseconds: 30_000), 2_000) : nil,
                treatment: dose(muscle, .relieve, pattern, 35_000), channel: Channel(number: number) ?? .first,
                contact: .pad(PadArea(squareMillimetres: 2_500)),
                history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000))
        }
        let first = channel(.vmo, contractions(2_000), 1, search: choice & 1 == 1)
        let second = channel(.gluteusMedius, contractions(2_000), 2, search: false)
        let prescription = Prescription(
            first: first, second: choice & 2 == 2 ? second : nil,
            arrangement: choice & 2 == 2 ? .together : .single, capabilities: .p24LowLevel, limits: .absoluteSurface)
        do throws(Refusal) {
            let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
            return try Authorization.authorize(prescription, clearance: clearance)
        } catch {
            return nil
        }
    }
}
