// One face for both rigs. The tick is kept concrete: a generic one would stay unspecialised across modules
// (`swift-recipes.md`), so both links stand side by side and one of them never sees its line.
public import SafetyKernel
public import StimulusModel

/// Which rig a session is on, with what its link must be told.
public enum LinkPlan: Sendable {
    case p24(ExpectedStimulator, outputs: P24Outputs = .uncorrected)
    case needleRig(ExpectedStimulator, first: TriggerChannel, second: TriggerChannel?)
}

public struct StimulatorLink: ~Copyable, Sendable {
    /// Whether there are pins: the needle rig.
    public let hasPins: Bool
    private var p24: P24Link
    private var trigger: TriggerLink

    @_noLocks public init(_ plan: LinkPlan) {
        switch plan {
        case .p24(let expected, let outputs):
            hasPins = false
            p24 = P24Link(expected: expected, outputs: outputs)
            trigger = TriggerLink(
                expected: expected, first: TriggerChannel(channel: .first, calibration: .nominal), second: nil)
        case .needleRig(let expected, let first, let second):
            hasPins = true
            p24 = P24Link(expected: expected)
            trigger = TriggerLink(expected: expected, first: first, second: second)
        }
    }

    public var fault: FaultCause { @_noLocks get { hasPins ? trigger.fault : p24.fault } }
    public var condition: StimulatorCondition { @_noLocks get { hasPins ? trigger.condition : p24.condition } }
    public var identity: StimulatorIdentity? { @_noLocks get { hasPins ? trigger.identity : p24.identity } }
    /// High voltage verified off, or the relay read back open.
    public var isProvenOff: Bool { @_noLocks get { hasPins ? trigger.isProvenOff : p24.isProvenOff } }
    public var isAtRest: Bool { @_noLocks get { hasPins ? trigger.isAtRest : p24.isAtRest } }
    public var hasFrame: Bool { @_noLocks get { hasPins ? trigger.hasFrame : p24.hasFrame } }

    /// `condition` and `fault` for the tick, which is alone with the link: where somebody else might change a value as
    /// large as this one meanwhile, the compiler copies it whole before it looks.
    @_noLocks public mutating func look() -> (condition: StimulatorCondition, fault: FaultCause) {
        hasPins ? (trigger.condition, trigger.fault) : (p24.condition, p24.fault)
    }

    /// Whether a channel, on a rig that is set before its pulses, has yet to be set to this amplitude, and can be.
    @_noLocks public mutating func isToBeSet(_ place: ChannelPlace, to amplitude: Current) -> Bool {
        trigger.condition == .ready && !trigger.isSet(place, to: amplitude)
    }

    @_noLocks public func isFreeForPulse(on place: ChannelPlace, amplitude: Current, at now: Instant) -> Bool {
        hasPins
            ? trigger.isFreeForPulse(on: place, amplitude: amplitude, at: now) : p24.isFreeForPulse(on: place, at: now)
    }

    @_noLocks public mutating func lineOpened(at now: Instant) {
        if hasPins { trigger.lineOpened(at: now) } else { p24.lineOpened(at: now) }
    }

    @_noLocks public mutating func lineGone(at now: Instant) {
        if hasPins { trigger.lineGone(at: now) } else { p24.lineGone(at: now) }
    }

    @_noLocks public mutating func lineBlocked(at now: Instant) {
        if hasPins { trigger.lineBlocked(at: now) } else { p24.lineBlocked(at: now) }
    }

    @_noLocks public mutating func decisionExpired(at now: Instant) {
        if hasPins { trigger.decisionExpired(at: now) } else { p24.decisionExpired(at: now) }
    }

    @_noLocks public mutating func receive(_ byte: UInt8, at now: Instant) {
        if hasPins { trigger.receive(byte, at: now) } else { p24.receive(byte, at: now) }
    }

    @_noLocks public mutating func advance(to now: Instant, energise: Bool) {
        if hasPins { trigger.advance(to: now, energise: energise) } else { p24.advance(to: now, energise: energise) }
    }

    @_noLocks public mutating func deliver(_ pulse: consuming AuthorizedPulse, at now: Instant) -> Bool {
        hasPins ? trigger.deliver(pulse, at: now) : p24.deliver(pulse, at: now)
    }

    @_noLocks public mutating func takeFrame() -> OutboundFrame? { hasPins ? trigger.takeFrame() : p24.takeFrame() }

    @_noLocks public mutating func takeOutcome(on place: ChannelPlace) -> PulseOutcome {
        hasPins ? trigger.takeOutcome(on: place) : p24.takeOutcome(on: place)
    }

    // MARK: - Pins, on a rig that has them

    /// - Parameter levels: nothing when the lines cannot be read.
    @_noLocks public mutating func takeLevels(_ levels: PinLevels?, missedTicks: Bool) {
        if hasPins { trigger.takeLevels(levels, missedTicks: missedTicks) }
    }

    /// What the pins are to be set to after this step.
    /// - Parameter isEnding: the session is on its way out.
    @_noLocks public mutating func completeStep(isEnding: Bool = false) -> BoardPins {
        hasPins ? trigger.completeStep(isEnding: isEnding) : BoardPins.allLow
    }

    /// What was decided in this step and has not left is dropped: it would come later than it was decided for.
    @_noLocks public mutating func pulsesExpired() {
        if hasPins { trigger.edgesExpired() } else { p24.pulseExpired() }
    }

    @_noLocks public mutating func edgesReleased(at moment: Instant) {
        if hasPins { trigger.edgesReleased(at: moment) }
    }

    @_noLocks public mutating func set(_ setting: consuming AuthorizedSetting) -> Bool { trigger.set(setting) }

    @_noLocks public mutating func silence(_ place: ChannelPlace) {
        if hasPins { trigger.silence(place) }
    }

    /// What the stimulator itself measured of the last pulse; 0 where it measures nothing.
    @_noLocks public func sampledPeak(on place: ChannelPlace) -> Current {
        hasPins ? .zero : p24.sampledPeaks[place.index]
    }

    /// A complete stop for a handler that may do nothing but write.
    @_noLocks public func lastGaspFrame() -> OutboundFrame? {
        hasPins ? TriggerLink.lastGaspFrame() : P24Link.lastGaspFrame()
    }
}
