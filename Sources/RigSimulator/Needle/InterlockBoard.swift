// The pretend interlock board: pins and two stop loops in, relay contacts, gated triggers and read-backs out
// (`decided.md`, Needle rig). It knows nothing of the host.

public import StimulusModel

/// Figures of the board. All (proposal) but the drop-out, which is C of the fault arithmetic.
public struct InterlockConfiguration: Equatable, Sendable {
    /// The charge pump is empty this long after the last edge of the heartbeat, in milliseconds.
    public var dropOutMilliseconds: Int64 = 50
    /// Edges that fill it.
    public var edgesToCharge = 10
    public var closeMilliseconds: Int64 = 5
    public var openMilliseconds: Int64 = 5
    /// Pins are looked at this often, in microseconds; 0 looks at each change.
    public var samplingMicroseconds: Int64 = 250
    /// How long a seen pulse is shown after it ends, in milliseconds.
    public var stretchMilliseconds: Int64 = 5
    /// From here on the comparator behind the relay sees a current, in microamperes.
    public var seenMicroamperes: Double = 200

    public init() {}
}

/// What is broken on a board.
public struct BoardFaults: Equatable, Sendable {
    public var relayIsWelded = false
    public var relayNeverCloses = false
    /// The enable input reads high whatever the host does.
    public var enableIsStuck = false
    /// The transistor that the latch drives conducts for good: the relay follows the charge pump alone.
    public var relayDriverIsShorted = false
    /// The charge pump stays full whatever the host does.
    public var heartbeatIsStuck = false
    /// Another drop-out time, in milliseconds.
    public var slowDropOutMilliseconds: Int64?
    public var comparatorIsDead = false
    public var comparatorIsStuck = false
    /// The read-back says this whatever the contacts do.
    public var readBackIsStuck: Bool?
    public var emergencyStopWireIsBroken = false
    public var buttonWireIsBroken = false
    /// The emergency stop's contact bounces for some milliseconds.
    public var emergencyStopBounces = false

    public init() {}
}

/// One interlock board with one relay for both channels.
public struct InterlockBoard: Sendable {
    public let configuration: InterlockConfiguration
    public var faults = BoardFaults()
    /// The latch that holds the relay: set by a rising edge of enable alone, reset by anything that is missing.
    public private(set) var isLatched = false
    /// The contacts, which follow the coil some milliseconds later.
    public private(set) var isClosed = false
    /// The triggers that pass to the Pulse Pal.
    public private(set) var triggers = [false, false]

    private var drive = PinDrive()
    private var sampled = PinDrive()
    private var sampleAt = Int64.max
    private var edgeCount = 0
    private var lastEdge = Int64.min
    private var emergencyStopIsPressed = false
    private var buttonIsPressed = false
    private var bounceAt: [Int64] = []
    private var isBouncedOpen = false
    private var contactsAt = Int64.max
    private var isSeen = [false, false]
    private var seenUntil = [Int64.min, Int64.min]
    private let phaseNanoseconds: Int64

    public init(_ configuration: InterlockConfiguration = InterlockConfiguration(), phaseNanoseconds: Int64 = 0) {
        self.configuration = configuration
        self.phaseNanoseconds = phaseNanoseconds
    }

    private var dropOutNanoseconds: Int64 {
        (faults.slowDropOutMilliseconds ?? configuration.dropOutMilliseconds) * 1_000_000
    }

    /// The charge pump is full enough to hold the relay.
    public func isCharged(at now: Int64) -> Bool {
        if faults.heartbeatIsStuck { return true }
        return edgeCount >= configuration.edgesToCharge && now < lastEdge + dropOutNanoseconds
    }

    private var emergencyStopIsOpen: Bool {
        emergencyStopIsPressed || isBouncedOpen || faults.emergencyStopWireIsBroken
    }

    private var buttonIsOpen: Bool { buttonIsPressed || faults.buttonWireIsBroken }

    /// When the board will do something by itself.
    public var nextEvent: Int64 {
        var copy = self
        return copy.due()
    }

    /// The same. It changes nothing: where it is asked for in each tick, the board is not copied first.
    mutating func due() -> Int64 {
        var next = min(sampleAt, contactsAt)
        if isLatched, !faults.heartbeatIsStuck { next = min(next, lastEdge + dropOutNanoseconds) }
        if let bounce = bounceAt.first { next = min(next, bounce) }
        return next
    }

    /// What the host reads.
    public func levels(at now: Int64) -> PinLevels {
        var levels = PinLevels()
        levels.emergencyStopIsPressed = emergencyStopIsOpen
        levels.patientButtonIsPressed = buttonIsOpen
        levels.relayIsClosed = faults.readBackIsStuck ?? isClosed
        levels.firstPulseIsSeen = isSeen(0, at: now)
        levels.secondPulseIsSeen = isSeen(1, at: now)
        return levels
    }

