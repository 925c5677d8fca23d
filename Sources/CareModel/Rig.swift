public import StimulusModel

/// Whether the rig insists on real-time scheduling (`decided.md`, Loop and lateness).
public enum RealTimeDemand: String, Sendable, CaseIterable {
    /// Refuse to arm without SCHED_FIFO and locked memory.
    case required
    /// Go on without, and state it on the screen and in the record.
    case bestEffort = "best_effort"
}

/// What the patient holds to stop.
public enum PatientStopKind: String, Sendable, CaseIterable {
    /// A normally closed button that cuts the USB power of the P24 (`decided.md`, P24).
    case usbPowerButton = "usb_power_button"
    /// A normally closed button in the loop of the interlock board's relay (`decided.md`, Needle rig).
    case interlockButton = "interlock_button"
}

public enum StimulatorKind: String, Sendable, CaseIterable {
    /// HASOMED P24, ScienceMode4.
    case p24
    /// Sanworks Pulse Pal 2 with a DS5-class isolator behind an interlock board: for needles.
    case pulsePal = "pulse_pal"
}

/// A version as the device states it.
public struct DeviceVersion: Hashable, Sendable {
    public let major: UInt8
    public let minor: UInt8
    public let revision: UInt8

    public init(major: UInt8, minor: UInt8, revision: UInt8) {
        self.major = major
        self.minor = minor
        self.revision = revision
    }

    public var text: String { "\(major).\(minor).\(revision)" }

    /// From `1.2.3`.
    public init?(text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var numbers: [UInt8] = []
        for part in parts {
            guard part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt8(part),
                String(number) == part
            else { return nil }
            numbers.append(number)
        }
        self.init(major: numbers[0], minor: numbers[1], revision: numbers[2])
    }
}

/// Limits that a rig or the practice lowers; nothing here can raise one.
public struct RigLimits: Equatable, Sendable {
    public let maximumAmplitude: Current?
    public let longestPhase: PhaseDuration?
    public let highestFrequency: Frequency?

    public init(maximumAmplitude: Current?, longestPhase: PhaseDuration?, highestFrequency: Frequency?) {
        self.maximumAmplitude = maximumAmplitude
        self.longestPhase = longestPhase
        self.highestFrequency = highestFrequency
    }

    public static let none = RigLimits(maximumAmplitude: nil, longestPhase: nil, highestFrequency: nil)
}

/// What is connected, as a file in `Hardware/rigs/` states it.
public struct Rig: Equatable, Sendable {
    /// Late wake-ups up to this are counted, later ones stop the session (`decided.md`: 50 ms, a proposal).
    public static let defaultLatenessToleranceMilliseconds: Int32 = 50
    /// What the shipped example says in place of an id; no device answers so.
    public static let exampleDeviceID = "CHANGE-ME."

    /// Equals the file's name.
    public let id: String
    public let title: String
    public let stimulator: StimulatorKind
    /// The serial line's path; nothing if the command line must name it.
    public let serialLine: String?
    /// The 10 characters that the device must answer with; nothing accepts any P24 (`sciencemode4.md` 3, 11).
    public let deviceID: String?
    /// Firmware versions that may be used, never empty (H46).
    public let allowedFirmware: [DeviceVersion]
    /// The major number of the device's protocol that this rig speaks.
    public let wireMajor: UInt8
    public let channel: Channel
    /// The output for the second muscle of a session of two; nothing where the rig has pads for one only.
    public let secondChannel: Channel?
    public let realTime: RealTimeDemand
    public let latenessToleranceMilliseconds: Int32
    public let patientStop: PatientStopKind
    public let limits: RigLimits
    /// Interlock board, isolator and outputs: a needle rig has them, and no other.
    public let needles: NeedleRigParts?
    /// Key path to line in the file, from 1.
    public let sourceMap: [String: Int]

    /// What the rig's stimulator is rated for.
    public var electrodeKind: ElectrodeKind { needles == nil ? .surface : .needle }

    public init(
        id: String, title: String, stimulator: StimulatorKind, serialLine: String?, deviceID: String?,
        allowedFirmware: [DeviceVersion], wireMajor: UInt8, channel: Channel, secondChannel: Channel? = nil,
        realTime: RealTimeDemand, latenessToleranceMilliseconds: Int32, patientStop: PatientStopKind, limits: RigLimits,
        needles: NeedleRigParts? = nil, sourceMap: [String: Int]
    ) {
        self.id = id
        self.title = title
        self.stimulator = stimulator
        self.serialLine = serialLine
        self.deviceID = deviceID
        self.allowedFirmware = allowedFirmware
        self.wireMajor = wireMajor
        self.channel = channel
        self.secondChannel = secondChannel
        self.realTime = realTime
        self.latenessToleranceMilliseconds = latenessToleranceMilliseconds
        self.patientStop = patientStop
        self.limits = limits
        self.needles = needles
        self.sourceMap = sourceMap
    }
}
