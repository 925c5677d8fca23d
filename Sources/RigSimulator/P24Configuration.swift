// Which P24 is pretended. Every point on which the documents are silent or contradict each other is a switch here, with
// the likely or the more demanding reading as its default, so that a host is tested against all of them.

public import ScienceMode4

/// What happens to pulses when the low level is stopped (not documented).
public enum StopFate: UInt8, Sendable {
    /// The pulse in flight ends, those behind it are dropped without an answer.
    case finishesPulse = 0
    /// The pulse in flight is cut as well.
    case cutsPulse
    /// All queued pulses run first.
    case runsQueue
}

/// How a frame that failed its checksum or length is answered (not documented).
public enum TransferErrorAnswer: UInt8, Sendable {
    /// General_error with result 1 and packet number 0.
    case generalError = 0
    /// Not at all.
    case silence
}

/// What a level left running by another program looks like when the host comes.
public enum LeftRunning: UInt8, Sendable {
    case nothing = 0
    /// A killed host left the low level initialised, with high voltage on.
    case lowLevel
    /// Another program left the mid level initialised, with high voltage on.
    case midLevel
}

/// Identity, timing and open questions of the pretended device.
public struct P24Configuration: Equatable, Sendable {
    // Identity.
    public var deviceID: DeviceID
    public var version: ExtendedVersion
    public var leftRunning: LeftRunning

    // Timing. Switching the high voltage takes about 40 ms (C).
    public var highVoltageMicroseconds: Int64
    /// From the last byte of a command to what it does: 1 ms on the predecessor, not stated for the P24.
    public var commandMicroseconds: Int64
    /// Drawn by seed, up to this much on top of it.
    public var commandJitterMicroseconds: Int64
    /// Between two queued pulses: "as fast as it can" (C comment); 60 µs is what its server check counts.
    public var betweenPulsesMicroseconds: Int64
    /// How long a restart keeps the device deaf; 10 to 15 s on the predecessor, not stated for the P24.
    public var resetMilliseconds: Int64
    /// Whether a restart by command takes the device off the USB (not documented).
    public var resetReenumerates: Bool
    /// Whether the acknowledgement of Reset comes (it may be missing: PY comment).
    public var resetIsAcknowledged: Bool
    /// From the plug to the first byte.
    public var startUpMilliseconds: Int64

    // The state machine.
    /// Result of Ll_stop and Ml_stop when that level is not on: 7 or 0.
    public var stopWithoutLevelResult: UInt8
    public var stopFate: StopFate
    /// How many pulses are buffered, the one in flight among them (IFU: up to 10), and the result of one too many;
    /// `nil`: dropped without an answer.
    public var queuedPulses: Int
    public var queueFullResult: UInt8?
    /// An electrode error also ends the low level; the documents only say that pulse generation stops.
    public var electrodeErrorEndsLevel: Bool
    /// The result of a pulse while the high voltage was chosen to be off.
    public var withoutHighVoltageResult: UInt8
    public var transferErrorAnswer: TransferErrorAnswer
    /// False: a measurement asked for in Ll_init is a parameter error ("not yet implemented", C comment).
    public var measurementIsBuiltIn: Bool

    // Values.
    /// The largest current that is accepted: 130 mA (C rejects more) or 150 mA (the IFU's point table).
    public var largestMicroamperes: Int32
    /// A point of 0 µs is left out (README) instead of counting as 10 µs, as 1 to 9 do (C comment).
    public var zeroDurationIsLeftOut: Bool
    /// The reserved bits of a point have to be 0.
    public var reservedBitsAreChecked: Bool

    // Physics.
    /// An open circuit is noticed from this current up: 15 mA (C comment).
    public var electrodeErrorMicroamperes: Int32
    /// How long an open circuit is driven before generation stops.
    public var electrodeErrorMicroseconds: Int32
    /// Low current is reported below this share of what was set, in per cent (not documented).
    public var lowCurrentPercent: Int64
    /// Whether an open circuit below `electrodeErrorMicroamperes` shows as low current. The safe reading is that it
    /// does not: a lost electrode then stays unnoticed.
    public var openCircuitShowsAsLowCurrent: Bool

    public init(deviceID: String = "SIMULATED1") {
        self.deviceID = DeviceID(text: deviceID)
        version = ExtendedVersion(
            firmware: VersionNumber(major: 1, minor: 2, revision: 3),
            scienceMode: VersionNumber(major: 4, minor: 0, revision: 0), hash: 0xDEAD_BEEF, hashKind: 1,
            hashValidity: 1)
        leftRunning = .nothing
        highVoltageMicroseconds = 40_000
        commandMicroseconds = 1_000
        commandJitterMicroseconds = 0
        betweenPulsesMicroseconds = 60
        resetMilliseconds = 2_000
        resetReenumerates = false
        resetIsAcknowledged = true
        startUpMilliseconds = 300
        stopWithoutLevelResult = 7
        stopFate = .finishesPulse
        queuedPulses = 10
        queueFullResult = 3
        electrodeErrorEndsLevel = false
        withoutHighVoltageResult = 8
        transferErrorAnswer = .generalError
        measurementIsBuiltIn = true
        largestMicroamperes = 130_000
        zeroDurationIsLeftOut = false
        reservedBitsAreChecked = true
        electrodeErrorMicroamperes = 15_000
        electrodeErrorMicroseconds = 50
        lowCurrentPercent = 90
        openCircuitShowsAsLowCurrent = false
    }
}

extension DeviceID {
    /// Ten characters of ASCII: too short a text is filled up with blanks, too long a one is cut.
    public init(text: String) {
        self.init(repeating: 0x20)
        var index = 0
        for byte in text.utf8 where index < DeviceID.length {
            self[index] = byte
            index += 1
        }
    }

    /// As text; a byte that is no printable ASCII becomes a question mark.
    public var text: String {
        var result = ""
        for index in 0..<DeviceID.length {
            let byte = self[index]
            result.unicodeScalars.append(byte >= 0x20 && byte < 0x7F ? Unicode.Scalar(byte) : "?")
        }
        return result
    }
}

extension P24Configuration {
    /// Sets what the device reports of its firmware and of the language that it speaks.
    public mutating func setVersion(
        firmware: (major: UInt8, minor: UInt8, revision: UInt8),
        scienceMode: (major: UInt8, minor: UInt8, revision: UInt8)
    ) {
        version = ExtendedVersion(
            firmware: VersionNumber(major: firmware.major, minor: firmware.minor, revision: firmware.revision),
            scienceMode: VersionNumber(
                major: scienceMode.major, minor: scienceMode.minor, revision: scienceMode.revision),
            hash: version.hash, hashKind: version.hashKind, hashValidity: version.hashValidity)
    }
}
