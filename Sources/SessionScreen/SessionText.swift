// What a session says on the screen, as pure functions of its numbers.
internal import CareModel
public import SafetyKernel
public import SessionEngine
public import StimulusModel

public enum SessionText {
    /// `8 mA`, `7.5 mA`: exact, since the smallest step shown is 0.1 mA.
    public static func milliamperes(_ current: Current) -> String {
        let tenths = Int(current.microamperes) / 100
        return tenths % 10 == 0 ? "\(tenths / 10) mA" : "\(tenths / 10).\(tenths % 10) mA"
    }

    /// `1:05` for 65,000 ms; rounded up, so that 0:00 means over.
    public static func clock(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds + 999) / 1_000
        let rest = seconds % 60
        return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest)"
    }

    public static func name(_ state: SessionState) -> String {
        switch state {
        case .idle: return "CHECKING DEVICE"
        case .cleared: return "CLEARED, not armed"
        case .armed: return "ARMED at 0 mA"
        case .searching: return "SEARCH"
        case .rampingUp: return "RAMP UP"
        case .holding: return "HOLD"
        case .rampingDown: return "RAMP DOWN"
        case .resting: return "REST"
        case .paused: return "PAUSED"
        case .stopping: return "STOPPING"
        case .closed: return "CLOSED"
        case .faulted: return "FAULT"
        }
    }

    /// What one channel does, in the words of the session's own state.
    static func name(_ state: ChannelState) -> String {
        switch state {
        case .off: return "0 mA"
        case .searching: return name(SessionState.searching)
        case .waiting: return "WAITS"
        case .rampingUp: return name(SessionState.rampingUp)
        case .holding: return name(SessionState.holding)
        case .rampingDown: return name(SessionState.rampingDown)
        case .resting: return name(SessionState.resting)
        case .finished: return "DOSE GIVEN"
        case .stopped: return "STOPPED ALONE"
        }
    }

    public static func name(_ cause: StopCause) -> String {
        switch cause {
        case .none: return "not stopped"
        case .programmeFinished: return "programme finished"
        case .operatorKey: return "stopped by the practitioner"
        case .consentWithdrawn: return "consent withdrawn"
        case .secondTerminal: return "stopped from a second terminal"
        case .signal: return "stopped by a signal"
        case .terminalGone: return "the terminal went away"
        case .sessionTimeLimit: return "longest treatment time reached"
        case .attendedTimeLimit: return "longest time from arming to the end reached"
        case .presenceMissed: return "nobody answered the presence question"
        case .emergencyStop: return "emergency stop pressed, or its wire is broken"
        case .patientButton: return "the patient pressed the stop button, or its wire is broken"
        case .fainting: return "stopped: fainting"
        case .brokenNeedle: return "stopped: broken or bent needle"
        case .strongPain: return "stopped: strong pain"
        }
    }

    public static func name(_ why: RefusedCommand) -> String {
        switch why {
        case .wrongState: return "not possible now"
        case .heldKey: return "key held or pressed too soon: wait a quarter of a second, one press is one step"
        case .riseLimit: return "faster than the rise limit"
        case .atCeiling: return "the limit is reached"
        case .notYetFelt: return "the last step has not been felt yet"
        case .notReady: return "the stimulator is not ready"
        case .notInPlan: return "this session has no such part"
        case .stale: return "came too late"
        case .noMotorThreshold: return "above 15 Hz on needles the motor threshold must be marked first"
        }
    }

    public static func name(_ command: OperatorCommand) -> String {
        switch command {
        case .none: return "nothing"
        case .arm: return "arm"
        case .beginSearch: return "begin search"
        case .beginTreatment: return "begin treatment"
        case .endSearch: return "end search"
        case .endTitration: return "end titration"
        case .raise: return "raise"
        case .lower: return "lower"
        case .zero: return "zero"
        case .pause: return "pause"
        case .resume: return "resume"
        case .markSensory: return "mark sensory threshold"
        case .markMotor: return "mark motor threshold"
        case .present: return "presence"
        case .checkedIn: return "check-in"
        }
    }

    /// `2.4 s` for 2,350 ms; rounded up.
    static func seconds(_ milliseconds: Int64) -> String {
        let tenths = max(0, milliseconds + 99) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// `0:07.4` since the loop began.
    public static func stamp(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        let rest = seconds % 60
        return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest).\(milliseconds % 1_000 / 100)"
    }

    /// One line for an event; nothing for those that the screen shows all the time.
    /// - Parameter isSearch: whether the amplitude is that of a search: at its cap the electrode is moved, not the
    ///   current raised (`clinical.md` 2.3).
    public static func line(
        _ event: SessionEvent, ceiling: Current, ceilingSetBy: LimitSource, isSearch: Bool = false
    ) -> String? {
        let current = Current(microamperes: event.value)
        switch event.kind {
        case .none: return nil
        case .stateChanged:
            guard let state = SessionState(rawValue: UInt8(clamping: event.value)) else { return nil }
            return "→ \(name(state))"
        case .raised: return "raised to \(milliamperes(current))"
        case .lowered: return "lowered to \(milliamperes(current))"
        case .commandRefused:
            guard let command = OperatorCommand(rawValue: UInt8(clamping: event.value)),
                let why = RefusedCommand(rawValue: event.detail)
            else { return nil }
            if why == .atCeiling {
                let owner = LimitText.owner(ceilingSetBy)
                if isSearch {
                    return
                        "no raise: \(milliamperes(ceiling)) is the cap of the search, set by \(owner): move the "
                        + "electrode, do not raise"
                }
                return "no raise: \(milliamperes(ceiling)) is the limit, set by \(owner)"
            }
            return "\(name(command)): \(name(why))"
        case .thresholdMarked:
            return "\(event.detail == 1 ? "sensory" : "motor") threshold \(milliamperes(current))"
        case .contractionBegan:
            return event.detail == 1 ? "titration contraction \(event.value)" : "contraction \(event.value)"
        case .titrationEnded: return "titration ended after \(event.value); the next contraction counts"
        case .runBegan: return "running from 0 mA"
        case .stopRequested:
            guard let cause = StopCause(rawValue: UInt8(clamping: event.value)) else { return nil }
            return "STOP: \(name(cause))"
        case .fault:
            guard let cause = FaultCause(rawValue: UInt8(clamping: event.value)) else { return nil }
            return "FAULT: \(FaultGuide.entry(for: cause).title)"
        case .ticksMissed: return event.value >= 10 ? "this computer was \(event.value) ms late" : nil
        case .pulsesDropped: return "\(event.value) \(event.value == 1 ? "pulse" : "pulses") dropped, not sent late"
        // Counted in the summary; on a slow line it would fill the screen.
        case .pulseSkipped: return nil
        case .deliveryUnknown: return "fate of a pulse of \(milliamperes(current)) unknown: counted as delivered"
        case .presenceAsked: return "ARE YOU THERE? press y within \(event.value) s"
        case .presenceMissed: return "no answer"
        case .setAmplitudeClipped:
            return "the last raise was not felt before the ramp: back to \(milliamperes(current))"
        case .notDelivered: return "a pulse was not given: late here and dropped, or not executed by the stimulator"
        case .channelStopped: return "channel stopped alone: it gives nothing more in this session"
        case .channelFinished: return "this channel's dose is given"
        case .checkInAsked:
            return "CHECK-IN: pain? dizzy? look at the skin. All well: press c within \(event.value) s"
        case .checkInAnswered: return "check-in: no pain, not dizzy, skin well"
        case .checkInMissed: return "check-in not answered"
        // Shown all the time; the record has it.
        case .channelStateChanged: return nil
        }
    }
}
