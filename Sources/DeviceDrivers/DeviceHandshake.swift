// Who is at the far end of a serial line, before there is a session: stop, verify high voltage off, ask, close. The
// same link as in a session holds the conversation, so what is accepted here is what is accepted there.
internal import ByteStreams
internal import StimulatorLinks
public import StimulusModel

/// Why a stimulator could not be identified. Nothing was energised.
public enum HandshakeFailure: Error, Equatable, Sendable {
    case line(SerialLineError)
    /// The conversation failed; the identity may be known even so (a wrong firmware, say).
    case fault(FaultCause)
}

public enum DeviceHandshake {
    /// Opens the line, proves high voltage off, asks who is there, and closes the line again.
    /// - Parameter identity: what the device said of itself, also when it is then refused.
    public static func identify(
        at path: String, expected: ExpectedStimulator, identity: inout StimulatorIdentity?
    ) throws(HandshakeFailure) {
        _ = try converse(at: path, .p24, .p24(expected), &identity)
    }

    /// Opens the line of a Pulse Pal, stops it, programs silence, proves that, asks who is there, and closes the line.
    /// No pin is touched: whether the relay of an interlock board is open is not looked at, and without a heartbeat it
    /// is.
    /// - Returns: what its USB socket says of itself, which is all that tells one Pulse Pal from another.
    public static func identifyPulsePal(
        at path: String, identity: inout StimulatorIdentity?
    ) throws(HandshakeFailure) -> SerialDevice.USBIdentity? {
        var expected = ExpectedStimulator(serial: nil, languageMajor: 2)
        // Every version of the Pulse Pal 2 that the wire knows (`pulsepal.md` 3).
        for major: UInt8 in 20...22 { _ = expected.accept(FirmwareVersion(major: major, minor: 0, revision: 0)) }
        let first = TriggerChannel(channel: .first, calibration: .nominal)
        return try converse(at: path, .pulsePal, .needleRig(expected, first: first, second: nil), &identity)
    }

    private static func converse(
        at path: String, _ settings: SerialSettings, _ plan: LinkPlan, _ identity: inout StimulatorIdentity?
    ) throws(HandshakeFailure) -> SerialDevice.USBIdentity? {
        let opened: SerialLine
        do {
            opened = try SerialLine(opening: path, settings: settings)
        } catch {
            throw .line(error)
        }
        var line = opened
        var link = StimulatorLink(plan)
        var deadline = SystemClock.now()
        link.lineOpened(at: deadline)
        // The link ends every wait of its own within two seconds or so; this bound only keeps the loop finite.
        for _ in 0..<10_000 {
            deadline = deadline.advanced(by: TimeSpan(milliseconds: 1))
            SystemClock.sleep(until: deadline)
            let now = SystemClock.now()
            if now.since(deadline).milliseconds > 0 { deadline = now }
            line.exchange(with: &link, at: now)
            link.advance(to: now, energise: false)
            if link.isAtRest { break }
        }
        identity = link.identity
        if link.fault != .none { throw .fault(link.fault) }
        if link.condition != .off { throw .fault(.silent) }
        return line.usb
    }

    /// Waits until the device at `path` is gone: the patient's button cuts its power.
    /// - Returns: whether it vanished in time.
    public static func waitUntilGone(
        at path: String, atMost limit: TimeSpan, isCancelled: () -> Bool
    ) throws(HandshakeFailure) -> Bool {
        let opened: SerialLine
        do {
            opened = try SerialLine(opening: path)
        } catch {
            throw .line(error)
        }
        var line = opened
        let end = SystemClock.now().advanced(by: limit)
        var buffer = InlineArray<512, UInt8>(repeating: 0)
        while SystemClock.now().since(end).nanoseconds < 0, !isCancelled() {
            _ = line.stream.waitForInput(atMostMilliseconds: 50)
            var span = buffer.mutableSpan
            if case .gone = line.stream.read(into: &span) { return true }
        }
        return false
    }

    /// A device that vanishes is still listed for a moment after its line has hung up, and one that comes back may not
    /// be opened until the system has set its owner: only what was there so many looks in a row is back (proposal).
    private static let looksInARow = 5

    /// Waits until something can be opened at `path` again, and has been there for 200 ms.
    public static func waitUntilBack(at path: String, atMost limit: TimeSpan, isCancelled: () -> Bool) -> Bool {
        let end = SystemClock.now().advanced(by: limit)
        var seen = 0
        while SystemClock.now().since(end).nanoseconds < 0, !isCancelled() {
            seen = SerialDevice(at: path).state == .free ? seen + 1 : 0
            if seen == looksInARow { return true }
            SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 50)))
        }
        return false
    }
}
