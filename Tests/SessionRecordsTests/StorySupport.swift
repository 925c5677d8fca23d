import Foundation
import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel

/// A store in a new folder of its own; both end with this value.
final class ScratchStore {
    let folder: String
    let store: SessionStore

    init() throws {
        folder = try makeFolder("store")
        store = SessionStore(folder: folder)
        try store.prepare(neededBytes: 1)
    }

    deinit {
        try? setMode(folder, 0o700)
        removeFolder(folder)
    }

    /// A closed session.
    @discardableResult func add(
        _ id: String, person: String = "P-0042", muscle: String = "vmo", side: String = "right",
        stage: String = "relieve", start: Int64 = aNoon, minutes: Int64 = 10, reason: String = "completed",
        fault: UInt8 = 0, charge: Int64 = 13_230_000_000, journal: [WordBlock] = []
    ) throws -> String {
        let opening = anOpening(id: id, person: person, muscle: muscle, side: side, stage: stage, wall: start)
        let end = start + minutes * 60_000_000_000
        var writer = try store.create(opening, at: RecordTime(monotonicNanoseconds: 0, wallNanoseconds: start))
        let time = RecordTime(monotonicNanoseconds: end - start, wallNanoseconds: end)
        for block in journal { try writer.append(journal: block, at: time) }
        var closing = aClosing(reason: reason, wall: end)
        closing.faultCode = fault
        closing.chargePicocoulombs = charge
        try writer.close(closing, at: time)
        return id
    }

    /// A session whose host died after this journal was committed.
    @discardableResult func abandon(
        _ id: String, person: String = "P-0042", side: String = "right", stage: String = "relieve",
        start: Int64 = aNoon, lasting seconds: Int64 = 60, journal: [WordBlock] = []
    ) throws -> String {
        let opening = anOpening(id: id, person: person, side: side, stage: stage, wall: start)
        var writer = try store.create(opening, at: RecordTime(monotonicNanoseconds: 0, wallNanoseconds: start))
        let time = RecordTime(
            monotonicNanoseconds: seconds * 1_000_000_000, wallNanoseconds: start + seconds * 1_000_000_000)
        for block in journal { try writer.append(journal: block, at: time) }
        try writer.commit()
        return id
    }

    func recover(at now: Int64) throws {
        let report = try store.closeInterrupted(
            at: WallTime(nanoseconds: now, utcOffsetSeconds: 0), programVersion: "0")
        guard report.damaged.isEmpty, report.failed.isEmpty, report.running.isEmpty else {
            throw CocoaError(.fileReadCorruptFile)
        }
    }

    func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    func put(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
}

/// Journals made of the machine's own blocks.
enum Journal {
    static func request(
        _ tick: Int64, microamperes: Int32, set: Int32? = nil, part: PlanPart = .treatment,
        state: SessionState = .holding, at place: ChannelPlace = .first
    ) -> WordBlock {
        var outputs = StepOutputs(
            state: state, demand: .energised, setAmplitude: Current(microamperes: set ?? microamperes))
        if place == .second { outputs.secondSetAmplitude = Current(microamperes: set ?? microamperes) }
        outputs.request = PulseRequest(
            place: place, part: part, run: 1, setAmplitude: Current(microamperes: set ?? microamperes),
            amplitude: Current(microamperes: microamperes), isOnPlateau: true, contraction: 1)
        return outputs.block(tick: tick)
    }

    static func outcome(_ tick: Int64, _ delivery: Delivery, microamperes: Int32 = 0, skipped: Bool = false)
        -> WordBlock
    {
        var inputs = StepInputs()
        inputs.delivery = delivery
        inputs.deliveredAmplitude = Current(microamperes: microamperes)
        inputs.pulseSkipped = skipped
        return inputs.block(tick: tick)
    }

    /// What became of a pulse of each channel, in one step.
    static func outcomes(
        _ tick: Int64, _ first: (Delivery, Int32, Bool), _ second: (Delivery, Int32, Bool)
    ) -> WordBlock {
        var inputs = StepInputs()
        (inputs.first.delivery, inputs.first.pulseSkipped) = (first.0, first.2)
        inputs.first.deliveredAmplitude = Current(microamperes: first.1)
        (inputs.second.delivery, inputs.second.pulseSkipped) = (second.0, second.2)
        inputs.second.deliveredAmplitude = Current(microamperes: second.1)
        return inputs.block(tick: tick)
    }

    static func events(_ tick: Int64, _ events: SessionEvent...) -> WordBlock {
        var outputs = StepOutputs(state: .holding, demand: .energised, setAmplitude: .zero)
        for event in events { outputs.events.append(event) }
        return outputs.eventBlock(tick: tick, from: 0) ?? WordBlock()
    }

    static func state(_ tick: Int64, _ state: SessionState) -> WordBlock {
        events(tick, SessionEvent(.stateChanged, value: Int32(state.code)))
    }

    /// One delivered pulse of 8 mA and 300 µs: 2,400,000 pC.
    static func pulse(_ tick: Int64, microamperes: Int32 = 8_000) -> [WordBlock] {
        [request(tick, microamperes: microamperes), outcome(tick + 2, .delivered, microamperes: microamperes)]
    }

    /// A search with both thresholds, a titration contraction, two counted ones, a pause, and a stop.
    static var whole: [WordBlock] {
        var blocks = [
            state(1_000, .armed), state(1_200, .searching), request(1_500, microamperes: 2_000, part: .search),
            outcome(1_503, .delivered, microamperes: 2_000),
            events(1_600, SessionEvent(.thresholdMarked, value: 2_000, detail: 1)),
            request(2_500, microamperes: 4_000, part: .search), outcome(2_503, .delivered, microamperes: 4_000),
            events(2_700, SessionEvent(.thresholdMarked, value: 4_000, detail: 2)), state(3_000, .armed),
        ]
        for (index, start) in [4_000, 12_000, 20_000].enumerated() {
            let isTitration = index == 0
            let number = Int32(isTitration ? 1 : index)
            blocks.append(
                events(
                    Int64(start), SessionEvent(.contractionBegan, value: number, detail: isTitration ? 1 : 0),
                    SessionEvent(.stateChanged, value: Int32(SessionState.rampingUp.code))))
            blocks.append(state(Int64(start) + 1_000, .holding))
            for pulse in 0..<30 { blocks += Journal.pulse(Int64(start + 1_000 + pulse * 100)) }
            blocks.append(state(Int64(start) + 4_000, .rampingDown))
            blocks.append(state(Int64(start) + 5_000, .resting))
        }
        blocks += [
            state(27_000, .paused), events(28_000, SessionEvent(.stopRequested, value: 2)), state(28_001, .stopping),
            state(28_010, .closed),
        ]
        return blocks
    }
}
