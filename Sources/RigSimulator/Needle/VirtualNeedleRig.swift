// One object, two hostings, as `VirtualRig`: in process in virtual time, and in real time behind a line and pins.

internal import PulsePal
public import StimulusModel

/// A Pulse Pal on its USB line, two isolators, an interlock board, two pairs of needles, a meter at their leads.
///
/// Time is handed in and only goes forward. `advance(to:)` with nothing due costs one comparison.
public struct VirtualNeedleRig: Sendable {
    public private(set) var device: VirtualPulsePal
    public private(set) var board: InterlockBoard
    /// Channel 1 and 2.
    public internal(set) var outputs: [NeedleOutput] { didSet { outputsMoved = true } }
    public internal(set) var meter: NeedleMeter
    /// What happened to bytes on the line.
    public private(set) var line: FaultPlan
    /// Whether the Pulse Pal is on the USB.
    public private(set) var isPresent = true
    /// How often it has appeared: a host must open it anew when this has grown.
    public private(set) var appearances = 1
    /// Faults that happened, the first 256.
    public private(set) var fired: [FiredNeedleFault] = []
    /// How many faults happened, those of the line apart. Kept, since worlds ask for it in each tick.
    public private(set) var firedCount: Int64 = 0
    private var tally = FaultTally(kinds: NeedleFaultKind.allCases.count)
    /// Changes of the Pulse Pal's outputs, the latest 4,096.
    public private(set) var changes: [OutputChange] = []

    /// A board without faults that sees the same pins and loops: it says when the relay should be open.
    private var witness: InterlockBoard
    private var planned: [(atNanoseconds: Int64, fault: NeedleFault)] = []
    private var toDevice: USBPipe
    private var toHost: USBPipe
    var now: Int64
    /// What is wrong with the outputs, and what probes at their leads have seen.
    var errors: OutputErrors
    var probes = [ProbeRecorder(), ProbeRecorder()]
    private var nextEvent = Int64.max
    /// When an output must be looked at next; worked out anew only after one of them changed.
    private var outputMoment = Int64.max
    private var outputsMoved = true
    private var buttonUpAt = Int64.max
    private var replugAt = Int64.max
    private var appearsAt = Int64.max
    private var losesNextByte = false

    static let firedKept = 256
    static let changesKept = 4_096

    public init(_ configuration: VirtualNeedleRigConfiguration, startingAt start: Instant) {
        var random = SplitMix64(seed: configuration.seed ^ 0x4E45_4544)
        let framePhase = Int64(random.below(1_000_000))
        let cyclePhase = Int64(random.below(50_000))
        let samplePhase = Int64(random.below(250_000))
        let begin = start.nanoseconds
        device = VirtualPulsePal(configuration.device, startingAt: begin, phaseNanoseconds: cyclePhase)
        board = InterlockBoard(configuration.board, phaseNanoseconds: samplePhase)
        var whole = configuration.board
        whole.samplingMicroseconds = 0
        witness = InterlockBoard(whole)
        outputs = (0..<2).map {
            NeedleOutput(
                channel: UInt8($0 + 1), isolator: configuration.isolators[$0], tissue: configuration.tissues[$0],
                parts: configuration.parts, at: begin)
        }
        meter = NeedleMeter(rules: configuration.rules, tissues: configuration.tissues)
        errors = OutputErrors(count: 2, configuration.outputErrors)
        line = configuration.line
        toDevice = USBPipe(direction: .hostToDevice, phaseNanoseconds: framePhase)
        toHost = USBPipe(direction: .deviceToHost, phaseNanoseconds: framePhase)
        now = begin
        for (output, load) in configuration.dummyLoads where (1...2).contains(output) {
            outputs[output - 1].setLoad(load)
        }
        applyErrors()
        for fault in configuration.faults { happen(fault) }
        follow()
        schedule()
    }

    /// Changes the meter's questions, for example the moment after which nothing may arrive.
    public mutating func changeMeter(_ change: (inout NeedleMeter) -> Void) { change(&meter) }

