public import SafetyKernel
public import StimulusModel

/// What a screen needs to know, in one block, sent a few times a second. Not a record: the newest one counts.
public struct StatusSnapshot: Sendable {
    public var state: SessionState
    public var part: PlanPart
    public var condition: StimulatorCondition
    public var fault: FaultCause
    public var stopCause: StopCause
    public var isTitrating: Bool
    public var isProvenOff: Bool
    public var setAmplitude: Current
    public var lastDelivered: Current
    public var highestDelivered: Current
    /// Titration contraction while titrating, else counted contraction.
    public var contraction: Int32
    public var phaseRemainingMilliseconds: Int32
    public var treatmentMilliseconds: Int32
    public var deliveredPulses: Int32
    public var unsurePulses: Int32
    public var missedTicks: Int32
    public var worstLatenessMicroseconds: Int32
    public var chargedNanocoulombs: Int64

    @_noLocks public init(_ machine: SessionMachine) {
        state = machine.state
        part = machine.part
        condition = .absent
        fault = machine.fault
        stopCause = machine.stopCause
        isTitrating = machine.titrating
        isProvenOff = false
        setAmplitude = Current(microamperes: machine.setMicroamperes)
        lastDelivered = .zero
        highestDelivered = machine.highestDelivered
        contraction = machine.titrating ? machine.titrationContractions : machine.countedContractions
        phaseRemainingMilliseconds = machine.phaseRemaining
        treatmentMilliseconds = Int32(clamping: machine.treatmentMilliseconds)
        deliveredPulses = Int32(clamping: machine.deliveredPulses)
        unsurePulses = Int32(clamping: machine.unknownPulses)
        missedTicks = Int32(clamping: machine.missedTicks)
        worstLatenessMicroseconds = 0
        chargedNanocoulombs = 0
    }
}

extension StatusSnapshot {
    /// Two 32-bit halves a word; the small numbers share the first.
    public var block: WordBlock {
        @_noLocks get {
            var block = WordBlock()
            var packed = Int64(state.code) | Int64(part.code) << 8 | Int64(condition.code) << 16
            packed |= Int64(fault.code) << 24 | Int64(stopCause.code) << 32
            packed |= (isTitrating ? 1 : 0) << 40 | (isProvenOff ? 1 : 0) << 48
            block.words[0] = packed
            block.words[1] = StatusSnapshot.pair(setAmplitude.microamperes, lastDelivered.microamperes)
            block.words[2] = StatusSnapshot.pair(highestDelivered.microamperes, contraction)
            block.words[3] = StatusSnapshot.pair(phaseRemainingMilliseconds, treatmentMilliseconds)
            block.words[4] = StatusSnapshot.pair(deliveredPulses, unsurePulses)
            block.words[5] = StatusSnapshot.pair(missedTicks, worstLatenessMicroseconds)
            block.words[6] = chargedNanocoulombs
            return block
        }
    }

    @_noLocks private static func pair(_ low: Int32, _ high: Int32) -> Int64 {
        Int64(bitPattern: UInt64(UInt32(bitPattern: low)) | UInt64(UInt32(bitPattern: high)) << 32)
    }

    /// Nothing when the block is no snapshot.
    public init?(_ block: WordBlock) {
        let packed = block.words[0]
        func byte(_ index: Int64) -> UInt8 { UInt8(truncatingIfNeeded: packed >> (8 * index)) }
        func low(_ word: Int) -> Int32 { Int32(truncatingIfNeeded: block.words[word]) }
        func high(_ word: Int) -> Int32 { Int32(truncatingIfNeeded: block.words[word] >> 32) }
        guard let state = SessionState(rawValue: byte(0)), let part = PlanPart(rawValue: byte(1)),
            let condition = StimulatorCondition(rawValue: byte(2)), let fault = FaultCause(rawValue: byte(3)),
            let stopCause = StopCause(rawValue: byte(4))
        else { return nil }
        self.state = state
        self.part = part
        self.condition = condition
        self.fault = fault
        self.stopCause = stopCause
        isTitrating = byte(5) == 1
        isProvenOff = byte(6) == 1
        setAmplitude = Current(microamperes: low(1))
        lastDelivered = Current(microamperes: high(1))
        highestDelivered = Current(microamperes: low(2))
        contraction = high(2)
        phaseRemainingMilliseconds = low(3)
        treatmentMilliseconds = high(3)
        deliveredPulses = low(4)
        unsurePulses = high(4)
        missedTicks = low(5)
        worstLatenessMicroseconds = high(5)
        chargedNanocoulombs = block.words[6]
    }
}
