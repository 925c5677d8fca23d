// One tick of the control loop, whole and pure: read → step → authorize → frame. The real-time loop and the virtual
// rig call the same code; the one brings a serial line and a clock, the other a simulated wire and a counter. The order
// is the specification:
//
//   1  the shell hands over the bytes that have come in, the key that was pressed, what it noticed itself
//   2  the link lets its time pass; the session machine takes one step; arming follows the machine's demand
//   3  the gate judges the pulse that is asked for; what it lets through, the link consumes
//   4  the shell journals what was decided, then writes the frames, then reports how that went
//
// A pulse that the gate refuses is a disagreement between two parts of this program: nothing is sent and the session
// faults in the next tick.
public import SafetyKernel
public import SessionEngine
public import StimulatorLinks
public import StimulusModel

/// What the shell noticed since the last tick.
public struct ShellInputs: Sendable {
    /// Milliseconds since the last tick: 1, or more after a late wake-up.
    public var elapsedTicks: Int32 = 1
    public var command: OperatorCommand = .none
    /// How long ago the key of `command` was pressed; a raise or start that waited too long is dropped.
    public var commandAge: TimeSpan = .zero
    /// The channel that the command is for, where it is for one.
    public var commandPlace: ChannelPlace = .first
    public var stop: StopCause = .none
    /// Channels to be stopped alone: bit 0 the first, bit 1 the second.
    public var channelStops: UInt8 = 0
    public var hostFault: FaultCause = .none
    /// The levels of a needle rig's lines in this tick; nothing when they cannot be read, and on a rig without lines.
    public var pins: PinLevels?

    @_noLocks public init() {}
}

/// What one tick decided, for the journal and the screen.
public struct TickRecord: Sendable {
    public var blocks: InlineArray<8, WordBlock>
    public var count: Int
    public var state: SessionState
    /// What is set on each channel after it.
    public var setAmplitude = Current.zero
    public var secondSetAmplitude = Current.zero

    /// An empty record, to be filled by each tick anew.
    @_noLocks public init() {
        blocks = InlineArray(repeating: WordBlock())
        count = 0
        state = .idle
    }

    @_noLocks mutating func append(_ block: WordBlock) {
        guard count < 8 else { return }
        blocks[count] = block
        count += 1
    }
}

/// The state of one session's control, owned by one thread.
public struct ControlTick: ~Copyable, Sendable {
    public private(set) var machine: SessionMachine
    private var gate: PulseGate
    public var linkFault: FaultCause { @_noLocks get { link.fault } }
    private var link: StimulatorLink
    private var arming: Arming?
    private var tick: Int64 = 0
    private var pulseSkipped = InlineArray<2, Bool>(repeating: false)
    private var gateRefused = false
    /// Channel stops that the machine knows already: the shell says them anew in every tick, and the record holds each
    /// once.
    private var knownChannelStops: UInt8 = 0
    private var isFirst = true
    private var lastCondition = StimulatorCondition.absent
    /// The machine's after the last step: to ask the machine itself is to copy it whole, some kilobytes in each tick.
    private var lastState: SessionState
    private var lastDelivered = InlineArray<2, Current>(repeating: .zero)

    /// A key that asks for more and is older than this when the loop sees it is dropped (proposal: a quarter of a
    /// second is the held-key time of `decided.md`; older than that, the moment it was meant for is over).
    static var staleCommandMilliseconds: Int64 { @_noLocks get { 250 } }

    @_noLocks public init(plan: AuthorizedPlan, link linkPlan: LinkPlan) {
        machine = SessionMachine(plan: plan)
        lastState = machine.state
        gate = PulseGate(plan: plan)
        link = StimulatorLink(linkPlan)
        arming = nil
    }

    /// On the technician's bench.
    @_noLocks public init(bench: AuthorizedBenchPlan, link linkPlan: LinkPlan) {
        self.init(plan: bench.plan, link: linkPlan)
    }

    /// On a P24.
    @_noLocks public init(plan: AuthorizedPlan, expected: ExpectedStimulator) {
        self.init(plan: plan, link: .p24(expected))
    }

    /// Ticks since the beginning: milliseconds, missed ones included.
    public var tickCount: Int64 { @_noLocks get { tick } }

    // MARK: - What the shell reports

    @_noLocks public mutating func lineOpened(at now: Instant) { link.lineOpened(at: now) }
    @_noLocks public mutating func receive(_ byte: UInt8, at now: Instant) { link.receive(byte, at: now) }
    @_noLocks public mutating func lineGone(at now: Instant) { link.lineGone(at: now) }
    @_noLocks public mutating func lineBlocked(at now: Instant) { link.lineBlocked(at: now) }
    @_noLocks public mutating func decisionExpired(at now: Instant) { link.decisionExpired(at: now) }

    /// Whether a frame waits to be written.
    public var hasFrame: Bool { @_noLocks get { link.hasFrame } }

