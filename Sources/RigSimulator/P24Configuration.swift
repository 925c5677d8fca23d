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
    /// The acknowledgement of the command that the broken frame seems to hold, with result 1.
    case matchingAcknowledgement
}

/// How the weaker pulses of a mid-level ramp grow (the documents only say: linearly, n of them).
public enum RampForm: UInt8, Sendable {
    /// I · k / (n + 1) for k = 1 to n: the first after the ramp is the first at full current.
    case reachesFullAfterRamp = 0
    /// I · k / n for k = 0 to n - 1: the first pulse is none.
    case startsAtZero
}

/// What an Ml_update does that asks for more pulses than fit into the time.
public enum DensityAnswer: UInt8, Sendable {
    /// Result 2 (the vendor's server code).
    case refused = 0
    /// Result 0, and nothing is delivered while the lamp stays green (PSM on hardware).
    case acceptedWithoutPulses
    /// Result 0, and a pulse that finds the generator busy for a whole period ends in a pulse timeout (IFU, result 16).
    case attempted
}

/// What clears the error of a mid-level channel (not documented).
public enum ErrorClearing: UInt8, Sendable {
    /// The next Ml_update that enables the channel.
    case update = 0
    /// Being told by Ml_get_current_data.
    case reading
    /// Only Ml_init.
    case initialisation
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
    /// The packet number of General_error, and of Unknown_cmd unless that echoes (any: C, PY).
    public var errorPacketNumber: UInt8
    public var unknownCommandEchoesPacketNumber: Bool
    /// The longest frame that is taken: 1200 bytes (IFU), or 576 (the C library's build for microcontrollers).
    public var longestFrameBytes: Int
    /// False: a start byte inside a frame begins no new one, so that the frame behind a cut one is lost too, as the C
    /// library does.
    public var resynchronisesAtStartByte: Bool
    /// The result of Ll_init while the low level is on: 0, as PSM needs on hardware.
    public var lowLevelInitAgainResult: UInt8
    /// False: a measurement asked for in Ll_init is a parameter error ("not yet implemented", C comment).
    public var measurementIsBuiltIn: Bool

    // The mid level.
    /// Ml_init switches the high voltage twice: about 2 · 40 ms (C).
    public var midLevelInitMicroseconds: Int64
    /// Pulses stop when neither Ml_update nor Ml_get_current_data came for so long: 2 s (IFU, PY, C).
    public var keepAliveMilliseconds: Int64
    /// Whether the level is then reported as 2 instead of 3.
    public var pauseReportsInitialised: Bool
    /// Whether an update after that pause runs the ramp, since it enables the channel again.
    public var restartAfterPauseRamps: Bool
    /// The result of Ml_init while the mid level is on; with 0 the pulses stop and it begins anew.
    public var midLevelInitAgainResult: UInt8
    /// Whether an update without any channel counts as running (level 3).
    public var emptyUpdateIsRunning: Bool
    /// Whether an update switches off the channels that it does not name.
    public var updateSwitchesOthersOff: Bool
    /// Whether an update of a running channel runs the ramp again; the wording says no.
    public var runningUpdateRampsAgain: Bool
    /// Whether a running channel keeps its beat through an update, or begins a new one at once.
    public var updateKeepsBeat: Bool
    public var rampForm: RampForm
    public var densityAnswer: DensityAnswer
    public var errorClearing: ErrorClearing
    /// Whether low current stops the channel as an electrode error does, or is only told.
    public var lowCurrentStopsChannel: Bool
    /// Whether the level falls back to 2 when errors have stopped the last channel.
    public var lastErrorEndsRunning: Bool
    /// Whether Ml_get_current_data also knows selections 2 and 3, which only the C library has.
    public var knowsLibrarySelections: Bool

    // Values.
    /// False: a last point that is cut off, and bytes left over, are taken as the vendor's server code does (N08, N12).
    public var pointListIsStrict: Bool
    /// What 1 mA or 1 V is in a measured sample: 100 (PY); no other scale is documented.
    public var sampleScale: Int32
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
        errorPacketNumber = 0
        unknownCommandEchoesPacketNumber = true
        longestFrameBytes = 1_200
        resynchronisesAtStartByte = true
        lowLevelInitAgainResult = 0
        measurementIsBuiltIn = true
        midLevelInitMicroseconds = 80_000
        keepAliveMilliseconds = 2_000
        pauseReportsInitialised = true
        restartAfterPauseRamps = true
        midLevelInitAgainResult = 0
        emptyUpdateIsRunning = false
        updateSwitchesOthersOff = true
        runningUpdateRampsAgain = false
        updateKeepsBeat = true
        rampForm = .reachesFullAfterRamp
        densityAnswer = .refused
        errorClearing = .update
        lowCurrentStopsChannel = true
        lastErrorEndsRunning = true
        knowsLibrarySelections = false
        pointListIsStrict = true
        sampleScale = 100
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
