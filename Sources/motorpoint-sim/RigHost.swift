import ByteStreams
import RigSimulator
import StimulusModel

/// Hosts the pretended rig in real time: its bytes travel over a line of its place, and its presence is that line's.
/// Opens no other.
struct RigHost: ~Copyable {
    private var rig: VirtualRig
    private let place: RigPlace
    private let buttonMilliseconds: Int64
    private var line: RigLine?
    private var linePath = ""
    private var appearances = 0
    private var control: ControlServer?
    private var keys: KeyReader?
    private var log: MeterLog?
    private var trace: TraceLog?
    private var instrument: InstrumentPort?
    /// The channel that the electrode keys mean.
    private var chosenChannel: UInt8 = 1
    private var screen: RigScreen
    private var isEnding = false

    private var turnEndedAt: Instant

    /// A status question is answered at least this often, in milliseconds.
    private static let longestWaitMilliseconds: Int64 = 10
    /// While pulses may come the rig looks this often, so that it knows when it was held up itself.
    private static let watchfulWaitMilliseconds: Int64 = 1
    /// A turn this much longer than it should be is told to the meter.
    private static let heldUpNanoseconds: Int64 = 3_000_000

    init(
        _ configuration: VirtualRigConfiguration, startingAt start: Instant, place: RigPlace,
        buttonMilliseconds: Int64, control: consuming ControlServer?, log: consuming MeterLog?,
        trace: consuming TraceLog?, instrument: consuming InstrumentPort?, screen: RigScreen
    ) {
        self.instrument = instrument
        rig = VirtualRig(configuration, startingAt: start)
        self.place = place
        self.buttonMilliseconds = buttonMilliseconds
        self.control = control
        self.log = log
        self.trace = trace
        self.screen = screen
        turnEndedAt = start
        keys = nil
    }

    /// Runs until a signal, a key or the control socket ends it. True when the meter found nothing.
    mutating func run() throws -> Bool {
        keys = KeyReader()
        while !isEnding, StopSignals.first == nil {
            let now = SystemClock.now()
            noticeStall(at: now)
            try followPresence()
            exchange(at: now)
            readKeys(at: now)
            answerQuestions(at: now)
            instrument?.serve { rig.probe(output: $0) }
            log?.follow(rig.meter)
            trace?.follow(rig, at: now)
            screen.update(rig, at: now)
            turnEndedAt = now
            wait()
        }
        let end = SystemClock.now()
        rig.advance(to: end)
        log?.follow(rig.meter)
        trace?.follow(rig, at: end, isLast: true)
        closeLine()
        instrument = nil
        keys = nil
        let faults = rig.faults.firedCount > 0 ? "\nfaults: \(rig.faults)" : ""
        screen.conclude("\(rig.meter)\(faults)")
        return rig.meter.isClean
    }

    /// The line is there exactly while the device is; one that came back is another one.
    private mutating func followPresence() throws {
        if line != nil, !rig.isPresent || appearances != rig.appearances {
            closeLine()
            screen.note("the device vanished from \(place.name)")
        }
        if line == nil, rig.isPresent {
            let made = try place.appear()
            screen.note("the device is at \(place.name) (\(made.path))")
            appearances = rig.appearances
            linePath = made.path
            line = consume made
        }
    }

    private mutating func closeLine() {
        if line != nil { place.vanish(from: linePath) }
        line = nil
    }

    private mutating func exchange(at now: Instant) {
        // A device that has stopped reading leaves the host's bytes in the terminal until that is full.
        while rig.roomForHost(at: now) > 0, let byte = line?.nextFromHost() { rig.hostWrote(byte, at: now) }
        rig.advance(to: now)
        while line?.hasRoom ?? true, let byte = rig.nextByteForHost(at: now) { line?.toHost(byte) }
        line?.flush()
    }