    /// When something will happen by itself; nothing when the rig waits for the host.
    public var nextMoment: Instant? { nextEvent == Int64.max ? nil : Instant(nanoseconds: nextEvent) }

    /// Bytes that had no room on the line.
    public var droppedBytes: Int64 { toDevice.dropped + toHost.dropped }

    /// How many bytes the host may write at a moment before it has to wait.
    public mutating func roomForHost(at moment: Instant) -> Int {
        advance(to: moment)
        guard isPresent, toDevice.blockedUntil > now || device.inboxRoom == 0 else { return 4_096 }
        return max(0, 64 - toDevice.waitingCount)
    }

    /// The host wrote a byte. Without a device it goes nowhere.
    public mutating func hostWrote(_ byte: UInt8, at moment: Instant) {
        advance(to: moment)
        guard isPresent else { return }
        if losesNextByte {
            losesNextByte = false
            return
        }
        toDevice.write(byte, at: now)
        nextEvent = min(nextEvent, toDevice.nextDue)
    }

    /// The next byte that the host finds on its side of the line.
    public mutating func nextByteForHost(at moment: Instant) -> UInt8? {
        advance(to: moment)
        return toHost.next()
    }

    /// The host drives its pins; the board sees them when it next looks.
    public mutating func setPins(_ drive: PinDrive, at moment: Instant) {
        advance(to: moment)
        board.setPins(drive, at: now)
        witness.setPins(drive, at: now)
        follow()
        schedule()
    }

    /// What the host reads from the board.
    public mutating func pinLevels(at moment: Instant) -> PinLevels {
        advance(to: moment)
        return board.levels(at: now)
    }

    public mutating func pressEmergencyStop(at moment: Instant) { setEmergencyStop(true, at: moment) }

    public mutating func releaseEmergencyStop(at moment: Instant) { setEmergencyStop(false, at: moment) }

    private mutating func setEmergencyStop(_ isPressed: Bool, at moment: Instant) {
        advance(to: moment)
        board.setEmergencyStop(isPressed: isPressed, at: now)
        witness.setEmergencyStop(isPressed: isPressed, at: now)
        follow()
        schedule()
    }

    /// The patient presses the button, which opens the relay's loop, and lets go after a while. The USB stays.
    public mutating func pressPatientButton(at moment: Instant, heldFor held: TimeSpan) {
        advance(to: moment)
        buttonUpAt = now + max(0, held.nanoseconds)
        setButton(true)
        schedule()
    }

    /// The plug of the Pulse Pal is pulled: power and state are gone.
    public mutating func unplug(at moment: Instant) { plan(NeedleFault(.unplugged), at: moment) }

    /// The plug is put in again; the device appears after its start-up time.
    public mutating func plug(at moment: Instant) { plan(NeedleFault(.plugged), at: moment) }

    /// Supply away for a while.
    public mutating func powerCycle(at moment: Instant, milliseconds: Int64 = 1_000) {
        plan(NeedleFault(.powerInterrupted, milliseconds: milliseconds), at: moment)
    }

    public mutating func clickJoystick(at moment: Instant) { plan(NeedleFault(.joystickClicked), at: moment) }

    /// Disables the output of a channel's isolator, as one of its limits does.
    public mutating func tripIsolator(channel: UInt8, at moment: Instant) {
        plan(NeedleFault(.isolatorTripped, channel: channel), at: moment)
    }

    /// Somebody presses the button on its front.
    public mutating func enableIsolator(channel: UInt8, at moment: Instant) {
        plan(NeedleFault(.isolatorEnabled, channel: channel), at: moment)
    }

    /// The needles of a channel are moved.
    public mutating func setContact(_ contact: NeedleContact, channel: UInt8, at moment: Instant) {
        let kinds: [NeedleFaultKind] = [.needlesIn, .needlesOut, .needlesTouching]
        plan(NeedleFault(kinds[Int(contact.rawValue)], channel: channel), at: moment)
    }