    private func isSeen(_ index: Int, at now: Int64) -> Bool {
        if faults.comparatorIsDead { return false }
        return faults.comparatorIsStuck || isSeen[index] || now < seenUntil[index]
    }

    /// The current behind the relay, at each change of it.
    mutating func sees(_ index: Int, microamperes: Double, at now: Int64) {
        let isAbove = abs(microamperes) >= configuration.seenMicroamperes
        if isSeen[index], !isAbove { seenUntil[index] = now + configuration.stretchMilliseconds * 1_000_000 }
        isSeen[index] = isAbove
    }

    /// The host drives its pins; the board sees them when it next looks.
    public mutating func setPins(_ drive: PinDrive, at now: Int64) {
        step(at: now)
        guard drive != self.drive else { return }
        self.drive = drive
        guard configuration.samplingMicroseconds > 0 else {
            sample(at: now)
            return
        }
        let period = configuration.samplingMicroseconds * 1_000
        // Never at the same moment: a pin is seen by the look after it was driven.
        if sampleAt == Int64.max { sampleAt = ((now - phaseNanoseconds) / period + 1) * period + phaseNanoseconds }
        if sampleAt <= now { sampleAt += period }
    }

    public mutating func setEmergencyStop(isPressed: Bool, at now: Int64) {
        step(at: now)
        if faults.emergencyStopBounces, isPressed != emergencyStopIsPressed { bounce(at: now) }
        emergencyStopIsPressed = isPressed
        hold(at: now)
    }

    public mutating func setButton(isPressed: Bool, at now: Int64) {
        step(at: now)
        buttonIsPressed = isPressed
        hold(at: now)
    }

    /// The emergency stop's contact opens and closes three times, a millisecond each.
    public mutating func bounce(at now: Int64) {
        isBouncedOpen = true
        bounceAt = (1...5).map { now + Int64($0) * 1_000_000 }
        hold(at: now)
    }

    /// A fault came or went.
    mutating func change(at now: Int64, _ change: (inout BoardFaults) -> Void) {
        step(at: now)
        change(&faults)
        hold(at: now)
        moveContacts(at: now)
        passTriggers(at: now)
    }

    /// Works off what is due.
    public mutating func step(at now: Int64) {
        while true {
            let moment = due()
            guard moment <= now else { return }
            while let bounce = bounceAt.first, bounce <= moment {
                bounceAt.removeFirst()
                isBouncedOpen.toggle()
                if bounceAt.isEmpty { isBouncedOpen = false }
            }
            if sampleAt <= moment { sample(at: moment) }
            hold(at: moment)
            if contactsAt <= moment {
                contactsAt = Int64.max
                moveContacts(at: moment)
            }
        }
    }

    private mutating func sample(at now: Int64) {
        sampleAt = Int64.max
        let before = sampled
        sampled = drive
        if sampled.heartbeat != before.heartbeat {
            if now >= Saturating.sum(lastEdge, dropOutNanoseconds) { edgeCount = 0 }
            edgeCount = min(configuration.edgesToCharge, edgeCount + 1)
            lastEdge = now
        }
        let rises = enable && !(before.enable || faults.enableIsStuck)
        if rises, isWhole(at: now) { setLatch(true, at: now) }
        hold(at: now)
        passTriggers(at: now)
    }

    private var enable: Bool { sampled.enable || faults.enableIsStuck }

    private func isWhole(at now: Int64) -> Bool { isCharged(at: now) && !emergencyStopIsOpen && !buttonIsOpen }

    /// The latch falls at once when anything is missing, and nothing but an edge of enable sets it again.
    private mutating func hold(at now: Int64) {
        if faults.relayDriverIsShorted { return setLatch(isWhole(at: now), at: now) }
        if isLatched, !(enable && isWhole(at: now)) { setLatch(false, at: now) }
    }

    private mutating func setLatch(_ isSet: Bool, at now: Int64) {
        guard isLatched != isSet else { return }
        isLatched = isSet
        contactsAt = now + (isSet ? configuration.closeMilliseconds : configuration.openMilliseconds) * 1_000_000
    }

    private mutating func moveContacts(at now: Int64) {
        if faults.relayIsWelded {
            isClosed = true
        } else if faults.relayNeverCloses {
            isClosed = false
        } else if contactsAt == Int64.max {
            isClosed = isLatched
        }
    }

    private mutating func passTriggers(at now: Int64) {
        triggers[0] = enable && sampled.firstTrigger
        triggers[1] = enable && sampled.secondTrigger
    }
}
