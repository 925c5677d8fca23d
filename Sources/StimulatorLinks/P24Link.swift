// The conversation with a P24 in low level: one message is one pulse, so a dead host ends the output within the pulse
// in flight. Pure: bytes in, bytes out, time handed in.
//
// Rules (decided.md, P24): every start first stops whatever a killed host left behind and verifies high voltage off;
// one unacknowledged pulse per channel; no acknowledgement 100 ms after a pulse's end is unknown, counted as delivered,
// and ends the session; nothing that stimulates is ever sent again; a stop waits for nothing and is repeated until
// confirmed.
public import SafetyKernel
import ScienceMode4
public import StimulusModel

/// Not copyable: it is the one holder of what is under way, and too large to be moved about by chance.
public struct P24Link: ~Copyable, Sendable {
    /// What the link is doing. Each question has one answer that moves it on.
    enum Step: UInt8 {
        case waitingForLine, stoppingLowLevel, stoppingMidLevel, checkingOff, askingSerial, askingVersion
        case off, initialising, checkingOn, ready
        /// The line is gone, or the stop was given up.
        case dead

        var code: UInt8 { @_noLocks get { rawValue } }
        @_noLocks static func == (a: Step, b: Step) -> Bool { a.rawValue == b.rawValue }
        @_noLocks static func != (a: Step, b: Step) -> Bool { a.rawValue != b.rawValue }
    }

    var decoder = FrameDecoder()
    let expected: ExpectedStimulator
    let outputs: P24Outputs
    /// Whether the device was told to measure, and took it.
    var measures: Bool
    /// What the device itself measured of the last pulse of each channel; 0 where it measured nothing.
    var sampledPeaks = InlineArray<2, Current>(repeating: .zero)
    /// What was really set for the last pulse of each channel.
    var lastSettings = InlineArray<2, Current>(repeating: .zero)
    var step = Step.waitingForLine
    var now = Instant(nanoseconds: 0)

    /// The question that is open, if any.
    var isAsking = false
    var askedAt = Instant(nanoseconds: 0)
    var askedPacket: UInt8 = 0
    var askedDeadline = Instant(nanoseconds: 0)
    var attempts = 0
    /// Stops that were confirmed and yet left something on, since the stopping began.
    var stopRounds = 0
    /// Packet numbers of questions that were given up, whose late answers are no riddle.
    var abandonedPackets: UInt64 = 0
    var nextPacket: UInt8 = 1
    var lastTraffic = Instant(nanoseconds: 0)

    /// The one pulse of each channel that is under way.
    var pulses: InlineArray<2, PulseUnderWay>
    /// The shortest time from a status question or a pulse's end to its answer.
    var quickestAnswer = TimeSpan(nanoseconds: Int64.max / 2)

    var pendingControl: FrameBytes?
    var hasPendingControl = false
    var pendingControlFlushes = false
    var pendingPulse: FrameBytes?
    var hasPendingPulse = false
    var pendingPlace = ChannelPlace.first

    var isIdentified = false
    /// Acknowledgements that came twice, and were counted and nothing else.
    public internal(set) var repeatedAnswers: Int64 = 0
    var strayBytes = 0
    var rejectedFrames = 0
    var unreadableFrames = 0
    var rejectedSince = Instant(nanoseconds: 0)

    /// Why the conversation failed; latched.
    public internal(set) var fault = FaultCause.none
    /// Whether the device confirmed that high voltage is off, and was told nothing since that may have changed it.
    public internal(set) var isProvenOff = false
    public internal(set) var identity: StimulatorIdentity?

    /// A link that has not seen its line yet.
    @_noLocks public init(expected: ExpectedStimulator, outputs: P24Outputs = .uncorrected) {
        self.expected = expected
        self.outputs = outputs
        measures = outputs.measuresCurrent
        pulses = InlineArray(repeating: PulseUnderWay())
    }

    /// Whether a pulse of any channel has no answer yet.
    var anyPulseIsOut: Bool { @_noLocks get { pulses[0].isOut || pulses[1].isOut } }