    /// Somebody sets the Pulse Pal's parameters in its menu.
    public mutating func setByHand(_ change: (inout VirtualPulsePal) -> Void, at moment: Instant) {
        advance(to: moment)
        change(&device)
        schedule()
    }

    /// Adds a fault; one whose moment has come happens at once.
    public mutating func plan(_ fault: NeedleFault, at moment: Instant) {
        var index = planned.count
        while index > 0, planned[index - 1].atNanoseconds > moment.nanoseconds { index -= 1 }
        planned.insert((moment.nanoseconds, fault), at: index)
        nextEvent = min(nextEvent, moment.nanoseconds)
        if moment.nanoseconds <= now { run(until: now) }
    }

    /// How often a fault happened.
    public func count(of kind: NeedleFaultKind) -> Int { Int(tally.counts[Int(kind.rawValue)]) }

    /// When it happened first, in ns; nothing before it did.
    public func first(of kind: NeedleFaultKind) -> Int64? { tally.first(Int(kind.rawValue)) }

    /// Lets the world run until a moment. An earlier moment than the last changes nothing.
    public mutating func advance(to moment: Instant) {
        guard moment.nanoseconds >= nextEvent else {
            now = max(now, moment.nanoseconds)
            return
        }
        run(until: moment.nanoseconds)
    }
}

/// The order of events.
extension VirtualNeedleRig {
    private mutating func schedule() {
        var next = min(planned.first?.atNanoseconds ?? Int64.max, min(buttonUpAt, min(replugAt, appearsAt)))
        next = min(next, min(line.nextMoment, min(toDevice.nextDue, toHost.nextDue)))
        next = min(next, min(device.due(), min(board.due(), witness.due())))
        // What its buffer did not hold is offered again in the next cycle.
        if toDevice.arrivedCount > 0, device.isPowered, !device.isClickAwaited { next = min(next, now + 50_000) }
        nextEvent = min(next, min(outputsDue(), meter.nextEnd))
    }

    private mutating func outputsDue() -> Int64 {
        guard outputsMoved else { return outputMoment }
        outputsMoved = false
        outputMoment = Int64.max
        for index in 0..<2 {
            outputMoment = min(outputMoment, min(outputs[index].tripMoment, outputs[index].nextLook))
        }
        return outputMoment
    }

    private mutating func run(until target: Int64) {
        while nextEvent <= target {
            now = max(now, nextEvent)
            while let first = planned.first, first.atNanoseconds <= now {
                planned.removeFirst()
                happen(first.fault)
            }
            while let fault = line.takeDue(at: now) { happenOnLine(fault) }
            if buttonUpAt <= now {
                buttonUpAt = Int64.max
                setButton(false)
            }
            if replugAt <= now { reappear() }
            if appearsAt <= now { appear() }
            toDevice.deliver(until: now, through: &line)
            feedDevice()
            board.step(at: now)
            witness.step(at: now)
            follow()
            device.step(at: now)
            // One that reads a long command takes more at once than its buffer holds.
            while feedDevice() { device.step(at: now) }
            for change in device.changes { apply(change) }
            device.changes.removeAll(keepingCapacity: true)
            while let byte = device.outbox.popFirst() { toHost.write(byte, at: now) }
            toHost.deliver(until: now, through: &line)
            lookAtOutputs()
            schedule()
        }
        now = max(now, target)
    }

    /// Bytes from the line enter the device's buffer; true when the device can take them up now.
    @discardableResult
    private mutating func feedDevice() -> Bool {
        while device.inboxRoom > 0, let byte = toDevice.next() { device.receive(byte, at: now) }
        return device.due() <= now
    }

    /// The board's contacts and triggers reach what hangs on them.
    private mutating func follow() {
        for index in 0..<2 {
            device.setInput(index, isHigh: board.triggers[index], at: now)
            guard outputs[index].isClosed != board.isClosed else { continue }
            settle(index)
            outputs[index].setClosed(board.isClosed)
            if !board.isClosed {
                meter.rest(channel: outputs[index].channel, isOpen: true, at: Instant(nanoseconds: now))
            }
            board.sees(index, microamperes: outputs[index].microamperes, at: now)
        }
        meter.relay(mayBeClosed: witness.isLatched || witness.isClosed, at: Instant(nanoseconds: now))
    }

