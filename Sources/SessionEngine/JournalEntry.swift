// How a step is written down: what went in, what came out, and its events, each in one block of eight words. A step in
// which nothing happened is not written; replaying fills it in as `StepInputs()` in the condition last recorded.
//
//   word 0   bits 0–7 kind · 8–15 and up: see each kind
//   word 1   tick: milliseconds since the loop began
import SafetyKernel
public import StimulusModel

/// What a block in the record holds. Raw values are stored: never renumber.
public enum JournalKind: UInt8, Sendable {
    /// Inputs of a step that were not quiet.
    case inputs = 1
    /// Outputs of a step that were not quiet.
    case outputs = 2
    /// Up to six events.
    case events = 3
    /// What became of a frame that was handed to the line.
    case act = 4
    /// Timing of the loop over the last second.
    case timing = 5
    /// The gate refused a pulse.
    case refusal = 6
    /// The lines of a needle rig changed: levels read, or an edge released.
    case pins = 7

    public var code: UInt8 { @_noLocks get { rawValue } }
}

public enum JournalEntry {
    /// The kind of a block; nothing when unknown.
    public static func kind(_ block: WordBlock) -> JournalKind? {
        JournalKind(rawValue: UInt8(truncatingIfNeeded: block.words[0]))
    }

    public static func tick(_ block: WordBlock) -> Int64 { block.words[1] }

    /// Two 32-bit halves in a word, the first one low.
    @_noLocks static func pair(_ low: Int32, _ high: Int32) -> Int64 {
        Int64(bitPattern: UInt64(UInt32(bitPattern: low)) | UInt64(UInt32(bitPattern: high)) << 32)
    }

    @_noLocks static func block(_ kind: JournalKind, tick: Int64) -> WordBlock {
        var block = WordBlock()
        block.words[0] = Int64(kind.code)
        block.words[1] = tick
        return block
    }
}

extension JournalEntry {
    /// The lines of a needle rig. word 2: `PinLevels.bits`, or 255 when they could not be read · word 3:
    /// `PinDrive.bits` without the heartbeat · word 4: the monotonic clock in nanoseconds when they were written.
    @_noLocks public static func pins(_ levels: PinLevels?, _ drive: PinDrive, at now: Instant, tick: Int64)
        -> WordBlock
    {
        var block = JournalEntry.block(.pins, tick: tick)
        block.words[2] = Int64(levels?.bits ?? 255)
        block.words[3] = Int64(drive.bits & 0xFE)
        block.words[4] = now.nanoseconds
        return block
    }
}

extension StepInputs {
    /// Whether nothing happened: one tick passed, in the same condition as before.
    @_noLocks public func isQuiet(after condition: StimulatorCondition) -> Bool {
        elapsedTicks == 1 && command == .none && stop == .none && channelStops == 0 && hostFault == .none
            && self.condition == condition && linkFault == .none && first.isQuiet && second.isQuiet
    }

    /// word 2: elapsed ticks · word 3: command, stop, host fault, condition, link fault, delivery, skipped, stale, a
    /// byte each · word 4: delivered amplitude of the first channel and of the second · word 5: delivery and skipped of
    /// the second, place of the command, channel stops, a byte each.
    @_noLocks public func block(tick: Int64) -> WordBlock {
        var block = JournalEntry.block(.inputs, tick: tick)
        block.words[2] = Int64(elapsedTicks)
        var packed = Int64(command.code) | Int64(stop.code) << 8 | Int64(hostFault.code) << 16
        packed |= Int64(condition.code) << 24 | Int64(linkFault.code) << 32 | Int64(delivery.code) << 40
        packed |= (pulseSkipped ? 1 : 0) << 48 | (commandIsStale ? 1 : 0) << 56
        block.words[3] = packed
        block.words[4] = JournalEntry.pair(
            first.deliveredAmplitude.microamperes, second.deliveredAmplitude.microamperes)
        block.words[5] = Int64(second.delivery.code) | (second.pulseSkipped ? 1 : 0) << 8
        block.words[5] |= Int64(commandPlace.code) << 16 | Int64(channelStops) << 24
        return block
    }

    /// Nothing when the block holds a number that no version of this program writes.
    public init?(_ block: WordBlock) {
        guard JournalEntry.kind(block) == .inputs, let ticks = Int32(exactly: block.words[2]),
            block.words[6] == 0, block.words[7] == 0
        else { return nil }
        let packed = block.words[3]
        func byte(_ index: Int64) -> UInt8 { UInt8(truncatingIfNeeded: packed >> (8 * index)) }
        guard let command = OperatorCommand(rawValue: byte(0)), let stop = StopCause(rawValue: byte(1)),
            let hostFault = FaultCause(rawValue: byte(2)), let condition = StimulatorCondition(rawValue: byte(3)),
            let linkFault = FaultCause(rawValue: byte(4)), let delivery = Delivery(rawValue: byte(5)), byte(6) <= 1,
            byte(7) <= 1
        else { return nil }
        let more = block.words[5]
        guard let secondDelivery = Delivery(rawValue: UInt8(truncatingIfNeeded: more)),
            let place = ChannelPlace(rawValue: UInt8(truncatingIfNeeded: more >> 16)), more >> 8 & 0xFF <= 1,
            more >> 24 <= 3, more >= 0
        else { return nil }
        self.init()
        elapsedTicks = ticks
        self.command = command
        self.stop = stop
        self.hostFault = hostFault
        self.condition = condition
        self.linkFault = linkFault
        first.delivery = delivery
        first.deliveredAmplitude = Current(microamperes: Int32(truncatingIfNeeded: block.words[4]))
        first.pulseSkipped = byte(6) == 1
        second.delivery = secondDelivery
        second.deliveredAmplitude = Current(microamperes: Int32(truncatingIfNeeded: block.words[4] >> 32))
        second.pulseSkipped = UInt8(truncatingIfNeeded: more >> 8) == 1
        commandPlace = place
        channelStops = UInt8(truncatingIfNeeded: more >> 24)
        commandIsStale = byte(7) == 1
    }
}

extension StepOutputs {
    /// Whether nothing is asked for and nothing happened.
    @_noLocks public func isQuiet(after before: SessionState) -> Bool {
        state == before && request == nil && events.count == 0
    }

    /// word 2: state, demand, has request, plateau, part, place, a byte each · word 3: set amplitude of the first
    /// channel and pulse amplitude · word 4: run and contraction · word 5: number of events, set
    /// amplitude of the second.
    @_noLocks public func block(tick: Int64) -> WordBlock {
        var block = JournalEntry.block(.outputs, tick: tick)
        var packed = Int64(state.code) | Int64(demand.code) << 8
        block.words[3] = Int64(setAmplitude.microamperes)
        if let request {
            packed |= 1 << 16 | (request.isOnPlateau ? 1 : 0) << 24 | Int64(request.part.code) << 32
            packed |= Int64(request.place.code) << 40
            block.words[3] |= Int64(request.amplitude.microamperes) << 32
            block.words[4] = Int64(request.run) | Int64(request.contraction) << 32
        }
        block.words[2] = packed
        block.words[5] = JournalEntry.pair(Int32(clamping: events.count), secondSetAmplitude.microamperes)
        return block
    }

    /// The events from `first` on, up to six; nothing when there are none.
    @_noLocks public func eventBlock(tick: Int64, from first: Int) -> WordBlock? {
        guard first < events.count else { return nil }
        var block = JournalEntry.block(.events, tick: tick)
        var index = 0
        while index < 6, first + index < events.count {
            block.words[2 + index] = events[first + index].word
            index += 1
        }
        return block
    }
}