    /// How far the conversation has come.
    public var condition: StimulatorCondition {
        @inline(__always) @_noLocks get {
            if fault != .none { return .failed }
            switch step {
            case .waitingForLine, .dead: return .absent
            case .stoppingLowLevel, .stoppingMidLevel, .checkingOff: return isIdentified ? .deenergising : .identifying
            case .askingSerial, .askingVersion: return .identifying
            // Not before the last pulse is accounted for.
            case .off: return anyPulseIsOut ? .deenergising : .off
            case .initialising, .checkingOn: return .energising
            case .ready: return .ready
            }
        }
    }

    /// Whether a pulse handed over now would be sent: high voltage verified, none of this channel unacknowledged, and
    /// none that may have arrived so late that this one would follow too closely.
    @inline(__always) @_noLocks public func isFreeForPulse(on place: ChannelPlace = .first, at now: Instant) -> Bool {
        guard step == .ready, fault == .none, !pulses[place.index].isOut, !hasPendingPulse else { return false }
        return now.since(pulses[place.index].earliestNext).nanoseconds >= 0
    }

    /// Whether nothing more is to come: high voltage verified off, or every way to verify it used up.
    public var isAtRest: Bool {
        @inline(__always) @_noLocks get { step == .dead || step == .waitingForLine || (step == .off && !anyPulseIsOut) }
    }

    // MARK: - From the shell

    /// The line is open: stop, verify, ask who is there.
    @_noLocks public mutating func lineOpened(at now: Instant) {
        guard step == .waitingForLine else { return }
        self.now = now
        lastTraffic = now
        beginStopping()
    }

    /// The line hung up: cable, power or the patient's button. Nothing can be sent any more.
    @_noLocks public mutating func lineGone(at now: Instant) {
        self.now = now
        latch(.unplugged)
        giveUp()
        hasPendingControl = false
        hasPendingPulse = false
    }

    /// The line did not take a whole frame: what the device holds is half a command. The stop is made anew each time,
    /// so that it leaves in the first millisecond in which the line takes it.
    @_noLocks public mutating func lineBlocked(at now: Instant) {
        self.now = now
        guard step != .dead, step != .waitingForLine else { return }
        latch(.lineBlocked)
        beginStopping()
    }

    /// So much time went by since the frames were decided that they may not be written any more (the process was
    /// halted, the computer slept): what waits is dropped, and the stop goes out instead.
    @_noLocks public mutating func decisionExpired(at now: Instant) {
        self.now = now
        guard step != .dead, step != .waitingForLine else { return }
        latch(.late)
        beginStopping()
    }

    /// One byte from the device.
    @_noLocks public mutating func receive(_ byte: UInt8, at now: Instant) {
        self.now = now
        guard step != .dead, step != .waitingForLine else { return }
        strayBytes += 1
        switch decoder.receive(byte) {
        case .none:
            // More than two of the longest frames without a single good one.
            if strayBytes > 2 * FrameBytes.longest { fail(.garbage) }
        case .rejected:
            noteRejected()
        case .frame:
            strayBytes = 0
            lastTraffic = now
            switch Acknowledgement.decode(decoder) {
            case .acknowledgement(let acknowledgement):
                take(acknowledgement, packet: decoder.packetNumber)
            case .unreadable:
                noteUnreadable()
            }
        }
    }

    /// Time passes; the session says anew what it wants of the high voltage.
    @_noLocks public mutating func advance(to now: Instant, energise: Bool) {
        self.now = now
        guard step != .dead, step != .waitingForLine else { return }
        expirePulse(.first)
        expirePulse(.second)
        if isAsking, now.since(askedDeadline).nanoseconds > 0 { timeOut() }
        if energise, fault == .none {
            if step == .off, !anyPulseIsOut { askInitialise() }
            if step == .ready, !isAsking, !anyPulseIsOut,
                now.since(lastTraffic).milliseconds >= P24Timing.idlePollMilliseconds
            {
                // Silence would hide a device that restarted by itself or lost its voltage.
                ask(.getStimStatus, within: P24Timing.answerMilliseconds)
            }
        } else if step == .initialising || step == .checkingOn || step == .ready {
            beginStopping()
        }
    }

