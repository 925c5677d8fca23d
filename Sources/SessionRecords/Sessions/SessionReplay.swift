// A record replayed: the inputs of a session, fed to a new machine, give the same outputs bit for bit. It turns every
// field incident into something that can be looked at again, tick by tick.
internal import CareModel
public import SafetyKernel
public import SessionEngine
public import StimulusModel

public struct SessionReplay: Sendable {
    /// Steps that were replayed.
    public private(set) var steps = 0
    /// Where outputs differ from the record; empty is what is hoped for.
    public private(set) var mismatches: [String] = []
    /// The machine at the end of the record.
    public private(set) var machine: SessionMachine

    /// Replays a journal from the beginning.
    /// - Parameters:
    ///   - journal: the blocks in their order; other kinds than inputs, outputs and events are passed over.
    ///   - plan: the plan that the session ran.
    ///   - lastTick: where to end: the tick of the last block of a session that was cut short.
    public init(_ journal: [WordBlock], plan: AuthorizedPlan, until lastTick: Int64) {
        machine = SessionMachine(plan: plan)
        var inputs: [Int64: StepInputs] = [:]
        var outputs: [Int64: [WordBlock]] = [:]
        for block in journal {
            let tick = JournalEntry.tick(block)
            switch JournalEntry.kind(block) {
            case .inputs:
                // What cannot be read is no quiet tick.
                guard let step = StepInputs(block) else {
                    mismatches.append("tick \(tick): inputs that no version of this program writes")
                    continue
                }
                inputs[tick] = step
            case .outputs, .events: outputs[tick, default: []].append(block)
            default: break
            }
        }
        let late = inputs.filter { $0.value.elapsedTicks > 1 }.map {
            (end: $0.key, ticks: Int64($0.value.elapsedTicks))
        }
        .sorted { $0.end < $1.end }
        var nextLate = 0
        var tick: Int64 = 0
        var condition = StimulatorCondition.absent
        while tick < lastTick {
            // A late step is recorded at the tick at which it ended.
            var next = tick + 1
            while nextLate < late.count, late[nextLate].end < next { nextLate += 1 }
            // However long the computer was halted: the ticks inside are none.
            if inputs[next] == nil, nextLate < late.count, late[nextLate].end <= lastTick,
                late[nextLate].end - late[nextLate].ticks < next
            {
                next = late[nextLate].end
            }
            var step = inputs[next] ?? StepInputs()
            if inputs[next] == nil { step.condition = condition }
            condition = step.condition
            let before = machine.state
            let out = machine.step(step)
            var made: [WordBlock] = []
            if !out.isQuiet(after: before) { made.append(out.block(tick: next)) }
            if let block = out.eventBlock(tick: next, from: 0) { made.append(block) }
            if let block = out.eventBlock(tick: next, from: 6) { made.append(block) }
            if let block = out.eventBlock(tick: next, from: 12) { made.append(block) }
            if let block = out.eventBlock(tick: next, from: 18) { made.append(block) }
            compare(made, outputs[next] ?? [], tick: next)
            steps += 1
            tick = next
        }
    }

    private mutating func compare(_ made: [WordBlock], _ recorded: [WordBlock], tick: Int64) {
        guard made.count == recorded.count else {
            mismatches.append("tick \(tick): \(made.count) blocks, recorded \(recorded.count)")
            return
        }
        for (one, other) in zip(made, recorded) where !(one == other) {
            mismatches.append("tick \(tick): a block differs")
        }
    }
}

extension SessionReplay {
    /// Why a record cannot be replayed.
    public enum Problem: Error, Equatable, Sendable {
        /// No opening that this version understands.
        case unreadableOpening
        /// The kernel of this version refuses what that session ran; its limits have changed since.
        case refused(Refusal)
    }

    /// The plan of a recorded session, authorized again from what its opening says.
    public static func plan(of opening: SessionOpening) throws(Problem) -> AuthorizedPlan {
        let first = try channel(
            opening.dose, opening.searchDose, isSearch: opening.isSearch, number: opening.channel,
            contact: contact(opening.padAreaSquareMillimetres, opening.needle), opening.history)
        var second: ChannelPrescription?
        if let recorded = opening.second {
            second = try channel(
                recorded.dose, recorded.searchDose, isSearch: false, number: recorded.channel,
                contact: contact(recorded.padAreaSquareMillimetres, recorded.needle),
                TreatmentHistory(
                    earlierTreatments: recorded.earlierTreatments,
                    millisecondsSinceLast: recorded.millisecondsSinceLast, treatmentsToday: recorded.treatmentsToday,
                    chargeToday: Charge(picocoulombs: recorded.chargeTodayPicocoulombs),
                    provenTreatments: recorded.provenTreatments))
        }
        guard let arrangement = ChannelArrangement(name: opening.arrangement ?? ChannelArrangement.single.name),
            let kind = (first.treatment ?? first.search)?.electrodeKind
        else { throw .unreadableOpening }
        var gates = GateSet.none
        for name in opening.gates {
            guard let gate = GateSet(name: name) else { throw .unreadableOpening }
            gates = gates.union(gate)
        }
        // Of before a calibration was asked for: the machine ran all the same.
        if opening.calibration == nil { gates = gates.union(.calibrationValid) }
        let prescription = Prescription(
            first: first, second: second, arrangement: arrangement,
            capabilities: opening.needleRig?.capabilities
                ?? .p24LowLevel(tolerancePermille: opening.calibration?.tolerancePermille ?? 0),
            limits: RecordedLimit.table(opening.limits, kind: kind))
        do throws(Refusal) {
            let clearance = try Clearance.grant(passed: gates, for: kind)
            return try Authorization.authorize(prescription, clearance: clearance)
        } catch {
            throw .refused(error)
        }
    }

    private static func contact(_ area: Int32, _ needle: RecordedNeedleGeometry?) -> ElectrodeContact {
        needle.map { .needle($0.geometry) } ?? .pad(PadArea(squareMillimetres: area))
    }

    private static func channel(
        _ main: RecordedDose, _ companion: RecordedDose?, isSearch: Bool, number: UInt8,
        contact: ElectrodeContact, _ history: TreatmentHistory
    ) throws(Problem) -> ChannelPrescription {
        guard let dose = main.dose, let channel = Channel(number: number) else { throw .unreadableOpening }
        var search: Dose?
        if let companion {
            guard let dose = companion.dose else { throw .unreadableOpening }
            search = dose
        }
        return ChannelPrescription(
            search: isSearch ? dose : search, treatment: isSearch ? nil : dose, channel: channel,
            contact: contact, history: history)
    }
}
