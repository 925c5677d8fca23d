// One object, two hostings: in process in virtual time, and in `motorpoint-sim` on a pseudo-terminal in real time.

public import StimulusModel

/// What a pretend rig is made of.
public struct VirtualRigConfiguration: Sendable {
    public var device: P24Configuration
    public var person: VirtualPerson
    /// Channels that carry pads, and the muscle under each: the rig's setting.
    public var pads: [PadPair]
    /// What hangs on an output, 1 to 8, in place of pads: a technician's bench.
    public var dummyLoads: [Int: DummyLoad]
    /// What is wrong with an output, 1 to 8.
    public var outputErrors: [Int: OutputError]
    public var rules: MeterRules
    public var faults: FaultPlan
    /// From it come the line's frame phase and the device's jitter; the same seed is the same rig.
    public var seed: UInt64

    /// The rig of two channels: vastus medialis on 1, gluteus medius on 2.
    public static let twoPads = [PadPair(channel: 1, site: .vmo), PadPair(channel: 2, site: .gluteusMedius)]

    public init(
        device: P24Configuration = P24Configuration(), person: VirtualPerson = .typical,
        pads: [PadPair] = VirtualRigConfiguration.twoPads, rules: MeterRules = MeterRules(),
        faults: FaultPlan = FaultPlan(), seed: UInt64 = 0, dummyLoads: [Int: DummyLoad] = [:],
        outputErrors: [Int: OutputError] = [:]
    ) {
        self.dummyLoads = dummyLoads
        self.outputErrors = outputErrors
        self.device = device
        self.person = person
        self.pads = pads
        self.rules = rules
        self.faults = faults
        self.seed = seed
    }
}

/// A P24 on its USB line, a person, a meter between, and a plan of what goes wrong.
///
/// Time is handed in and only goes forward. `advance(to:)` with nothing due costs one comparison.
public struct VirtualRig: Sendable {
    public private(set) var device: VirtualP24
    public private(set) var body: Body
    public private(set) var faults: FaultPlan
    /// Whether the device is on the USB. A host that has it open sees it vanish when this becomes false.
    public private(set) var isPresent: Bool
    /// How often the device has appeared: a host must open it anew when this has grown.
    public private(set) var appearances: Int = 1

    private var toDevice: USBPipe
    private var toHost: USBPipe
    private var now: Int64
    private var nextEvent: Int64
    private var replugAt = Int64.max
    private var appearsAt = Int64.max
    private var babble = Babble()
    private var nextDeviceID: String?

    public init(_ configuration: VirtualRigConfiguration, startingAt start: Instant) {
        var random = SplitMix64(seed: configuration.seed ^ 0x5249_47)
        let phase = Int64(random.below(1_000_000))
        device = VirtualP24(configuration: configuration.device, seed: random.next())
        body = Body(
            person: configuration.person, pads: configuration.pads, rules: configuration.rules,
            dummyLoads: configuration.dummyLoads, errors: configuration.outputErrors)
        faults = configuration.faults
        toDevice = USBPipe(direction: .hostToDevice, phaseNanoseconds: phase)
        toHost = USBPipe(direction: .deviceToHost, phaseNanoseconds: phase)
        now = start.nanoseconds
        nextEvent = Int64.max
        isPresent = true
        if device.isHighVoltageOn { body.meter.highVoltage(isOn: true) }
        schedule()
    }

    public var meter: ElectrodeMeter { body.meter }

    /// Changes the meter's questions, for example the moment after which nothing may arrive.
    public mutating func changeMeter(_ change: (inout ElectrodeMeter) -> Void) { change(&body.meter) }

    /// Bytes that had no room on the line, as on a host that does not read.
    public var droppedBytes: Int64 { toDevice.dropped + toHost.dropped }

    /// How many bytes the host may write at a moment before it has to wait, as a full line tells a writer (EAGAIN).
    /// Plenty, unless the device has stopped reading.
    public mutating func roomForHost(at moment: Instant) -> Int {
        advance(to: moment)
        guard isPresent, toDevice.blockedUntil > now else { return Self.plentyOfRoom }
        return max(0, Self.blockedRoom - toDevice.waitingCount)
    }

    private static let plentyOfRoom = 4_096
    /// What the line takes in when nobody reads at its end: one packet (proposal).
    private static let blockedRoom = 64

