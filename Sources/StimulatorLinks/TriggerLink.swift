// The conversation with a needle rig: a Pulse Pal is told a pulse over its serial line, each edge of a GPIO line
// releases one, and an interlock board's relay stands between it and the patient. Pure: bytes and levels in, bytes and
// levels out, time handed in.
//
// Rules (decided.md, Needle rig; pulsepal.md 12): finite trains, one edge one pulse; settings only while the relay is
// open or between pulses, both phases in one command; an abort is told twice and proven by a handshake; after any doubt
// the relay opens, everything is reprogrammed from zero and proven, or the rig is refused. Nothing is ever repeated
// that stimulates.
internal import PulsePal
public import SafetyKernel
public import StimulusModel

/// One output of the Pulse Pal as the rig file has it.
public struct TriggerChannel: Sendable {
    /// The output's number on the case, 1 or 2.
    public let channel: Channel
    public let calibration: ChannelCalibration

    @_noLocks public init(channel: Channel, calibration: ChannelCalibration) {
        self.channel = channel
        self.calibration = calibration
    }
}

/// Not copyable: it is the one holder of what is under way.
public struct TriggerLink: ~Copyable, Sendable {
    /// Where the conversation is. From `abortFirst` to `proveVersion` is one script: stop whatever runs, prove it,
    /// program silence, prove that. It is the beginning of a session and the end of every delivery.
    enum Turn: UInt8 {
        case waitingForLine
        case abortFirst, abortSecond, askVersion
        case endContinuous1, endContinuous2, endContinuous3, endContinuous4
        case programSilence, abortThird, hold1, hold2, hold3, hold4, readSilence, proveVersion
        /// Silent and proven; the relay is open, or closing for the next delivery.
        case silent
        /// The relay is closed by a proven path; edges may follow.
        case ready
        case programming, readingBack, polling
        /// The line is gone, or the stop was given up.
        case dead

        /// The next turn of the script.
        var following: Turn {
            @_noLocks get {
                switch self {
                case .abortFirst: return .abortSecond
                case .abortSecond: return .askVersion
                case .askVersion: return .endContinuous1
                case .endContinuous1: return .endContinuous2
                case .endContinuous2: return .endContinuous3
                case .endContinuous3: return .endContinuous4
                case .endContinuous4: return .programSilence
                case .programSilence: return .abortThird
                case .abortThird: return .hold1
                case .hold1: return .hold2
                case .hold2: return .hold3
                case .hold3: return .hold4
                case .hold4: return .readSilence
                case .readSilence: return .proveVersion
                case .proveVersion: return .silent
                case .waitingForLine, .silent, .ready, .programming, .readingBack, .polling, .dead: return self
                }
            }
        }

        var code: UInt8 { @_noLocks get { rawValue } }
        @_noLocks static func == (a: Turn, b: Turn) -> Bool { a.rawValue == b.rawValue }
        @_noLocks static func != (a: Turn, b: Turn) -> Bool { a.rawValue != b.rawValue }
    }

    /// What one channel is set to.
    struct Setting: Sendable {
        var amplitude = Current.zero
        var phaseMicroseconds: Int32 = 0
        var gapMicroseconds: Int32 = 0

        @_noLocks init() {}

        @_noLocks init(_ pulse: Pulse) {
            amplitude = pulse.firstPhaseCurrent
            phaseMicroseconds = pulse.firstPhaseDuration.microseconds
            gapMicroseconds = pulse.interphaseGap.microseconds
        }

        @_noLocks static func == (a: Setting, b: Setting) -> Bool {
            a.amplitude == b.amplitude && a.phaseMicroseconds == b.phaseMicroseconds
                && a.gapMicroseconds == b.gapMicroseconds
        }

        @_noLocks static func != (a: Setting, b: Setting) -> Bool { !(a == b) }
    }

    let expected: ExpectedStimulator
    let channels: InlineArray<2, TriggerChannel?>
    var turn = Turn.waitingForLine
    var now = Instant(nanoseconds: 0)