    /// Takes a pulse that the gate let through. It is consumed, whatever happens.
    /// - Returns: whether it will be sent; if not, it was not delivered.
    @_noLocks public mutating func deliver(_ pulse: consuming AuthorizedPulse, at now: Instant) -> Bool {
        self.now = now
        let place = pulse.place
        let set = pulse.pulse.corrected(by: outputs.correction(at: place))
        guard isFreeForPulse(on: place, at: now), let configuration = P24Link.configuration(set, on: pulse.channel)
        else {
            return false
        }
        lastSettings[place.index] = set.peakCurrent
        let request = Request.lowLevelChannelConfig(configuration)
        let packet = takePacketNumber()
        // The encoder reads back what it wrote and gives nothing if that is not what was meant.
        guard let bytes = request.encode(packetNumber: packet) else { return false }
        pendingPulse = bytes
        hasPendingPulse = true
        pendingPlace = place
        // The device runs them one after the other: behind the other channel's it waits for that one's end.
        let other = pulses[place == .first ? 1 : 0]
        let queued = other.isOut ? other.duration : .zero
        pulses[place.index].begin(pulse, packet: packet, at: now, queuedBehind: queued)
        return true
    }

    // MARK: - To the shell

    /// Whether a frame waits to be written: asked before `takeFrame`, which moves the room for a whole frame about.
    public var hasFrame: Bool { @inline(__always) @_noLocks get { hasPendingControl || hasPendingPulse } }

    /// The next frame to write, or nothing. A stop goes first, and a pulse that was waiting behind it is never sent.
    @_noLocks public mutating func takeFrame() -> OutboundFrame? {
        if hasPendingControl, let control = pendingControl {
            hasPendingControl = false
            let flushes = pendingControlFlushes
            pendingControlFlushes = false
            return OutboundFrame(control, flushes: flushes)
        }
        if hasPendingPulse, let pulse = pendingPulse {
            hasPendingPulse = false
            return OutboundFrame(pulse, flushes: false)
        }
        return nil
    }

    /// The pulse that waits to be written is dropped; a stop that waits is not.
    @_noLocks public mutating func pulseExpired() {
        guard hasPendingPulse else { return }
        hasPendingPulse = false
        pulses[pendingPlace.index].settle(.notDelivered)
    }

    /// What became of the last pulse of a channel; reported once.
    @_noLocks public mutating func takeOutcome(on place: ChannelPlace = .first) -> PulseOutcome {
        pulses[place.index].takeOutcome()
    }

    /// A complete stop frame for a handler that may do nothing but write.
    @_noLocks public static func lastGaspFrame() -> OutboundFrame? {
        guard let bytes = Request.lowLevelStop.encode(packetNumber: 0) else { return nil }
        return OutboundFrame(bytes, flushes: true)
    }
}

/// How long the link waits. Sources: `sciencemode4.md` 8 (suggested acknowledgement time-outs), `decided.md` (pulse).
enum P24Timing {
    /// Status, serial and version: 100 ms.
    static var answerMilliseconds: Int64 { @_noLocks get { 100 } }
    /// Switching high voltage takes about 40 ms; 500 ms is given.
    static var switchingMilliseconds: Int64 { @_noLocks get { 500 } }
    /// No acknowledgement 100 ms after the pulse's end is unknown.
    static var pulseGraceMilliseconds: Int64 { @_noLocks get { 100 } }
    /// How much later than the pulse's end its acknowledgement may come before the line is taken to have held it back:
    /// a USB frame each way and the device's own time (proposal).
    static var ordinaryDelayMilliseconds: Int64 { @_noLocks get { 4 } }
    /// Up to this a delay that was there from the first answer on is ordinary too: clients saw 5 to 15 ms for a whole
    /// round trip (`sciencemode4.md` 8).
    static var slowestOrdinaryAnswerMilliseconds: Int64 { @_noLocks get { 15 } }
    /// How often an idle, energised device is asked for its state (proposal).
    static var idlePollMilliseconds: Int64 { @_noLocks get { 500 } }
    /// A question that moves nothing may be asked three times, a stop likewise.
    static var attempts: Int { @_noLocks get { 3 } }
}
