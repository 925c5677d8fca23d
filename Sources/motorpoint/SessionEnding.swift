// How a session ended, taken from the loop that ran it.
import CareModel
import DeviceDrivers
import RigControl
import SessionEngine
import SessionRecords
import SessionScreen
import StimulusModel

struct SessionEnding {
    let state: SessionState
    let stopCause: StopCause
    let fault: FaultCause
    let isProvenOff: Bool
    private let machine: SessionMachine
    private let chargedNanocoulombs: Int64
    private let timing: LoopTiming

    init(_ loop: borrowing RealtimeLoop) {
        let status = loop.control.status()
        state = status.state
        stopCause = status.stopCause
        fault = status.fault
        isProvenOff = status.isProvenOff || status.condition == .off
        machine = loop.control.machine
        chargedNanocoulombs = loop.control.charged.picocoulombs / 1_000
        timing = loop.timing
    }

    /// As a person reads it.
    var reason: String {
        if state == .faulted { return "fault: \(FaultGuide.entry(for: fault).title)" }
        return stopCause == .programmeFinished ? "completed" : SessionText.name(stopCause)
    }

    var status: ExitStatus {
        if state == .faulted { return isProvenOff || fault == .unplugged ? .fault : .faultOutputUnproven }
        switch stopCause {
        case .programmeFinished: return .done
        case .consentWithdrawn: return .consentWithdrawn
        default: return .stopped
        }
    }

    /// What is known of the stimulator's output after a fault.
    var outputWords: String {
        if isProvenOff { return "The stimulator confirmed that its high voltage is off." }
        // The patient's button is meant to end like this: it must not be told to press it again.
        guard fault == .unplugged else {
            return "THE STIMULATOR DID NOT CONFIRM THAT IT IS OFF. Press the patient's button, then unplug it."
        }
        return
            "It could not be asked whether its high voltage is off. Each pulse needs a message of its own, so while it "
            + "is gone it cannot give a pulse: leave it unplugged until the pads are off."
    }

    var summary: [String] {
        var rows = [
            "\(machine.countedContractions) contractions, \(machine.titrationContractions) of titration, "
                + "treatment clock \(SessionText.clock(machine.treatmentMilliseconds))",
            "\(machine.deliveredPulses) pulses delivered, \(machine.unknownPulses) unknown (counted as delivered), "
                + "\(machine.skippedPulses) skipped, \(machine.droppedPulses) dropped",
            "highest amplitude \(SessionText.milliamperes(machine.highestDelivered)), "
                + "charge \(RefusalText.decimal(chargedNanocoulombs, 1_000)) µC in first phases",
            "timing: \(timing.wakeUps) wake-ups, \(timing.missedTicks) missed ticks, worst "
                + "\(timing.worstLateness.nanoseconds / 1_000) µs late, \(timing.pageFaults) page faults",
        ]
        if machine.sensoryThreshold.microamperes > 0 || machine.motorThreshold.microamperes > 0 {
            rows.append(
                "thresholds: sensory \(SessionText.milliamperes(machine.sensoryThreshold)), motor "
                    + "\(SessionText.milliamperes(machine.motorThreshold))")
        }
        return rows
    }

    func closing() -> SessionClosing {
        SessionClosing(
            reason: reason, faultCode: fault.code, pulsesDelivered: machine.deliveredPulses,
            pulsesUnknown: machine.unknownPulses, pulsesSkipped: machine.skippedPulses,
            contractionsDone: machine.countedContractions, titrationContractions: machine.titrationContractions,
            maximumAmplitudeMicroamperes: machine.highestDelivered.microamperes,
            chargePicocoulombs: chargedNanocoulombs * 1_000, thresholds: thresholds, missedTicks: timing.missedTicks,
            latestWakeupNanoseconds: timing.worstLateness.nanoseconds,
            consentWithdrawn: stopCause == .consentWithdrawn, wallNanoseconds: WallClock.now().nanoseconds)
    }

    /// What was marked in the search, at the rate and phase duration of the search.
    private var thresholds: [SessionThreshold] {
        guard let search = machine.searchDose else { return [] }
        let marks = [("sensory", machine.sensoryThreshold), ("motor", machine.motorThreshold)]
        return marks.filter { $0.1.microamperes > 0 }.map { kind, amplitude in
            SessionThreshold(
                kind: kind, amplitudeMicroamperes: amplitude.microamperes,
                phaseDurationMicroseconds: search.phaseDuration.microseconds,
                frequencyMillihertz: search.frequency.millihertz, place: "",
                wallNanoseconds: WallClock.now().nanoseconds)
        }
    }
}
