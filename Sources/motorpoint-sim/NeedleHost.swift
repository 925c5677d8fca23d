import ByteStreams
import RigSimulator
import StimulusModel

/// Hosts the pretended needle rig on the virtual bench: its bytes on a USB line, its board at the pins of a chip.
struct NeedleHost: ~Copyable {
    private var rig: VirtualNeedleRig
    private let place: RigPlace
    private var pins: SimulatedPins
    private let buttonMilliseconds: Int64
    private var control: ControlServer?
    private var instrument: InstrumentPort?
    private var line: RigLine?
    private var appearances = 0
    private var screen: RigScreen
    private var isEnding = false

    /// The board looks at its pins 2,000 times a second (`decided.md`, Needle rig): seldom enough for the bench.
    private static let turn = TimeSpan(nanoseconds: 500_000)
    /// Every how many turns the bytes are moved (each millisecond), and questions are answered and the pulls told anew.
    /// On the bench a call of the kernel is what costs.
    private static let turnsForBytes = 2
    private static let turnsForPeople = 20

    init(
        _ configuration: VirtualNeedleRigConfiguration, startingAt start: Instant, place: RigPlace,
        pins: consuming SimulatedPins, buttonMilliseconds: Int64, control: consuming ControlServer?,
        instrument: consuming InstrumentPort?, screen: RigScreen
    ) {
        self.instrument = instrument
        rig = VirtualNeedleRig(configuration, startingAt: start)
        self.place = place
        self.pins = pins
        self.buttonMilliseconds = buttonMilliseconds
        self.control = control
        self.screen = screen
    }

    /// Runs until a signal or the control socket ends it. True when the meter found nothing.
    mutating func run() throws -> Bool {
        var next = SystemClock.now()
        var turn = 0
        while !isEnding, StopSignals.first == nil {
            let now = SystemClock.now()
            try followPresence()
            rig.setPins(pins.drive(), at: now)
            if turn % NeedleHost.turnsForBytes == 0 { exchange(at: now) } else { rig.advance(to: now) }
            pins.tell(rig.pinLevels(at: now), anew: turn % NeedleHost.turnsForPeople == 0)
            if turn % NeedleHost.turnsForPeople == 0 {
                answerQuestions(at: now)
                instrument?.serve { rig.probe(output: $0) }
            }
            turn += 1
            next = next.advanced(by: NeedleHost.turn)
            // Turns that were missed are not made up for.
            if next.since(now).nanoseconds <= 0 { next = now.advanced(by: NeedleHost.turn) }
            SystemClock.sleep(until: next)
        }
        rig.advance(to: SystemClock.now())
        closeLine()
        instrument = nil
        screen.conclude("\(rig.meter)")
        return rig.meter.isClean
    }

    private mutating func followPresence() throws {
        if line != nil, !rig.isPresent || appearances != rig.appearances {
            closeLine()
            screen.note("the device vanished from \(place.name)")
        }
        if line == nil, rig.isPresent {
            let made = try place.appear()
            screen.note("the device is at \(place.name)")
            appearances = rig.appearances
            line = consume made
        }
    }

    private mutating func closeLine() {
        if let path = line?.path { place.vanish(from: path) }
        line = nil
    }

    private mutating func exchange(at now: Instant) {
        while rig.roomForHost(at: now) > 0, let byte = line?.nextFromHost() { rig.hostWrote(byte, at: now) }
        rig.advance(to: now)
        while line?.hasRoom ?? true, let byte = rig.nextByteForHost(at: now) { line?.toHost(byte) }
        line?.flush()
    }

    private mutating func answerQuestions(at now: Instant) {
        guard var server = control.take() else { return }
        server.serve { line in
            guard let request = NeedleRequest(line, buttonMilliseconds: buttonMilliseconds) else {
                return "error: unknown request; \(NeedleRequest.help)"
            }
            return obey(request, at: now)
        }
        control = consume server
    }

    private mutating func obey(_ request: NeedleRequest, at now: Instant) -> String {
        switch request {
        case .status:
            let levels = rig.pinLevels(at: now)
            return "present=\(rig.isPresent ? 1 : 0) relay=\(levels.relayIsClosed ? 1 : 0) "
                + "pulses=\(rig.meter.pulseCount) peak_ua=\(rig.meter.largestPeakMicroamperes) "
                + "violations=\(rig.meter.violationCount)"
        case .verdict: return rig.meter.description.split(separator: "\n").joined(separator: ";")
        case .patientButton(let milliseconds):
            rig.pressPatientButton(at: now, heldFor: TimeSpan(milliseconds: milliseconds))
        case .emergencyStop(let isPressed):
            if isPressed { rig.pressEmergencyStop(at: now) } else { rig.releaseEmergencyStop(at: now) }
        case .workbench(.load(let output, let load)): rig.setDummyLoad(load, output: output, at: now)
        case .workbench(.probe(let output)):
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
}

/// What the needle rig's control socket understands, one line each.
enum NeedleRequest {
    case status
    case verdict
    case patientButton(milliseconds: Int64)
    case emergencyStop(isPressed: Bool)
    case workbench(WorkbenchRequest)
    case unplug
    case plug
    case fault(NeedleFault)
    case forbidPulses
    case allowPulses
    case quit

    static let help =
        "status, verdict, patient-button [MS], emergency-stop press|release, \(WorkbenchRequest.help), unplug, plug, "
        + "fault NAME [CHANNEL] [MS], forbid-pulses, allow-pulses, quit"

    /// A fault as one word: "relay-welded".
    static func name(_ kind: NeedleFaultKind) -> String { kind.name.split(separator: " ").joined(separator: "-") }

    /// Nothing when the line is no request.
    init?(_ line: String, buttonMilliseconds: Int64) {
        let words = line.split(separator: " ").map(String.init)
        if let request = WorkbenchRequest(words, outputs: 2) {
            self = .workbench(request)
            return
        }
        switch (words.first, words.count) {
        case ("status", 1): self = .status
        case ("verdict", 1): self = .verdict
        case ("patient-button", 1): self = .patientButton(milliseconds: buttonMilliseconds)
        case ("patient-button", 2):
            guard let milliseconds = Int64(words[1]), (0...3_600_000).contains(milliseconds) else { return nil }
            self = .patientButton(milliseconds: milliseconds)
        case ("emergency-stop", 2) where ["press", "release"].contains(words[1]):
            self = .emergencyStop(isPressed: words[1] == "press")
        case ("unplug", 1): self = .unplug
        case ("plug", 1): self = .plug
        case ("fault", 2...4):
            guard let kind = NeedleFaultKind.allCases.first(where: { NeedleRequest.name($0) == words[1] }),
                let channel = words.count > 2 ? UInt8(words[2]) : 1, (1...2).contains(channel),
                let milliseconds = words.count > 3 ? Int64(words[3]) : 1_000, (0...3_600_000).contains(milliseconds)
            else { return nil }
            self = .fault(NeedleFault(kind, channel: channel, milliseconds: milliseconds))
        case ("forbid-pulses", 1): self = .forbidPulses
        case ("allow-pulses", 1): self = .allowPulses
        case ("quit", 1): self = .quit
        default: return nil
        }
    }
}
