// The journal's blocks read back. Where a block means something new, this file alone learns it: story, ledger, export,
// pictures and report are all made of what it returns.
public import SafetyKernel
public import SessionEngine
public import StimulusModel

/// A step's outputs as the journal keeps them (`StepOutputs.block`).
public struct RecordedStep: Equatable, Sendable {
    public let tick: Int64
    public let state: SessionState
    public let setMicroamperes: Int32
    /// The pulse that was asked for, if one was.
    public let request: RecordedRequest?

    /// Nothing unless the block holds outputs in numbers that this program writes.
    public init?(_ block: WordBlock) {
        guard JournalEntry.kind(block) == .outputs,
            let state = SessionState(rawValue: UInt8(truncatingIfNeeded: block.words[2]))
        else { return nil }
        tick = JournalEntry.tick(block)
        self.state = state
        setMicroamperes = Int32(truncatingIfNeeded: block.words[3])
        guard (block.words[2] >> 16) & 0xFF == 1 else {
            request = nil
            return
        }
        guard let part = PlanPart(rawValue: UInt8(truncatingIfNeeded: block.words[2] >> 32)) else { return nil }
        request = RecordedRequest(part: part, microamperes: Int32(truncatingIfNeeded: block.words[3] >> 32))
    }

    public static func == (a: RecordedStep, b: RecordedStep) -> Bool {
        a.tick == b.tick && a.state == b.state && a.setMicroamperes == b.setMicroamperes && a.request == b.request
    }
}

/// A pulse that was asked for.
public struct RecordedRequest: Equatable, Sendable {
    public let part: PlanPart
    public let microamperes: Int32

    public static func == (a: RecordedRequest, b: RecordedRequest) -> Bool {
        a.part == b.part && a.microamperes == b.microamperes
    }
}

/// An upper bound of the charge of a session, from its journal: every pulse that was asked for, less those that surely
/// never were given: found the channel busy, refused by the gate, or not executed by the device's own word. It follows
/// the gate's account (`PulseGate.chargedPicocoulombs`) and equals it for a session that was not cut short.
public struct JournalCharge: Equatable, Sendable {
    /// In pC, one phase of each pulse.
    public private(set) var picocoulombs: Int64 = 0
    /// Pulses that were asked for and not surely withheld.
    public private(set) var pulses: Int64 = 0
    private let searchPhaseMicroseconds: Int64
    private let treatmentPhaseMicroseconds: Int64
    private var last: Int64?

    /// - Parameter opening: says how long a phase of each part lasts.
    public init(_ opening: SessionOpening) {
        treatmentPhaseMicroseconds = Int64(opening.dose.phaseDurationMicroseconds)
        searchPhaseMicroseconds = Int64((opening.searchDose ?? opening.dose).phaseDurationMicroseconds)
    }

    public mutating func take(_ block: WordBlock) {
        switch JournalEntry.kind(block) {
        case .outputs:
            guard let request = RecordedStep(block)?.request else { return }
            let phase = request.part == .search ? searchPhaseMicroseconds : treatmentPhaseMicroseconds
            // µA times µs is pC.
            let charge = Int64(max(0, request.microamperes)) * max(0, phase)
            last = charge
            add(charge, pulses: 1)
        case .inputs:
            guard let inputs = StepInputs(block) else { return }
            if inputs.pulseSkipped { takeBack() }
            if inputs.delivery == .notDelivered {
                // Never more than was surely put down for it.
                let phase = min(searchPhaseMicroseconds, treatmentPhaseMicroseconds)
                add(-Int64(max(0, inputs.deliveredAmplitude.microamperes)) * max(0, phase), pulses: -1)
            }
        case .refusal: takeBack()
        default: return
        }
    }

    /// The last pulse that was asked for never left.
    private mutating func takeBack() {
        guard let last else { return }
        add(-last, pulses: -1)
        self.last = nil
    }

    private mutating func add(_ charge: Int64, pulses: Int64) {
        let sum = picocoulombs.addingReportingOverflow(charge)
        picocoulombs = sum.overflow ? Int64.max : max(0, sum.partialValue)
        self.pulses = max(0, self.pulses + pulses)
    }
}
