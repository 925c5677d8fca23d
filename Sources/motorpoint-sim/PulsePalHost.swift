import ByteStreams
import Foundation
import RigSimulator
import StimulusModel

/// What the Pulse Pal's control socket understands, one line each.
enum PulsePalRequestLine: String, CaseIterable {
    case status
    /// Changes of the outputs since the last `forget`, as [ns, channel, code].
    case changes
    case forget
    case click
    case unplug
    case plug
    case quit

    static let help = allCases.map(\.rawValue).joined(separator: ", ")
}

/// Hosts the pretended Pulse Pal in real time: its bytes travel over a pseudo-terminal that this process made.
struct PulsePalHost: ~Copyable {
    private var rig: VirtualNeedleRig
    private let link: StableLink
    private let isQuiet: Bool
    private var control: ControlServer?
    private var line: RigLine?
    private var linePath = ""
    private var appearances = 0
    private var forgottenAt = Int64.min
    private var isEnding = false

    /// A status question is answered at least this often, in milliseconds.
    private static let longestWaitMilliseconds: Int32 = 5

    init(
        _ configuration: VirtualNeedleRigConfiguration, startingAt start: Instant, link: StableLink,
        control: consuming ControlServer?, isQuiet: Bool
    ) {
        rig = VirtualNeedleRig(configuration, startingAt: start)
        self.link = link
        self.control = control
        self.isQuiet = isQuiet
    }

    /// Runs until a signal or the control socket ends it.
    mutating func run() throws {
        while !isEnding, StopSignals.first == nil {
            let now = SystemClock.now()
            try followPresence()
            while rig.roomForHost(at: now) > 0, let byte = line?.nextFromHost() { rig.hostWrote(byte, at: now) }
            rig.advance(to: now)
            while line?.hasRoom ?? true, let byte = rig.nextByteForHost(at: now) { line?.toHost(byte) }
            line?.flush()
            answerQuestions(at: now)
            wait(after: now)
        }
        link.remove(pointingTo: linePath)
        line = nil
        Console.say("Pulse Pal: \(rig.device.commandCount) commands read, \(rig.device.skippedCount) bytes skipped")
    }

    private mutating func followPresence() throws {
        if line != nil, !rig.isPresent || appearances != rig.appearances {
            link.remove(pointingTo: linePath)
            line = nil
            if !isQuiet { Console.say("the device vanished from \(link.path)") }
        }
        guard line == nil, rig.isPresent else { return }
        let made = try RigLine()
        try link.point(to: made.path)
        if !isQuiet { Console.say("the device is at \(link.path) (\(made.path))") }
        appearances = rig.appearances
        linePath = made.path
        line = consume made
    }

    /// Until the host writes, or the device has something to do that the host waits for.
    private mutating func wait(after now: Instant) {
        var milliseconds = Self.longestWaitMilliseconds
        if let next = rig.nextMoment { milliseconds = Int32(clamping: min(5, max(1, next.since(now).milliseconds))) }
        guard line != nil else {
            SystemClock.sleep(until: now.advanced(by: TimeSpan(milliseconds: Int64(milliseconds))))
            return
        }
        line?.waitForHost(atMostMilliseconds: milliseconds)
    }

    private mutating func answerQuestions(at now: Instant) {
        // Taken out while it asks, so that its questions may change the rig.
        guard var server = control.take() else { return }
        server.serve { line in
            guard let request = PulsePalRequestLine(rawValue: line) else {
                return "error: unknown request; \(PulsePalRequestLine.help)"
            }
            return obey(request, at: now)
        }
        control = consume server
    }

    private mutating func obey(_ request: PulsePalRequestLine, at now: Instant) -> String {
        switch request {
        case .status: return PulsePalStatusLine(rig).line
        case .changes:
            let changes = rig.changes.filter { $0.atNanoseconds > forgottenAt }
            let rows = changes.map { "[\($0.atNanoseconds),\($0.channel),\($0.code)]" }
            return "[\(rows.joined(separator: ","))]"
        case .forget: forgottenAt = now.nanoseconds
        case .click: rig.clickJoystick(at: now)
        case .unplug: rig.unplug(at: now)
        case .plug: rig.plug(at: now)
        case .quit: isEnding = true
        }
        return "ok"
    }
}

/// The device's state as one line of JSON.
struct PulsePalStatusLine: Encodable {
    let present: Bool
    let firmware: UInt32
    let commands: Int64
    let skippedBytes: Int64
    let unknownCommands: Int64
    let frozen: Bool
    let clickAwaited: Bool
    let triggerModes: [UInt8]
    let channels: [PulsePalChannelStatus]
    let storedTrains: [StoredTrainStatus]

    init(_ rig: borrowing VirtualNeedleRig) {
        let device = rig.device
        present = rig.isPresent
        firmware = device.configuration.version
        commands = device.commandCount
        skippedBytes = device.skippedCount
        unknownCommands = device.unknownCount
        frozen = device.isFrozen
        clickAwaited = device.isClickAwaited
        triggerModes = device.triggerModes
        channels = (1...4).map { device.status(channel: $0) }
        storedTrains = [device.storedTrain(1), device.storedTrain(2)]
    }

    /// One line, keys sorted.
    var line: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
