public import SafetyKernel
public import StimulusModel

/// What a screen needs to know of one channel and of the session around it, in one block, sent a few times a second for
/// each channel. Not a record: the newest one counts.
public struct StatusSnapshot: Sendable {
    public var place: ChannelPlace
    /// 1 or 2.
    public var channelCount: Int
    /// Of the session: while it delivers, that of its most active channel.
    public var state: SessionState
    /// Of this channel.
    public var channelState: ChannelState
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
    /// Through this channel, one phase of each pulse, in nC: an upper bound.
    public var chargedNanocoulombs: Int64
    /// What the stimulator itself measured of the last pulse, to 10 µA; 0 where it measures nothing.
    public var sampledPeak: Current
    /// The lowest marked in this session; 0 for none.
    public var sensoryThreshold: Current
    public var motorThreshold: Current

    @_noLocks public init(_ machine: SessionMachine, at place: ChannelPlace = .first) {
        let channel = machine.channel(place)
        self.place = place
        channelCount = machine.channelCount
        state = machine.state
        channelState = channel.state
        part = channel.part
        condition = .absent
        fault = machine.fault
        stopCause = machine.stopCause
        isTitrating = channel.titrating
        isProvenOff = false
        setAmplitude = Current(microamperes: channel.setMicroamperes)
        lastDelivered = .zero
        highestDelivered = channel.highestDelivered
        contraction = channel.titrating ? channel.titrationContractions : channel.countedContractions
        phaseRemainingMilliseconds = channel.phaseRemaining
        treatmentMilliseconds = Int32(clamping: machine.treatmentMilliseconds)
        deliveredPulses = Int32(clamping: channel.deliveredPulses)
        unsurePulses = Int32(clamping: channel.unknownPulses)
        sensoryThreshold = channel.sensoryThreshold
        motorThreshold = channel.motorThreshold
        missedTicks = Int32(clamping: machine.missedTicks)
        worstLatenessMicroseconds = 0
        chargedNanocoulombs = 0
        sampledPeak = .zero
    }
}

extension StatusSnapshot {
    /// Two 32-bit halves a word; the small numbers share the first.
    public var block: WordBlock {
        @_noLocks get {
            var block = WordBlock()
            var packed = Int64(state.code) | Int64(part.code) << 8 | Int64(condition.code) << 16
            packed |= Int64(fault.code) << 24 | Int64(stopCause.code) << 32
            packed |= (isTitrating ? 1 : 0) << 40 | (isProvenOff ? 1 : 0) << 41
            packed |= Int64(place.code) << 42 | Int64(channelCount) << 44 | Int64(channelState.code) << 48
            block.words[0] = packed
            block.words[1] = JournalEntry.pair(setAmplitude.microamperes, lastDelivered.microamperes)
            block.words[2] = JournalEntry.pair(highestDelivered.microamperes, contraction)
            block.words[3] = JournalEntry.pair(phaseRemainingMilliseconds, treatmentMilliseconds)
            block.words[4] = JournalEntry.pair(deliveredPulses, unsurePulses)
            block.words[5] = JournalEntry.pair(missedTicks, worstLatenessMicroseconds)
            // 48 bits hold 280 C.
            block.words[6] =
                chargedNanocoulombs & 0xFFFF_FFFF_FFFF | Int64(min(0x7FFF, sampledPeak.microamperes / 10)) << 48
            block.words[7] = JournalEntry.pair(sensoryThreshold.microamperes, motorThreshold.microamperes)
            return block
        }
    }

    /// Nothing when the block is no snapshot.
    public init?(_ block: WordBlock) {
        let packed = block.words[0]
        func byte(_ index: Int64) -> UInt8 { UInt8(truncatingIfNeeded: packed >> (8 * index)) }
        func low(_ word: Int) -> Int32 { Int32(truncatingIfNeeded: block.words[word]) }
        func high(_ word: Int) -> Int32 { Int32(truncatingIfNeeded: block.words[word] >> 32) }
        guard let state = SessionState(rawValue: byte(0)), let part = PlanPart(rawValue: byte(1)),
            let condition = StimulatorCondition(rawValue: byte(2)), let fault = FaultCause(rawValue: byte(3)),
            let stopCause = StopCause(rawValue: byte(4)), let channelState = ChannelState(rawValue: byte(6)),
            let place = ChannelPlace(rawValue: byte(5) >> 2 & 3)
        else { return nil }
        self.place = place
        channelCount = Int(byte(5) >> 4)
        self.channelState = channelState
        self.state = state
        self.part = part
        self.condition = condition
        self.fault = fault
        self.stopCause = stopCause
        isTitrating = byte(5) & 1 == 1
        isProvenOff = byte(5) & 2 == 2
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
        chargedNanocoulombs = block.words[6] & 0xFFFF_FFFF_FFFF
        sampledPeak = Current(microamperes: Int32(block.words[6] >> 48) * 10)
        sensoryThreshold = Current(microamperes: low(7))
        motorThreshold = Current(microamperes: high(7))
    }
}