    private mutating func apply(_ change: OutputChange) {
        if changes.count == Self.changesKept { changes.removeFirst(Self.changesKept / 2) }
        changes.append(change)
        let index = Int(change.channel) - 1
        guard outputs.indices.contains(index) else { return }
        settle(index)
        if change.isCut { meter.cut(channel: outputs[index].channel) }
        outputs[index].setCode(change.code, at: now)
        board.sees(index, microamperes: outputs[index].microamperes, at: now)
    }

    mutating func settle(_ index: Int) {
        let (before, isPhase) = (outputs[index].leadVolts, outputs[index].isPhase)
        guard let segment = outputs[index].settle(until: now) else { return }
        meter.receive(segment)
        let after = outputs[index].leadVolts
        probes[Int(segment.channel) - 1].add(segment, isPhase: isPhase, firstVolts: before, lastVolts: after)
    }

    /// What hangs on an output, or is wrong with it, has changed: the world goes on from here.
    mutating func outputsChanged() {
        for index in 0..<2 { board.sees(index, microamperes: outputs[index].microamperes, at: now) }
        follow()
        schedule()
    }

    private mutating func lookAtOutputs() {
        guard min(outputsDue(), meter.nextEnd) <= now else { return }
        for index in 0..<2 where min(outputs[index].tripMoment, outputs[index].nextLook) <= now {
            settle(index)
            board.sees(index, microamperes: outputs[index].microamperes, at: now)
        }
        guard meter.nextEnd <= now else { return }
        for index in 0..<2 {
            settle(index)
            meter.rest(channel: outputs[index].channel, isOpen: false, at: Instant(nanoseconds: now))
        }
    }

    private mutating func setButton(_ isPressed: Bool) {
        board.setButton(isPressed: isPressed, at: now)
        witness.setButton(isPressed: isPressed, at: now)
        follow()
    }
}

/// Faults.
extension VirtualNeedleRig {
    private mutating func happen(_ fault: NeedleFault) {
        tally.note(Int(fault.kind.rawValue), at: now)
        firedCount += 1
        if fired.count < Self.firedKept { fired.append(FiredNeedleFault(kind: fault.kind, atNanoseconds: now)) }
        let index = fault.channel == 2 ? 1 : 0
        switch fault.kind {
        case .needlesIn, .needlesOut, .needlesTouching, .isolatorTripped, .isolatorEnabled, .isolatorWrongRange,
            .isolatorOffset, .isolatorImbalance:
            let isAtLeads = [.needlesIn, .needlesOut, .needlesTouching].contains(fault.kind)
            let index = isAtLeads ? outputs.firstIndex { $0.channel == fault.channel } ?? 0 : index
            settle(index)
            happenAtOutput(fault.kind, index)
            board.sees(index, microamperes: outputs[index].microamperes, at: now)
        case .joystickClicked: device.click(at: now)
        case .powerInterrupted:
            vanish()
            replugAt = now + fault.milliseconds * 1_000_000
        case .unplugged: vanish()
        case .plugged: reappear()
        case .lineDead: happenOnLine(.lineDead(nil, milliseconds: fault.milliseconds))
        case .deviceSilent: happenOnLine(.lineDead(.deviceToHost, milliseconds: fault.milliseconds))
        case .lineBlocked: happenOnLine(.lineBlocked(milliseconds: fault.milliseconds))
        case .strayTrain: device.startByHand(index, at: now)
        case .parametersChanged: device.setByHand(PulsePalConfiguration.defaults)
        case .commandCut: losesNextByte = true
        default: happenOnBoard(fault)
        }
        follow()
    }