    /// The next frame to write, stop first; nothing when there is no more.
    @_noLocks public mutating func takeFrame() -> OutboundFrame? { link.takeFrame() }

    /// Whether the rig has lines that must be read before and written after each step.
    public var hasPins: Bool { @_noLocks get { link.hasPins } }

    /// What the lines are to be set to after the step that was just made: taken once, since the heartbeat in it is the
    /// by-product of that step and an edge is released once.
    @_noLocks public mutating func takePins() -> BoardPins {
        link.completeStep(isEnding: lastState == .stopping || lastState.isFinal)
    }

    /// What this step decided could not leave in time: no pulse leaves, and none was delivered.
    @_noLocks public mutating func pulsesExpired() { link.pulsesExpired() }

    /// When pins with an edge in them were really written.
    @_noLocks public mutating func edgesReleased(at moment: Instant) { link.edgesReleased(at: moment) }

    /// A complete stop for a handler that may do nothing but write.
    @_noLocks public func lastGaspFrame() -> OutboundFrame? { link.lastGaspFrame() }

    // Single figures, so that nobody copies the whole machine or link to look at one.
    public var state: SessionState { @_noLocks get { lastState } }
    public var fault: FaultCause { @_noLocks get { machine.fault } }
    public var condition: StimulatorCondition { @_noLocks get { link.condition } }
    public var setAmplitude: Current { @_noLocks get { Current(microamperes: machine.setMicroamperes) } }
    /// Whether the stimulator is verified off, or every way to verify it is used up.
    public var isAtRest: Bool { @_noLocks get { link.isAtRest } }

    // MARK: - The tick

    /// - Parameters:
    ///   - shell: what happened since the last tick.
    ///   - now: the monotonic clock, for the link's time-outs. Verdicts use the nominal time of the tick instead, so
    ///     that the jitter of a wake-up changes none.
    ///   - record: replaced by what this tick decided.
    @_noLocks public mutating func step(_ shell: ShellInputs, at now: Instant, _ record: inout TickRecord) {
        tick += Int64(max(1, shell.elapsedTicks))
        let nominal = Instant(nanoseconds: Saturating.product(tick, 1_000_000))
        if link.hasPins { link.takeLevels(shell.pins, missedTicks: shell.elapsedTicks > 1) }
        link.advance(to: now, energise: machineWantsEnergy)

        let inputs = collectInputs(shell)
        let stateBefore = lastState
        record.count = 0
        if isFirst || !inputs.isQuiet(after: lastCondition) { record.append(inputs.block(tick: tick)) }
        isFirst = false
        lastCondition = inputs.condition

        let outputs = machine.step(inputs)
        lastState = outputs.state
        gate.follow(setAmplitude: outputs.setAmplitude)
        gate.follow(setAmplitude: outputs.secondSetAmplitude, at: .second)
        followDemand(outputs.demand, at: nominal)
        if !outputs.isQuiet(after: stateBefore) { record.append(outputs.block(tick: tick)) }
        if let events = outputs.eventBlock(tick: tick, from: 0) { record.append(events) }
        if let events = outputs.eventBlock(tick: tick, from: 6) { record.append(events) }
        if let events = outputs.eventBlock(tick: tick, from: 12) { record.append(events) }
        if let events = outputs.eventBlock(tick: tick, from: 18) { record.append(events) }

        if link.hasPins {
            followThreshold(.first)
            followThreshold(.second)
            prepare(.first, nominal: nominal, &record)
            prepare(.second, nominal: nominal, &record)
        }
        if let request = outputs.request { deliver(request, now: now, nominal: nominal, &record) }
        // The demand of this very step reaches the link at once: a stop waits for no next tick.
        link.advance(to: now, energise: outputs.demand == .energised && arming != nil)
        record.state = outputs.state
        record.setAmplitude = outputs.setAmplitude
        record.secondSetAmplitude = outputs.secondSetAmplitude
    }

    private var machineWantsEnergy: Bool { @_noLocks get { arming != nil } }

    @_noLocks private mutating func collectInputs(_ shell: ShellInputs) -> StepInputs {
        var inputs = StepInputs()
        inputs.elapsedTicks = max(1, shell.elapsedTicks)
        inputs.stop = shell.stop == .none ? pressedButton(shell.pins) : shell.stop
        inputs.channelStops = shell.channelStops & 3 & ~knownChannelStops
        knownChannelStops |= inputs.channelStops
        inputs.hostFault = shell.hostFault
        (inputs.condition, inputs.linkFault) = link.look()
        inputs.command = shell.command
        inputs.commandPlace = shell.commandPlace
        inputs.commandIsStale =
            shell.command.asksForMore && shell.commandAge.milliseconds > ControlTick.staleCommandMilliseconds
        if gateRefused, inputs.hostFault == .none { inputs.hostFault = .gateRefusal }
        gateRefused = false
        inputs.first = takeNews(.first)
        inputs.second = takeNews(.second)
        return inputs
    }

