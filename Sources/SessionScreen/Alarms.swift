// Alarms by the priorities of IEC 60601-1-8 as `clinical.md` 1.4 gives them: colour and symbol and flash and sound, so
// that no one of them carries the meaning alone. A mute changes the sound only; nothing here can restore output.
internal import CareModel
internal import StimulusModel

public enum AlarmPriority: UInt8, Comparable, Sendable {
    /// Awareness.
    case low = 1
    /// Reversible injury possible.
    case medium = 2
    /// Death or irreversible injury possible.
    case high = 3

    public static func < (a: AlarmPriority, b: AlarmPriority) -> Bool { a.rawValue < b.rawValue }

    /// [EDAN].
    var symbol: String { String(repeating: "*", count: Int(rawValue)) }

    var word: String {
        switch self {
        case .low: return "LOW"
        case .medium: return "MEDIUM"
        case .high: return "HIGH"
        }
    }

    var tone: Tone {
        switch self {
        case .low: return .cyan
        case .medium: return .yellow
        case .high: return .red
        }
    }

    /// One flash in ms, 0 for constant: 2 Hz lies within 1.4 to 2.8 Hz, 0.6 Hz within 0.4 to 0.8 Hz [EDAN].
    public var flashMilliseconds: Int64 {
        switch self {
        case .low: return 0
        case .medium: return 1_666
        case .high: return 500
        }
    }

    /// When the pulses of one burst begin, in ms: 3+2 twice, 3, or 1 [EDAN]; the gaps are wide enough for a terminal's
    /// bell (proposal).
    public var soundPulses: [Int64] {
        switch self {
        case .low: return [0]
        case .medium: return [0, 300, 600]
        case .high: return [0, 250, 500, 950, 1_200, 2_200, 2_450, 2_700, 3_150, 3_400]
        }
    }

    /// From burst to burst, in ms [EDAN].
    public var soundIntervalMilliseconds: Int64 {
        switch self {
        case .low: return 30_000
        case .medium: return 25_000
        case .high: return 10_000
        }
    }
}

/// What an alarm is about: at most one of each is active.
public enum AlarmKind: UInt8, Sendable {
    case loopSilent, fault, presenceAsked, presenceMissed, checkInAsked, timingPoor, pulsesLost, timeNearlyOver
}

/// A condition that wants somebody's attention.
public struct Alarm: Equatable, Sendable {
    public let kind: AlarmKind
    public let priority: AlarmPriority
    public let title: String
    /// What happened and what to do; empty where the title says it.
    public let advice: [String]
    /// When it began, in the clock of the screen.
    public let since: Int64
}

/// The active alarms, and what is heard of them.
public struct AlarmBoard: Sendable {
    /// The highest first, of the same priority the oldest.
    public private(set) var active: [Alarm] = []
    private var mutedUntil: Int64 = .min
    private var heardUntil: Int64 = .min

    /// 120 s at most (H48).
    public static let longestMuteMilliseconds: Int64 = 120_000

    public init() {}

    /// Begins an alarm, which ends a mute. One that is active already only changes its words.
    mutating func raise(
        _ kind: AlarmKind, _ priority: AlarmPriority, _ title: String, advice: [String] = [], at now: Int64
    ) {
        if let index = active.firstIndex(where: { $0.kind == kind && $0.priority == priority }) {
            active[index] = Alarm(
                kind: kind, priority: priority, title: title, advice: advice, since: active[index].since)
            return
        }
        active.removeAll { $0.kind == kind }
        active.append(Alarm(kind: kind, priority: priority, title: title, advice: advice, since: now))
        active.sort { $0.priority != $1.priority ? $0.priority > $1.priority : $0.since < $1.since }
        mutedUntil = .min
    }

    func active(_ kind: AlarmKind) -> Alarm? { active.first { $0.kind == kind } }

    mutating func clear(_ kind: AlarmKind) { active.removeAll { $0.kind == kind } }

    /// Mutes the sound of what is active now; without an alarm there is nothing to mute.
    mutating func mute(at now: Int64) {
        guard !active.isEmpty else { return }
        mutedUntil = now + AlarmBoard.longestMuteMilliseconds
    }

    public func isMuted(at now: Int64) -> Bool { now < mutedUntil }

    /// Milliseconds until the sound comes back.
    func muteLeft(at now: Int64) -> Int64 { isMuted(at: now) ? mutedUntil - now : 0 }

    /// Whether a flashing alarm is in its bright half.
    static func isLit(_ alarm: Alarm, at now: Int64) -> Bool {
        let period = alarm.priority.flashMilliseconds
        guard period > 0 else { return true }
        return (max(0, now - alarm.since) % period) * 2 < period
    }

    /// What is to be heard since the last call: whether a pulse of the most urgent alarm began, and whether with it a
    /// burst. Only the most urgent sounds.
    public mutating func sound(at now: Int64) -> (pulse: Bool, burst: AlarmPriority?) {
        let from = max(heardUntil, now - 1_000)
        heardUntil = now
        guard let alarm = active.first, !isMuted(at: now) else { return (false, nil) }
        let interval = alarm.priority.soundIntervalMilliseconds
        let began = max(0, now - alarm.since) / interval * interval + alarm.since
        func isNew(_ instant: Int64) -> Bool { instant <= now && instant > from }
        let hasPulse = alarm.priority.soundPulses.contains { isNew(began + $0) }
        return (hasPulse, isNew(began) ? alarm.priority : nil)
    }
}

/// Which fault is how urgent: the mapping proposed in `clinical.md` 1.4.
enum AlarmRule {
    /// High where output may still be there, or where the line was lost while current ran; else medium. Every fault has
    /// stopped and latched already.
    static func priority(_ cause: FaultCause, wasDelivering: Bool) -> AlarmPriority {
        switch cause {
        case .stopUnconfirmed, .highVoltageStillOn, .gateRefusal: return .high
        case .unplugged, .silent, .garbage, .wrongDevice, .secondController, .deliveryUnknown, .unexpectedDeviceState,
            .lineBlocked, .deviceTransferError, .deviceHighVoltageError, .internalError:
            return wasDelivering ? .high : .medium
        default: return .medium
        }
    }
}
