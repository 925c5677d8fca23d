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
    private let charged: [Charge]
    private let timing: LoopTiming

    init(_ loop: borrowing RealtimeLoop) {
        let status = loop.control.status()
        state = status.state
        stopCause = status.stopCause
        fault = status.fault
        isProvenOff = status.isProvenOff || status.condition == .off
        machine = loop.control.machine
        charged =
            machine.channelCount > 1
            ? [loop.control.charged(.first), loop.control.charged(.second)] : [loop.control.charged(.first)]
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

    private var chargedPicocoulombs: Int64 { charged.reduce(0) { Saturating.sum($0, $1.picocoulombs) } }

    private var channels: [ChannelConduct] {
        machine.channelCount > 1 ? [machine.channel(.first), machine.channel(.second)] : [machine.channel(.first)]
    }

    var summary: [String] {
        var rows = ["treatment clock \(SessionText.clock(machine.treatmentMilliseconds))"]
        for (index, channel) in channels.enumerated() {
            let name = channels.count > 1 ? "channel \(index + 1): " : ""
            rows.append(
                "\(name)\(channel.countedContractions) contractions, \(channel.titrationContractions) of titration, "
                    + "highest amplitude \(SessionText.milliamperes(channel.highestDelivered)), charge "
                    + "\(RefusalText.decimal(charged[index].picocoulombs, 1_000_000)) µC in first phases")
            let sensory = channel.sensoryThreshold
            let motor = channel.motorThreshold
            guard sensory.microamperes > 0 || motor.microamperes > 0 else { continue }
            rows.append(
                "\(name)thresholds, the lowest marked: sensory \(SessionText.milliamperes(sensory)), motor "
                    + "\(SessionText.milliamperes(motor))")
        }
        return rows + [
            "\(machine.deliveredPulses) pulses delivered, \(machine.unknownPulses) unknown (counted as delivered), "
                + "\(machine.skippedPulses) skipped, \(machine.droppedPulses) dropped",
            "timing: \(timing.wakeUps) wake-ups, \(timing.missedTicks) missed ticks, worst "
                + "\(timing.worstLateness.nanoseconds / 1_000) µs late, \(timing.pageFaults) page faults",
        ]
    }

    /// Whether a motor threshold was marked, on any channel, in a session that ended in order and that nobody fled
    /// from: then its place is worth asking for.
    var hasMotorPoint: Bool {
        guard state == .closed, stopCause == .programmeFinished || stopCause == .operatorKey else { return false }
        return channels.contains { $0.motorThreshold.microamperes > 0 }
    }

    /// - Parameter motorPoint: where the electrode lay, in the practitioner's words; empty where nobody said.
    func closing(motorPoint: String) -> SessionClosing {
        var closing = SessionClosing(
            reason: reason, faultCode: fault.code, pulsesDelivered: machine.deliveredPulses,
            pulsesUnknown: machine.unknownPulses, pulsesSkipped: machine.skippedPulses,
            contractionsDone: machine.countedContractions, titrationContractions: machine.titrationContractions,
            maximumAmplitudeMicroamperes: machine.highestDelivered.microamperes,
            chargePicocoulombs: chargedPicocoulombs, thresholds: thresholds(at: motorPoint),
            missedTicks: timing.missedTicks, latestWakeupNanoseconds: timing.worstLateness.nanoseconds,
            consentWithdrawn: stopCause == .consentWithdrawn, wallNanoseconds: WallClock.now().nanoseconds)
        if charged.count > 1 { closing.channelChargePicocoulombs = charged.map(\.picocoulombs) }
        return closing
    }

    /// The lowest that was marked in the searches, at the rate and phase duration of each.
    private func thresholds(at place: String) -> [SessionThreshold] {
        channels.flatMap { channel -> [SessionThreshold] in
            guard let search = channel.searchDose else { return [] }
            let marks = [("sensory", channel.sensoryThreshold), ("motor", channel.motorThreshold)]
            return marks.filter { $0.1.microamperes > 0 }.map { kind, amplitude in
                var threshold = SessionThreshold(
                    kind: kind, amplitudeMicroamperes: amplitude.microamperes,
                    phaseDurationMicroseconds: search.phaseDuration.microseconds,
                    frequencyMillihertz: search.frequency.millihertz, place: place,
                    wallNanoseconds: WallClock.now().nanoseconds)
                threshold.muscle = search.muscle.name
                return threshold
            }
        }
    }
}
