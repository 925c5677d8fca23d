/// Every fault by name. A fault latches: only a person clears it, and the next start is from 0 mA.
/// What each means and what to do is in `CareModel/FaultGuide`. Raw values are stored in records: never renumber.
public enum FaultCause: UInt8, Sendable {
    case none = 0

    // The line.
    /// The port hung up: cable, power, or the patient's stop button (which cuts the P24's USB power).
    case unplugged = 1
    /// The device did not answer in time.
    case silent = 2
    /// More defective frames than a sound line gives.
    case garbage = 3
    /// The far end is no P24, or not the one that the rig file names.
    case wrongDevice = 4
    /// Firmware or protocol outside the allow-list.
    case wrongFirmware = 5
    /// An answer to a question that this host did not ask: someone else is talking to the device.
    case secondController = 6
    /// A pulse was sent and no acknowledgement came within 100 ms of its end.
    case deliveryUnknown = 7
    /// The device was found in a state that this host did not command (restart, other level, voltage off).
    case unexpectedDeviceState = 8
    /// The stop command was not confirmed.
    case stopUnconfirmed = 9
    /// After a confirmed stop the device still reports high voltage.
    case highVoltageStillOn = 10
    /// The line did not take a whole frame.
    case lineBlocked = 11

    // The device's own error codes (`sciencemode4.md` 6).
    case deviceTransferError = 20
    case deviceParameterError = 21
    case deviceProtocolError = 22
    case deviceInternalTimeout = 23
    case deviceNotInitialised = 24
    case deviceHighVoltageError = 25
    /// Electrodes not well connected (from 15 mA up).
    case electrodeError = 26
    case deviceInvalidCommand = 27
    case devicePulseTimeout = 28
    /// Measured current below the set one: 150 V do not suffice.
    case lowCurrent = 29
    /// A code of other devices, or one unknown to this program.
    case deviceUnexpectedResult = 30
    /// The device's own samples differ from what calibration lets expect by more than the tolerance.
    case outputDeviates = 31

    // The host.
    /// A wake-up later than the rig file's tolerance.
    case late = 40
    /// The computer slept: boot time ran on while the monotonic clock stood still.
    case suspended = 41
    /// The ring to the record writer is full.
    case journalFull = 42
    /// The record could not be written.
    case journalFailed = 43
    /// The screen could not be written, or the console thread gave no sign of life, for a second.
    case consoleStalled = 44
    /// The pulse gate refused a pulse: two parts of the program disagree.
    case gateRefusal = 45
    /// The machine was asked for something impossible.
    case internalError = 46

    // The needle rig (`decided.md`, Needle rig).
    /// The relay did not close when it was asked to, at the test before energy.
    case relayWouldNotClose = 60
    /// With enable off the relay stayed closed: that stop path is broken.
    case enablePathFailed = 61
    /// With the heartbeat stopped the relay stayed closed: that stop path is broken.
    case heartbeatPathFailed = 62
    /// The relay opened although it was asked to be closed.
    case relayOpened = 63
    /// After a stop the read-back still says that the relay is closed.
    case relayStillClosed = 64
    /// Two edges in a row without a pulse behind the relay.
    case pulseNotSeen = 65
    /// A pulse behind the relay that no edge had released.
    case pulseWithoutEdge = 66
    /// The GPIO lines cannot be read or driven any more; treated as an emergency stop.
    case pinsLost = 67
    /// The Pulse Pal did not confirm a setting within 50 ms.
    case settingUnconfirmed = 68
    /// The Pulse Pal refused a setting, or reads back another one than was sent.
    case settingRefused = 69

    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: FaultCause, b: FaultCause) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: FaultCause, b: FaultCause) -> Bool { !(a == b) }
}
