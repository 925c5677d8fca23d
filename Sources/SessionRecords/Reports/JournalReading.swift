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
    /// Of the second channel; 0 in a session of one.
    public let secondSetMicroamperes: Int32
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
        secondSetMicroamperes = Int32(truncatingIfNeeded: block.words[5] >> 32)
        guard (block.words[2] >> 16) & 0xFF == 1 else {
            request = nil
            return
        }
        guard let part = PlanPart(rawValue: UInt8(truncatingIfNeeded: block.words[2] >> 32)),
            let place = ChannelPlace(rawValue: UInt8(truncatingIfNeeded: block.words[2] >> 40))
        else { return nil }
        request = RecordedRequest(
            place: place, part: part, microamperes: Int32(truncatingIfNeeded: block.words[3] >> 32))
    }

    public static func == (a: RecordedStep, b: RecordedStep) -> Bool {
        a.tick == b.tick && a.state == b.state && a.setMicroamperes == b.setMicroamperes
            && a.secondSetMicroamperes == b.secondSetMicroamperes && a.request == b.request
    }

    /// The set amplitude of one channel, µA.
    func setMicroamperes(at place: ChannelPlace) -> Int32 {
        place == .first ? setMicroamperes : secondSetMicroamperes
    }
}

/// A pulse that was asked for.
public struct RecordedRequest: Equatable, Sendable {
    public let place: ChannelPlace
    public let part: PlanPart
    public let microamperes: Int32

    public static func == (a: RecordedRequest, b: RecordedRequest) -> Bool {
        a.place == b.place && a.part == b.part && a.microamperes == b.microamperes
    }
}

/// An upper bound of the charge of a session, from its journal: every pulse that was asked for, less those that surely
/// never were given: found the channel busy, refused by the gate, or not executed by the device's own word. One account
/// a channel: each follows the gate's own (`PulseGate.charged`) and equals it for a session that was not cut short.
public struct JournalCharge: Equatable, Sendable {
    private var first: ChannelCharge
    private var second: ChannelCharge
    /// Where the last pulse was asked for: a refusal follows its request at once and names no channel.
    private var lastPlace = ChannelPlace.first

    /// - Parameter opening: says how long a phase of each part lasts, on each channel.
    public init(_ opening: SessionOpening) {
        first = ChannelCharge(opening.dose, opening.searchDose)
        // Pulses on a channel that the opening does not know count too, with the phase that is known.
        second = opening.second.map { ChannelCharge($0.dose, $0.searchDose) } ?? first
    }

    /// Over both channels, in pC, one phase of each pulse.
    public var picocoulombs: Int64 { Saturating.sum(first.picocoulombs, second.picocoulombs) }
    /// Pulses that were asked for and not surely withheld, over both channels.
    public var pulses: Int64 { first.pulses + second.pulses }
    /// Of one channel, in pC.
    public func picocoulombs(at place: ChannelPlace) -> Int64 {
        place == .first ? first.picocoulombs : second.picocoulombs
    }

    public mutating func take(_ block: WordBlock) {
        switch JournalEntry.kind(block) {
        case .outputs:
            guard let request = RecordedStep(block)?.request else { return }
            lastPlace = request.place
            change(request.place) { $0.ask(request) }
        case .inputs:
            guard let inputs = StepInputs(block) else { return }
            change(.first) { $0.take(inputs.first) }
            change(.second) { $0.take(inputs.second) }
        // A setting that was refused is no pulse that was not given.
        case .refusal: if block.words[4] == 0 { change(lastPlace) { $0.takeBack() } }
        default: return
        }
    }

    private mutating func change(_ place: ChannelPlace, _ how: (inout ChannelCharge) -> Void) {
        if place == .first { how(&first) } else { how(&second) }
    }

    public static func == (a: JournalCharge, b: JournalCharge) -> Bool {
        a.first == b.first && a.second == b.second && a.lastPlace == b.lastPlace
    }
}

/// The account of one channel.
private struct ChannelCharge: Equatable, Sendable {
    private(set) var picocoulombs: Int64 = 0
    private(set) var pulses: Int64 = 0
    private let searchPhaseMicroseconds: Int64
    private let treatmentPhaseMicroseconds: Int64
    private var last: Int64?

    init(_ dose: RecordedDose, _ search: RecordedDose?) {
        treatmentPhaseMicroseconds = max(0, Int64(dose.phaseDurationMicroseconds))
        searchPhaseMicroseconds = max(0, Int64((search ?? dose).phaseDurationMicroseconds))
    }

    mutating func ask(_ request: RecordedRequest) {
        let phase = request.part == .search ? searchPhaseMicroseconds : treatmentPhaseMicroseconds
        // µA times µs is pC.
        let charge = Int64(max(0, request.microamperes)) * phase
        last = charge
        add(charge, pulses: 1)
    }

    mutating func take(_ news: ChannelNews) {
        if news.pulseSkipped { takeBack() }
        guard news.delivery == .notDelivered else { return }
        // Never more than was surely put down for it.
        let phase = min(searchPhaseMicroseconds, treatmentPhaseMicroseconds)
        add(-Int64(max(0, news.deliveredAmplitude.microamperes)) * phase, pulses: -1)
    }

    /// The last pulse that was asked for never left.
    mutating func takeBack() {
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