    /// Faults of the line's own plan; those of another device than this mean nothing here.
    private mutating func happenOnLine(_ fault: PlannedFault) {
        switch fault {
        case .line(let direction, let faults, let milliseconds):
            line.override(direction, by: faults, until: now + milliseconds * 1_000_000)
        case .lineRestored(let direction): line.restore(direction, at: now)
        case .lineDead(let direction, let milliseconds):
            if direction != .deviceToHost { happenOnLine(.line(.hostToDevice, .dead, milliseconds: milliseconds)) }
            if direction != .hostToDevice { happenOnLine(.line(.deviceToHost, .dead, milliseconds: milliseconds)) }
        case .lineBlocked(let milliseconds):
            toDevice.blockedUntil = max(toDevice.blockedUntil, now + milliseconds * 1_000_000)
        case .unplug: vanish()
        case .plug: reappear()
        case .interruption(let milliseconds):
            vanish()
            replugAt = now + milliseconds * 1_000_000
        default: break
        }
    }

    private mutating func happenOnBoard(_ fault: NeedleFault) {
        board.change(at: now) { faults in
            switch fault.kind {
            case .relayWelded: faults.relayIsWelded = true
            case .relayNeverCloses: faults.relayNeverCloses = true
            case .enableStuck: faults.enableIsStuck = true
            case .relayDriverShorted: faults.relayDriverIsShorted = true
            case .heartbeatStuck: faults.heartbeatIsStuck = true
            case .slowDropOut: faults.slowDropOutMilliseconds = fault.milliseconds
            case .comparatorDead: faults.comparatorIsDead = true
            case .comparatorStuck: faults.comparatorIsStuck = true
            case .readBackStuckOpen: faults.readBackIsStuck = false
            case .readBackStuckClosed: faults.readBackIsStuck = true
            case .emergencyStopWireBroken: faults.emergencyStopWireIsBroken = true
            case .buttonWireBroken: faults.buttonWireIsBroken = true
            case .emergencyStopBounces: faults.emergencyStopBounces = true
            default: faults = BoardFaults()
            }
        }
        if fault.kind == .emergencyStopBounces { board.bounce(at: now) }
        // The loops are outside the board: a broken wire opens the relay of a whole board too.
        if fault.kind == .emergencyStopWireBroken || fault.kind == .buttonWireBroken || fault.kind == .boardRepaired {
            witness.change(at: now) { faults in
                faults.emergencyStopWireIsBroken = board.faults.emergencyStopWireIsBroken
                faults.buttonWireIsBroken = board.faults.buttonWireIsBroken
            }
        }
    }

    private mutating func happenAtOutput(_ kind: NeedleFaultKind, _ index: Int) {
        switch kind {
        case .needlesIn: outputs[index].setContact(.inTissue)
        case .needlesOut: outputs[index].setContact(.out)
        case .needlesTouching: outputs[index].setContact(.touching)
        case .isolatorTripped: outputs[index].isolator.trip()
        case .isolatorEnabled: outputs[index].isolator.enable()
        case .isolatorWrongRange: outputs[index].isolator.configuration.rangeMilliamperes = 25
        case .isolatorOffset: outputs[index].isolator.configuration.offsetMicroamperes = 60
        case .isolatorImbalance: outputs[index].isolator.configuration.imbalanceThousandths = 50
        default: break
        }
    }

    private mutating func vanish() {
        device.losePower(at: now)
        toDevice.cut()
        toHost.cut()
        isPresent = false
        replugAt = Int64.max
        appearsAt = Int64.max
    }

    private mutating func reappear() {
        replugAt = Int64.max
        guard !isPresent, appearsAt == Int64.max else { return }
        device.restorePower(at: now)
        appearsAt = now + device.configuration.startUpMilliseconds * 1_000_000
    }

    private mutating func appear() {
        appearsAt = Int64.max
        isPresent = true
        appearances += 1
    }
}

extension VirtualNeedleRig: CustomStringConvertible {
    public var description: String {
        "needle rig at \(now / 1_000_000) ms, \(isPresent ? "plugged" : "unplugged"), \(meter)"
    }
}