    /// When something will happen by itself; nothing when the rig waits for the host.
    public var nextMoment: Instant? { nextEvent == Int64.max ? nil : Instant(nanoseconds: nextEvent) }

    /// The host wrote a byte. Without a device it goes nowhere.
    public mutating func hostWrote(_ byte: UInt8, at moment: Instant) {
        advance(to: moment)
        guard isPresent else { return }
        toDevice.write(byte, at: now)
        nextEvent = min(nextEvent, toDevice.nextDue)
    }

    /// The next byte that the host finds on its side of the line.
    public mutating func nextByteForHost(at moment: Instant) -> UInt8? {
        advance(to: moment)
        return toHost.next()
    }

    /// Lets the world run until a moment. An earlier moment than the last changes nothing.
    public mutating func advance(to moment: Instant) {
        guard moment.nanoseconds >= nextEvent else {
            now = max(now, moment.nanoseconds)
            return
        }
        run(until: moment.nanoseconds)
    }

    /// The plug is pulled, or the patient's button held: power and state are gone, a pulse in flight is cut.
    public mutating func unplug(at moment: Instant) {
        advance(to: moment)
        faults.note(.unplugged, at: now)
        vanish()
        schedule()
    }

    /// The plug is put in again; the device appears after its start-up time.
    public mutating func plug(at moment: Instant) {
        advance(to: moment)
        reappear()
        schedule()
    }

    /// The patient presses the button and lets go after a while.
    public mutating func pressPatientButton(at moment: Instant, heldFor held: TimeSpan) {
        unplug(at: moment)
        replugAt = now + max(0, held.nanoseconds)
        schedule()
    }

    /// The contact of a channel's pads changes now.
    public mutating func setContact(_ contact: Contact, channel: UInt8, at moment: Instant) {
        advance(to: moment)
        body.setContact(contact, channel: channel)
        faults.note(kind(of: contact), at: now)
    }

    /// Something hangs on an output, 1 to 8, from now on in place of pads; nothing gives the pads back.
    public mutating func setDummyLoad(_ load: DummyLoad?, output: Int, at moment: Instant) {
        advance(to: moment)
        body.setDummyLoad(load, channel: UInt8(clamping: output))
    }

    /// Something is wrong with an output, 1 to 8, from the next pulse on.
    public mutating func setOutputError(_ error: OutputError, output: Int, at moment: Instant) {
        advance(to: moment)
        body.setError(error, channel: UInt8(clamping: output))
    }

    /// What a probe across an output's load shows now.
    public func probe(output: Int) -> ProbeTrace { body.probe(channel: output, atNanoseconds: now) }

    /// Adds a fault to the plan, from the outside of a running world.
    public mutating func plan(_ fault: PlannedFault, at moment: Instant) {
        faults.add(fault, atNanoseconds: moment.nanoseconds)
        schedule()
    }

    /// Force of the muscle under a channel at a moment, 0 to 1.
    public func force(channel: UInt8, at moment: Instant) -> Double {
        body.muscle(channel: channel).force(atNanoseconds: moment.nanoseconds)
    }
}

/// The order of events.
extension VirtualRig {
    private mutating func schedule() {
        var next = min(faults.nextMoment, min(replugAt, appearsAt))
        next = min(next, min(toDevice.nextDue, toHost.nextDue))
        next = min(next, babble.next)
        nextEvent = min(next, device.nextEvent)
    }

    private mutating func run(until target: Int64) {
        while nextEvent <= target {
            now = max(now, nextEvent)
            while let fault = faults.takeDue(at: now) { happen(fault) }
            if replugAt <= now { reappear() }
            if appearsAt <= now { appear() }
            toDevice.deliver(until: now, through: &faults)
            while let byte = toDevice.next() { device.receive(byte, at: now) }
            if device.nextEvent <= now { device.step(at: now, body: &body, plan: &faults) }
            if device.wantsToReenumerate {
                device.wantsToReenumerate = false
                vanish()
                replugAt = now + device.configuration.resetMilliseconds * 1_000_000
            }
            while let byte = device.outbox.popFirst() { toHost.write(byte, at: now) }
            toHost.deliver(until: now, through: &faults)
            if babble.next <= now { makeNoise() }
            schedule()
        }
        now = max(now, target)
    }