    // The serial line.
    var reply = PulsePalReplyReader(awaiting: .none)
    var awaits = PulsePalReplyKind.none
    var deadline = Instant(nanoseconds: 0)
    /// A pause of the script ends here.
    var pauseUntil = Instant(nanoseconds: 0)
    var isPausing = false
    var attempts = 0
    /// A reply was awaited when the stop began, and may still come.
    var awaitedAtStop = false
    /// The next abort follows enough harmless bytes to end any half command.
    var fillsUp = false
    var lastTraffic = Instant(nanoseconds: 0)
    var pending: PulsePalBytes?
    var hasPending = false
    var firmware = PulsePalFirmware.version21
    var isIdentified = false

    // What the device was told, and what it confirmed.
    var wanted: InlineArray<2, Setting>
    var told: InlineArray<2, Setting>
    var confirmed: InlineArray<2, Setting>
    var lastProgram = PulsePalProgram.silent

    // The board.
    var relay = RelayControl()
    var levels = PinLevels()
    var pinsAreLost = false
    var edges: InlineArray<2, EdgeUnderWay>
    /// Bit 0 the first channel's, bit 1 the second's: edges that the next pins carry.
    var pendingEdges: UInt8 = 0
    /// Likewise: trigger lines that the last pins left high.
    var highTriggers: UInt8 = 0
    var heartbeat = false

    /// Why the conversation failed; latched.
    public internal(set) var fault = FaultCause.none
    public internal(set) var identity: StimulatorIdentity?

    /// A link that has not seen its line yet.
    /// - Parameters:
    ///   - first: the output of the first muscle, triggered by the first trigger line on input 1.
    ///   - second: likewise on input 2, for a rig of two pairs.
    @_noLocks public init(expected: ExpectedStimulator, first: TriggerChannel, second: TriggerChannel?) {
        self.expected = expected
        channels = [first, second]
        wanted = InlineArray(repeating: Setting())
        told = InlineArray(repeating: Setting())
        confirmed = InlineArray(repeating: Setting())
        edges = InlineArray(repeating: EdgeUnderWay())
    }

    var anyEdgeIsOut: Bool { @_noLocks get { edges[0].isOut || edges[1].isOut } }

    /// Whether the script that stops and proves is under way.
    var isStopping: Bool {
        @_noLocks get { turn.code >= Turn.abortFirst.code && turn.code <= Turn.proveVersion.code }
    }

    var isEnergised: Bool {
        @_noLocks get { turn.code >= Turn.ready.code && turn.code <= Turn.polling.code }
    }

    /// How far the conversation has come.
    public var condition: StimulatorCondition {
        @inline(__always) @_noLocks get {
            if fault != .none { return .failed }
            switch turn {
            case .waitingForLine, .dead: return .absent
            case .silent:
                if relay.phase == .open, relay.isProvenOpen { return anyEdgeIsOut ? .deenergising : .off }
                return relay.phase == .opening || relay.phase == .open ? .deenergising : .energising
            case .ready, .programming, .readingBack, .polling: return .ready
            default: return isIdentified ? .deenergising : .identifying
            }
        }
    }

    /// Whether the relay is asked to be open and read back so: no current can reach the patient.
    /// Not after the read-back itself came into doubt: a broken wire of it may read "open".
    public var isProvenOff: Bool {
        @inline(__always) @_noLocks get {
            guard !pinsAreLost, turn != .waitingForLine else { return false }
            return relay.isProvenOpen && fault != .relayOpened && fault != .relayWouldNotClose
        }
    }

    /// Whether nothing more is to come.
    public var isAtRest: Bool {
        @inline(__always) @_noLocks get {
            guard relay.isSettled || pinsAreLost else { return false }
            return turn == .dead || turn == .waitingForLine || (turn == .silent && !anyEdgeIsOut)
        }
    }

