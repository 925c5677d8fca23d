// What is done with a needle rig before there is a session: stop, prove silence, ask who is there, prove both stop
// paths of the relay, and try both buttons. The same link as in a session holds the conversation and drives the relay;
// the device is silent throughout, so no current can flow.
internal import ByteStreams
public import StimulatorLinks
public import StimulusModel

/// Why a needle rig could not be tried. Nothing was delivered.
public enum NeedleRigFailure: Error, Equatable, Sendable {
    case line(SerialLineError)
    case pins(PinError)
    case fault(FaultCause)
    /// A button is pressed, or its wire is broken, at a moment at which none should be.
    case alreadyPressed(NeedleButton)
    /// It was not pressed in time.
    case notPressed(NeedleButton)
    /// It was pressed and the relay stayed closed.
    case doesNotCut(NeedleButton)
    case notReleased(NeedleButton)
    case cancelled
}

/// The two buttons that open the relay by themselves.
public enum NeedleButton: Equatable, Sendable {
    case patient
    case emergency

    fileprivate func isPressed(_ levels: PinLevels) -> Bool {
        self == .patient ? levels.patientButtonIsPressed : levels.emergencyStopIsPressed
    }
}

/// A needle rig held for trials: its line, its pins and its link, driven tick by tick by whoever calls.
public struct NeedleRigTrial: ~Copyable {
    private var line: SerialLine
    private var pins: PinBoard
    private let linkPlan: LinkPlan
    private var link: StimulatorLink
    private var levels = PinLevels()
    private var deadline: Instant
    private var lastGapMilliseconds: Int64 = 0

    /// Opens and holds line and pins; nothing is sent yet.
    public init(line path: String, pins plan: PinPlan, link linkPlan: LinkPlan) throws(NeedleRigFailure) {
        // Pins first: whoever holds them holds the rig.
        let heldPins = try Self.hold(plan)
        let heldLine = try Self.hold(path)
        pins = heldPins
        line = heldLine
        self.linkPlan = linkPlan
        link = StimulatorLink(linkPlan)
        deadline = SystemClock.now()
        link.lineOpened(at: deadline)
    }

    private static func hold(_ plan: PinPlan) throws(NeedleRigFailure) -> PinBoard {
        do throws(PinError) {
            return try PinBoard(opening: plan)
        } catch {
            throw .pins(error)
        }
    }

    private static func hold(_ path: String) throws(NeedleRigFailure) -> SerialLine {
        do throws(SerialLineError) {
            return try SerialLine(opening: path, settings: .pulsePal)
        } catch {
            throw .line(error)
        }
    }

    public var identity: StimulatorIdentity? { link.identity }
    /// What the USB socket says of itself; a Pulse Pal's serial line says nothing of who it is.
    public var usb: SerialDevice.USBIdentity? { line.usb }

    /// Waits until the device is identified, silent and proven so, with the relay read back open.
    public mutating func identify() throws(NeedleRigFailure) {
        try run(atMost: 5_000, energise: false) { link, _ in link.condition == .off }
    }

    /// Closes the relay by the proof of both stop paths, waits for the button to be pressed, sees the relay open by it,
    /// waits for it to be released, and opens everything again.
    public mutating func tryButton(
        _ button: NeedleButton, atMost limit: TimeSpan, isCancelled: () -> Bool
    ) throws(NeedleRigFailure) {
        guard !levels.patientButtonIsPressed else { throw .alreadyPressed(.patient) }
        guard !levels.emergencyStopIsPressed else { throw .alreadyPressed(.emergency) }
        try run(atMost: 3_000, energise: true) { link, _ in link.condition == .ready }
        let end = SystemClock.now().advanced(by: limit)
        while true {
            try step(energise: true, seesRelayOpen: false)
            if button.isPressed(levels) { break }
            // Opened by something else: the trial would prove nothing.
            guard levels.relayIsClosed else { throw .fault(.relayOpened) }
            guard !isCancelled() else {
                rest()
                throw .cancelled
            }
            guard SystemClock.now().since(end).nanoseconds < 0 else {
                rest()
                throw .notPressed(button)
            }
        }
        // The board opens its relay by itself: enable stays on for as long as a relay may take.
        var ticks = 0
        while levels.relayIsClosed, ticks < 30 {
            try step(energise: true, seesRelayOpen: true)
            // Without a heartbeat the relay would open anyway: what opened it is not known then.
            guard lastGapMilliseconds <= 20 else { throw .fault(.late) }
            ticks += 1
        }
        let didCut = !levels.relayIsClosed
        rest()
        guard didCut else { throw .doesNotCut(button) }
        while button.isPressed(levels) {
            try step(energise: false, seesRelayOpen: true)
            guard !isCancelled() else { throw .cancelled }
            guard SystemClock.now().since(end).nanoseconds < 0 else { throw .notReleased(button) }
        }
        // A relay that opened by a button may have become a fault to a link that did not ask for it.
        link = StimulatorLink(linkPlan)
        link.lineOpened(at: SystemClock.now())
        try run(atMost: 5_000, energise: false) { link, _ in link.condition == .off }
    }

    /// Lets the stop run to its end, whatever comes of it.
    private mutating func rest() {
        var ticks = 0
        while ticks < 1_000, !link.isAtRest {
            try? step(energise: false, seesRelayOpen: false)
            ticks += 1
        }
    }

    private mutating func run(
        atMost ticks: Int, energise: Bool, until isDone: (borrowing StimulatorLink, PinLevels) -> Bool
    ) throws(NeedleRigFailure) {
        for _ in 0..<ticks {
            try step(energise: energise, seesRelayOpen: false)
            if isDone(link, levels) { return }
        }
        throw .fault(.silent)
    }

    /// One tick: read, advance, drive.
    /// - Parameter seesRelayOpen: the button under trial opens the relay; that is what is being looked for.
    private mutating func step(energise: Bool, seesRelayOpen: Bool) throws(NeedleRigFailure) {
        deadline = deadline.advanced(by: TimeSpan(milliseconds: 1))
        SystemClock.sleep(until: deadline)
        let now = SystemClock.now()
        let missed = now.since(deadline).milliseconds
        lastGapMilliseconds = missed
        if missed > 0 { deadline = now }
        let read = pins.read()
        if let read { levels = read }
        link.takeLevels(read, missedTicks: missed > 0)
        line.exchange(with: &link, at: now)
        link.advance(to: now, energise: energise)
        let written = pins.write(link.completeStep())
        if !written || read == nil { throw .fault(.pinsLost) }
        if link.fault != .none, !(seesRelayOpen && link.fault == .relayOpened) { throw .fault(link.fault) }
    }
}