    /// A level, not an edge: read anew in every tick. Who cannot see the buttons has lost the pins, which is a fault.
    @inline(__always) @_noLocks private func pressedButton(_ pins: PinLevels?) -> StopCause {
        guard link.hasPins, let pins else { return .none }
        if pins.emergencyStopIsPressed { return .emergencyStop }
        return pins.patientButtonIsPressed ? .patientButton : .none
    }

    /// The gate learns what was marked, and believes it only as far as it saw it searched.
    @_noLocks private mutating func followThreshold(_ place: ChannelPlace) {
        gate.follow(motorThreshold: machine.channels[place.index].motorThreshold, at: place)
    }

    /// A stimulator that is set before its pulses is told what the next one will be, once the gate gave leave; at 0 mA
    /// it is told so without any.
    @_noLocks private mutating func prepare(_ place: ChannelPlace, nominal: Instant, _ record: inout TickRecord) {
        guard let request = SessionMachine.upcoming(place, of: &machine) else { return link.silence(place) }
        guard link.isToBeSet(place, to: request.amplitude) else { return }
        guard let armed = arming.take() else { return }
        do throws(Refusal) {
            let setting = try gate.allowSetting(request, under: armed, condition: link.condition, at: nominal)
            if !link.set(setting) { gateRefused = true }
        } catch {
            gateRefused = true
            record.append(error.block(tick: tick, ofSetting: true))
        }
        arming = .some(consume armed)
    }

    @_noLocks private mutating func takeNews(_ place: ChannelPlace) -> ChannelNews {
        var news = ChannelNews()
        news.pulseSkipped = pulseSkipped[place.index]
        pulseSkipped[place.index] = false
        let outcome = link.takeOutcome(on: place)
        news.delivery = outcome.delivery
        news.deliveredAmplitude = outcome.amplitude
        if outcome.delivery == .notDelivered { gate.refund(chargePerPhase: outcome.chargePerPhase, at: place) }
        if outcome.delivery == .delivered || outcome.delivery == .unknown {
            lastDelivered[place.index] = outcome.amplitude
        }
        return news
    }

    /// Arming is recomputed from the machine's demand every tick: it cannot outlive the state that asked for it.
    @_noLocks private mutating func followDemand(_ demand: OutputDemand, at nominal: Instant) {
        switch demand {
        case .off:
            if let given = arming.take() { given.disarm() }
        case .energised:
            if arming == nil {
                do throws(Refusal) {
                    arming = try gate.arm(condition: link.condition, at: nominal)
                } catch {
                    gateRefused = true
                }
            }
        }
    }

    @_noLocks private mutating func deliver(
        _ request: PulseRequest, now: Instant, nominal: Instant, _ record: inout TickRecord
    ) {
        guard link.isFreeForPulse(on: request.place, amplitude: request.amplitude, at: now) else {
            // One is under way: this one is skipped and counted, never queued.
            pulseSkipped[request.place.index] = true
            return
        }
        guard let armed = arming.take() else {
            gateRefused = true
            return
        }
        do throws(Refusal) {
            let pulse = try gate.authorize(request, under: armed, condition: link.condition, at: nominal)
            if !link.deliver(pulse, at: now) { gateRefused = true }
        } catch {
            gateRefused = true
            record.append(error.block(tick: tick))
        }
        arming = .some(consume armed)
    }

    // MARK: - For the screen

    /// How things stand with one channel, and with the session around it.
    @_noLocks public func status(_ place: ChannelPlace = .first) -> StatusSnapshot {
        var snapshot = StatusSnapshot(machine, at: place)
        snapshot.condition = link.condition
        snapshot.isProvenOff = link.isProvenOff
        snapshot.lastDelivered = lastDelivered[place.index]
        snapshot.chargedNanocoulombs = gate.charged(place).picocoulombs / 1_000
        snapshot.sampledPeak = link.sampledPeak(on: place)
        return snapshot
    }

    /// What went through one channel.
    @_noLocks public func charged(_ place: ChannelPlace) -> Charge { gate.charged(place) }

    /// What went through both channels, one phase of each pulse: an upper bound.
    public var charged: Charge { @_noLocks get { Charge(picocoulombs: gate.chargedPicocoulombs) } }
}

extension Refusal {
    /// word 2: code and kind · word 3: what was asked · word 4: 1 for a setting, which is no pulse.
    @_noLocks func block(tick: Int64, ofSetting: Bool = false) -> WordBlock {
        var block = WordBlock()
        let words = self.words
        block.words[0] = Int64(JournalKind.refusal.code)
        block.words[1] = tick
        block.words[2] = Int64(words.code) | Int64(words.kind) << 8
        block.words[3] = words.asked
        block.words[4] = ofSetting ? 1 : 0
        return block
    }
}