    /// Whether a pulse of this amplitude, handed over now, would be released: the relay proven closed, the device set
    /// to just that and confirmed, no edge of this channel unaccounted for.
    @inline(__always) @_noLocks public func isFreeForPulse(
        on place: ChannelPlace = .first, amplitude: Current, at now: Instant
    ) -> Bool {
        let index = place.index
        // Never while an answer is awaited: a command that reaches a firmware 21 in mid-pulse lengthens that pulse, and
        // one cut short there would hold its current until the relay opens (`pulsepal.md` 7). And a line that a late
        // wake-up left high cannot rise.
        guard fault == .none, turn == .ready, relay.isClosed, levels.relayIsClosed, !edges[index].isOut,
            pendingEdges == 0, highTriggers & (index == 0 ? 1 : 2) == 0
        else { return false }
        // The sign of the pulse before must be gone, or it would stand for the next one; and a line that was silent for
        // long is asked first whether anybody is there.
        guard !levels.pulseIsSeen(on: place),
            now.since(lastTraffic).milliseconds <= 4 * TriggerTiming.idlePollMilliseconds
        else { return false }
        // Also the other channel's edges keep away from a setting that waits.
        guard confirmed[0] == wanted[0], confirmed[1] == wanted[1] else { return false }
        return amplitude.microamperes > 0 && confirmed[index].amplitude == amplitude
    }

    /// Whether a channel is set, or being set, to this amplitude.
    @inline(__always) @_noLocks public func isSet(_ place: ChannelPlace, to amplitude: Current) -> Bool {
        wanted[place.index].amplitude == amplitude
    }

    // MARK: - From the shell

    /// The line is open: stop, prove silence, ask who is there.
    @_noLocks public mutating func lineOpened(at now: Instant) {
        guard turn == .waitingForLine else { return }
        self.now = now
        attempts = 0
        begin(.abortFirst)
    }

    /// The line hung up. Nothing can be sent any more; the relay is opened.
    @_noLocks public mutating func lineGone(at now: Instant) {
        self.now = now
        latch(.unplugged)
        giveUp()
    }

    /// The line did not take a whole command: what the device holds is half of one, and it may stand still with its
    /// output as it is (`pulsepal.md` 7). Only the relay helps.
    @_noLocks public mutating func lineBlocked(at now: Instant) {
        self.now = now
        guard turn != .dead, turn != .waitingForLine else { return }
        if fault == .none { fail(.lineBlocked) } else { begin(.abortFirst) }
    }

    /// So much time went by since the step that its pins and bytes may not leave any more.
    @_noLocks public mutating func decisionExpired(at now: Instant) {
        self.now = now
        guard turn != .dead, turn != .waitingForLine else { return }
        fail(.late)
    }

    /// The levels of the board's lines in this tick; nothing when they cannot be read.
    @_noLocks public mutating func takeLevels(_ levels: PinLevels?, missedTicks: Bool) {
        if missedTicks {
            edges[0].noteLateness()
            edges[1].noteLateness()
        }
        guard let levels else {
            guard turn != .waitingForLine, !pinsAreLost else { return }
            pinsAreLost = true
            return fail(.pinsLost)
        }
        self.levels = levels
    }

    /// Time passes; the session says anew what it wants of the output.
    @_noLocks public mutating func advance(to now: Instant, energise: Bool) {
        self.now = now
        guard turn != .waitingForLine else { return }
        watchPulse(.first)
        watchPulse(.second)
        let wantsRelay = energise && fault == .none && (turn == .silent || isEnergised)
        relay.advance(to: now, isReadClosed: levels.relayIsClosed, isWanted: wantsRelay)
        if relay.fault != .none, fault == .none { fail(relay.fault) }
        guard turn != .dead else { return }
        if awaits != .none, now.since(deadline).nanoseconds > 0 { timeOut() }
        if isPausing, now.since(pauseUntil).nanoseconds >= 0 {
            isPausing = false
            moveOn()
        }
        guard fault == .none else { return }
        if energise {
            if turn == .silent, relay.isClosed { turn = .ready }
            if turn == .ready { setOrPoll() }
        } else if isEnergised {
            beginStopping()
        }
    }

    /// The pins left so late that what they were to release belongs to a moment that is over: it is not released.
    @_noLocks public mutating func edgesExpired() { dropPendingEdges() }

    /// When the pins with an edge in them were really written: what follows keeps its distance from that moment.
    @_noLocks public mutating func edgesReleased(at moment: Instant) {
        if highTriggers & 1 != 0 { edges[0].noteRelease(at: moment) }
        if highTriggers & 2 != 0 { edges[1].noteRelease(at: moment) }
    }