    private mutating func happen(_ fault: PlannedFault) {
        switch fault {
        case .contact(let channel, let contact):
            faults.note(kind(of: contact), at: now)
            body.setContact(contact, channel: channel)
        case .unplug:
            faults.note(.unplugged, at: now)
            vanish()
        case .plug: reappear()
        case .interruption(let milliseconds):
            faults.note(.unplugged, at: now)
            vanish()
            replugAt = now + milliseconds * 1_000_000
        case .deviceReset:
            faults.note(.deviceReset, at: now)
            device.restart(at: now, body: &body)
            device.wantsToReenumerate = true
        case .deviceStuck(let milliseconds):
            faults.note(.deviceStuck, at: now)
            device.becomeStuck(at: now, nanoseconds: milliseconds * 1_000_000)
        case .nextCommand(let number, let fault): faults.await(number, fault)
        case .line, .lineRestored, .lineDead, .lineBlocked, .lineBabble: happenOnLine(fault)
        case .deviceSilent(let milliseconds):
            faults.note(.deviceSilent, at: now)
            device.becomeSilent(at: now, nanoseconds: milliseconds * 1_000_000)
        case .stopIgnored(let milliseconds, let isAcknowledged):
            device.ignoreStops(at: now, nanoseconds: milliseconds * 1_000_000, isAcknowledged: isAcknowledged)
        case .generalError(let code):
            faults.note(.generalErrorSent, at: now)
            device.reportError(code)
        case .replaced(let deviceID, let milliseconds):
            faults.note(.unplugged, at: now)
            vanish()
            nextDeviceID = deviceID
            replugAt = now + milliseconds * 1_000_000
        }
    }

    private mutating func happenOnLine(_ fault: PlannedFault) {
        switch fault {
        case .line(let direction, let line, let milliseconds):
            faults.override(direction, by: line, until: now + milliseconds * 1_000_000)
        case .lineRestored(let direction): faults.restore(direction, at: now)
        case .lineDead(let direction, let milliseconds):
            if direction != .deviceToHost { happenOnLine(.line(.hostToDevice, .dead, milliseconds: milliseconds)) }
            if direction != .hostToDevice { happenOnLine(.line(.deviceToHost, .dead, milliseconds: milliseconds)) }
        case .lineBlocked(let milliseconds):
            faults.note(.lineBlocked, at: now, .hostToDevice)
            toDevice.blockedUntil = max(toDevice.blockedUntil, now + milliseconds * 1_000_000)
        case .lineBabble(let milliseconds, let bytes):
            faults.note(.lineBabbling, at: now, .deviceToHost)
            babble = Babble(next: now, until: now + milliseconds * 1_000_000, bytesPerMillisecond: bytes)
        default: break
        }
    }

    private mutating func makeNoise() {
        var left = isPresent ? babble.bytesPerMillisecond : 0
        while left > 0 {
            toHost.babble(faults.drawNoise())
            left -= 1
        }
        babble.next += 1_000_000
        if babble.next >= babble.until { babble = Babble() }
    }

    private func kind(of contact: Contact) -> FaultKind {
        switch contact {
        case .attached: return .electrodeAttached
        case .detached: return .electrodeDetached
        case .short: return .electrodesShorted
        case .drying: return .electrodeDrying
        case .lifted: return .electrodeLifted
        case .resistive: return .electrodeResistive
        }
    }

    private mutating func vanish() {
        device.losePower(at: now, body: &body)
        toDevice.cut()
        toHost.cut()
        babble = Babble()
        isPresent = false
        replugAt = Int64.max
        appearsAt = Int64.max
    }

    private mutating func reappear() {
        replugAt = Int64.max
        guard !isPresent, appearsAt == Int64.max else { return }
        faults.note(.plugged, at: now)
        appearsAt = now + device.configuration.startUpMilliseconds * 1_000_000
    }

    private mutating func appear() {
        if let nextDeviceID {
            faults.note(.deviceReplaced, at: now)
            device.becomeAnother(named: nextDeviceID)
        }
        nextDeviceID = nil
        appearsAt = Int64.max
        isPresent = true
        appearances += 1
    }
}

/// Bytes that nobody sent, for a while.
private struct Babble {
    var next = Int64.max
    var until = Int64.max
    var bytesPerMillisecond: Int32 = 0
}

extension VirtualRig: CustomStringConvertible {
    public var description: String {
        "rig at \(now / 1_000_000) ms, \(isPresent ? "plugged" : "unplugged"), \(meter); \(faults)"
    }
}
