// A refusal in words: asked, limit, who set it, what to do.
import CareModel
import SafetyKernel
import SessionScreen
import StimulusModel

enum RefusalText {
    static func name(_ source: LimitSource) -> String { LimitText.owner(source) }

    static func name(_ kind: LimitKind) -> String {
        switch kind {
        case .amplitude: return "amplitude"
        case .amplitudeRise: return "rise of the set amplitude"
        case .longestPhase, .shortestPhase: return "phase duration"
        case .frequency, .lowestFrequency: return "frequency"
        case .chargePerPhase: return "charge per phase"
        case .netCharge: return "net charge"
        case .rootMeanSquare: return "r.m.s. current"
        case .energyPerPulse: return "energy per pulse into 500 Ω"
        case .currentDensity: return "r.m.s. current density under the pad"
        case .powerDensity: return "power density under the pad"
        case .sessionTime: return "treatment time"
        case .contractions: return "contractions"
        case .restBetweenSessions: return "rest since the last session on this muscle"
        case .attendedTime: return "time from arming to the end"
        case .titrationContractions: return "titration contractions"
        case .amplitudeStep: return "amplitude step"
        case .sessionsPerDay: return "treatments of this person in 24 h"
        case .chargePerDay: return "charge through this muscle in 24 h, this session at its most included"
        case .directCurrent: return "direct current from offset and imbalance"
        }
    }

    /// A value of a kind in the unit that people read.
    static func value(_ value: Int64, _ kind: LimitKind) -> String {
        switch kind {
        case .amplitude, .rootMeanSquare, .amplitudeStep: return decimal(value, 1_000) + " mA"
        case .amplitudeRise: return decimal(value, 1_000) + " mA/s"
        case .longestPhase, .shortestPhase: return "\(value) µs"
        case .frequency, .lowestFrequency: return decimal(value, 1_000) + " Hz"
        case .chargePerPhase, .netCharge: return decimal(value, 1_000_000) + " µC"
        case .chargePerDay: return decimal(value, 1_000_000_000) + " mC"
        case .directCurrent: return decimal(value, 1_000) + " µA"
        case .energyPerPulse: return decimal(value, 1_000_000) + " mJ"
        case .currentDensity: return decimal(value, 1_000) + " mA/cm²"
        case .powerDensity: return decimal(value, 1_000_000) + " W/cm²"
        case .sessionTime, .attendedTime: return decimal(value, 60_000) + " min"
        case .restBetweenSessions: return decimal(value, 3_600_000) + " h"
        case .contractions, .titrationContractions, .sessionsPerDay: return "\(value)"
        }
    }

    /// `value / unit` with up to three decimals, cut, without trailing zeros.
    static func decimal(_ value: Int64, _ unit: Int64) -> String { LimitText.decimal(value, unit) }

    /// The file key whose number a limit is about, where there is one.
    static func key(_ kind: LimitKind) -> ProtocolKey? {
        switch kind {
        case .amplitude, .chargePerPhase, .rootMeanSquare, .energyPerPulse, .currentDensity, .powerDensity:
            return .maximumAmplitude
        case .longestPhase, .shortestPhase: return .phaseDuration
        case .frequency, .lowestFrequency: return .frequency
        case .contractions: return .contractions
        case .sessionTime: return .duration
        default: return nil
        }
    }

    static func message(_ refusal: Refusal) -> String {
        switch refusal {
        case .limit(let kind, let asked, let limit, let source):
            let bound = kind.isLowerBound ? "at least" : "at most"
            var text = "\(name(kind)): asked \(value(asked, kind)), limit \(bound) \(value(limit, kind)), "
            text += "set by \(name(source))"
            if kind == .restBetweenSessions {
                text += "; next possible in \(decimal(limit - asked, 3_600_000)) h"
            }
            return text
        case .gatesMissing(let gates):
            return "not cleared: missing \(gates.names.joined(separator: ", "))"
        case .electrodeKind(let asked, let rated):
            return "the protocol is for \(asked.name) electrodes, the stimulator is rated for \(rated.name)"
        case .noSuchChannel: return "the stimulator has no such channel; see the rig file"
        case .phaseNotSupported(let microseconds):
            return "the stimulator cannot make a phase or gap of \(microseconds) µs"
        case .padAreaImplausible(let area):
            return "a pad of \(decimal(Int64(area), 100)) cm² is not plausible: 1 to 200 cm²"
        case .searchMismatch: return "search and treatment do not belong together: muscle and phase must agree"
        case .firstSessionStage:
            return
                "a first session on this muscle and side takes a Relieve protocol, set by the rule for first sessions"
        case .malformedPattern:
            return
                "a time or count of the pattern is zero, negative or too short (ramps and plateau from 0.5 s, rest "
                + "from 1 s)"
        case .nothingToDo: return "nothing to do: neither a search nor a treatment"
        case .clockSetBack:
            return "this computer's clock stands before the end of a recorded session: set the clock right first"
        case .stimulatorNotReady: return "the stimulator is not ready"
        case .amplitudeOffGrid(let amplitude): return "\(amplitude) µA is no step of the stimulator"
        case .channelsMismatch:
            return
                "the two channels do not fit together: they need two muscles and two outputs; together one rhythm and "
                + "one rate, alternating cycles of the same length with each contraction within the other's rest"
        case .needleTooSmall(let diameter, let inserted):
            return
                "a needle of \(decimal(Int64(diameter), 1_000)) mm with \(inserted) mm inserted is too small: at least "
                + "0.25 mm and 15 mm (proposal)"
        case .contactMismatch: return "pads for a needle protocol, or needles for one on pads"
        case .patternNotForNeedles:
            return "contractions are not given through needles: strong spasm bends or breaks them [WHO99]"
        case .motorThresholdMissing:
            return
                "above 15 Hz on needles a motor threshold must be marked in this session first: do not leave out the "
                + "search"
        case .dummyLoadNotAttested:
            return "no dummy load of 100 Ω to 20 kΩ is attested with everything that belongs to it"
        case .dummyLoadTooWeak(let milliwatts):
            return "the dummy load would have to take \(milliwatts) mW, more than it is rated for"
        case .rampBeforePlateau, .raiseOutsidePlateau, .partNotAuthorized, .patternOverrun, .notTheNextLevel:
            return "the program contradicts itself; the session was stopped"
        }
    }
}