    private mutating func readKeys(at now: Instant) {
        while let key = keys?.next() {
            switch key {
            case UInt8(ascii: "p"): _ = obey(.patientButton(milliseconds: buttonMilliseconds), at: now)
            case UInt8(ascii: "1")...UInt8(ascii: "8"): chosenChannel = key - UInt8(ascii: "0")
            case UInt8(ascii: "e"):
                let isAttached = rig.body.contact(channel: chosenChannel) == .attached
                touchElectrode(isAttached ? "off" : "on", at: now)
            case UInt8(ascii: "s"): touchElectrode("short", at: now)
            case UInt8(ascii: "l"): touchElectrode("lifted", at: now)
            case UInt8(ascii: "d"): touchElectrode("dry", at: now)
            case UInt8(ascii: "r"): touchElectrode("resistive", at: now)
            case UInt8(ascii: "u"): _ = obey(rig.isPresent ? .unplug : .plug, at: now)
            case UInt8(ascii: "q"), 0x03, 0x04, 0x1C: isEnding = true
            default: screen.note("keys: \(ControlRequest.keys)")
            }
        }
    }

    private mutating func touchElectrode(_ word: String, at now: Instant) {
        guard let contact = ControlRequest.contact(word, now) else { return }
        _ = obey(.contact(channel: chosenChannel, contact), at: now)
        screen.note("channel \(chosenChannel): electrode \(word)")
    }

    private mutating func answerQuestions(at now: Instant) {
        // Taken out while it asks, so that its questions may change the rig.
        guard var server = control.take() else { return }
        server.serve { line in
            guard let request = ControlRequest(line, at: now, buttonMilliseconds: buttonMilliseconds) else {
                return "error: unknown request; \(ControlRequest.help)"
            }
            return obey(request, at: now)
        }
        control = consume server
    }

    private mutating func obey(_ request: ControlRequest, at now: Instant) -> String {
        switch request {
        case .status: return RigStatus(rig, at: now).line
        case .verdict: return rig.meter.description.split(separator: "\n").joined(separator: ";")
        case .patientButton(let milliseconds):
            screen.note("the patient pressed the button")
            rig.pressPatientButton(at: now, heldFor: TimeSpan(milliseconds: milliseconds))
        case .contact(let channel, let contact): rig.setContact(contact, channel: channel, at: now)
        case .load(let output, let load): rig.setDummyLoad(load, output: output, at: now)
        case .probe(let output):
            guard instrument.moveProbe(to: output) else { return InstrumentPort.missing }
        case .unplug: rig.unplug(at: now)
        case .plug: rig.plug(at: now)
        case .fault(let fault): rig.plan(fault, at: now)
        case .forbidPulses: rig.changeMeter { $0.forbidPulses(after: now) }
        case .allowPulses: rig.changeMeter { $0.allowPulses() }
        case .quit: isEnding = true
        }
        return "ok"
    }

    /// A machine that did not let this program run makes the electrode see pulses late that the host sent in time.
    private mutating func noticeStall(at now: Instant) {
        guard rig.device.isHighVoltageOn else { return }
        let late = now.since(turnEndedAt).nanoseconds - Self.watchfulWaitMilliseconds * 1_000_000
        if late > Self.heldUpNanoseconds {
            rig.changeMeter { $0.blur(by: TimeSpan(nanoseconds: late), at: now) }
        }
    }

    /// Sleeps until the rig's next event, but not longer than a person or a script would notice.
    private mutating func wait() {
        let now = SystemClock.now()
        var milliseconds =
            rig.device.isHighVoltageOn ? Self.watchfulWaitMilliseconds : Self.longestWaitMilliseconds
        if let next = rig.nextMoment {
            let left = next.since(now)
            guard left.nanoseconds > 0 else { return }
            guard left.milliseconds >= 1 else { return SystemClock.sleep(until: next) }
            milliseconds = min(milliseconds, left.milliseconds)
        }
        if line == nil {
            SystemClock.sleep(until: now.advanced(by: TimeSpan(milliseconds: milliseconds)))
        } else {
            line?.waitForHost(atMostMilliseconds: Int32(milliseconds))
        }
    }
}