    /// The step is complete: the only place where the heartbeat moves.
    /// - Parameter isEnding: the session is on its way out: where enable alone does not open the relay, the heartbeat
    ///   is stopped as well.
    /// - Returns: what the pins are to be set to; edges are in it once.
    @_noLocks public mutating func completeStep(isEnding: Bool = false) -> BoardPins {
        if relay.heartbeatRuns, fault == .none, !pinsAreLost, !(isEnding && relay.needsBothPaths) {
            heartbeat.toggle()
            relay.noteHeartbeat()
        }
        var drive = PinDrive()
        drive.heartbeat = heartbeat
        drive.enable = relay.enable && fault == .none
        if drive.enable {
            drive.firstTrigger = pendingEdges & 1 != 0
            drive.secondTrigger = pendingEdges & 2 != 0
        }
        highTriggers = drive.enable ? pendingEdges : 0
        pendingEdges = 0
        return BoardPins(drive)
    }

    /// Takes a pulse that the gate let through. It is consumed, whatever happens.
    /// - Returns: whether it will be released; if not, it was not delivered.
    @_noLocks public mutating func deliver(_ pulse: consuming AuthorizedPulse, at now: Instant) -> Bool {
        self.now = now
        let place = pulse.place
        let wave = pulse.pulse
        guard isFreeForPulse(on: place, amplitude: wave.firstPhaseCurrent, at: now),
            let channel = channels[place.index], channel.channel == pulse.channel,
            confirmed[place.index] == Setting(wave), wave.netCharge.picocoulombs == 0
        else { return false }
        edges[place.index].begin(wave, at: now)
        let edge = TriggerEdge(pulse)
        pendingEdges |= edge.place == .first ? 1 : 2
        return true
    }

    /// Takes leave to set a channel; it is told to the device in the next silence.
    /// - Returns: false, and nothing changes, where this rig cannot make such a pulse.
    @_noLocks public mutating func set(_ setting: consuming AuthorizedSetting) -> Bool {
        let pulse = setting.pulse
        guard let channel = channels[setting.place.index], channel.channel == setting.channel,
            pulse.netCharge.picocoulombs == 0, pulse.firstPhaseDuration == pulse.secondPhaseDuration,
            pulse.firstPhaseDuration.microseconds > 0,
            pulse.firstPhaseDuration.microseconds % PulsePalTime.cycleMicroseconds == 0,
            pulse.interphaseGap.microseconds % PulsePalTime.cycleMicroseconds == 0,
            pulse.durationMicroseconds * 4 <= Int64(TriggerTiming.trainCycles) * 50,
            let steps = channel.calibration.steps(for: pulse.firstPhaseCurrent), steps > 0
        else { return false }
        wanted[setting.place.index] = Setting(pulse)
        return true
    }

    /// A channel goes to 0 mA: less needs no leave.
    @_noLocks public mutating func silence(_ place: ChannelPlace) { wanted[place.index] = Setting() }

    // MARK: - To the shell

    /// Whether a command waits to be written, each in one write.
    public var hasFrame: Bool { @inline(__always) @_noLocks get { hasPending } }

    /// The next command to write, or nothing.
    @_noLocks public mutating func takeFrame() -> OutboundFrame? {
        guard hasPending, let bytes = pending else { return nil }
        hasPending = false
        let fills = fillsUp
        fillsUp = false
        return OutboundFrame(bytes, fillsUp: fills)
    }

    /// What became of the last edge of a channel; reported once.
    @_noLocks public mutating func takeOutcome(on place: ChannelPlace = .first) -> PulseOutcome {
        edges[place.index].takeOutcome()
    }

    /// Two aborts for a handler that may do nothing but write; the heartbeat dies with the process.
    @_noLocks public static func lastGaspFrame() -> OutboundFrame? {
        guard let bytes = PulsePalRequest.abort.encode(for: .version21) else { return nil }
        return OutboundFrame(bytes, isTwice: true)
    }
}
