// How a session ended, taken from the loop that ran it.
import CareModel
import DeviceDrivers
import RigControl
import SafetyKernel
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
    /// Whether the patient took consent back, as the first cause of the stop or said after another.
    let consentWithdrawn: Bool

    init(_ loop: borrowing RealtimeLoop, consentWithdrawn: Bool) {
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
        self.consentWithdrawn = consentWithdrawn || status.stopCause == .consentWithdrawn
    }

    /// As a person reads it.
    var reason: String {
        if state == .faulted { return "fault: \(FaultGuide.entry(for: fault).title)" }
        if consentWithdrawn { return SessionText.name(.consentWithdrawn) }
        guard stopCause == .programmeFinished else { return SessionText.name(stopCause) }
        let stopped = channels.enumerated().filter { $0.element.state == .stopped }.map { "\($0.offset + 1)" }
        return stopped.isEmpty ? "completed" : "completed, channel \(stopped.joined(separator: ", ")) stopped alone"
    }

    var status: ExitStatus {
        if state == .faulted {
            return isProvenOff || (fault == .unplugged && !isNeedleRig) ? .fault : .faultOutputUnproven
        }
        if consentWithdrawn { return .consentWithdrawn }
        return reason == "completed" ? .done : .stopped
    }

    /// What is known of the stimulator's output after a fault.
    var outputWords: String {
        if isNeedleRig { return needleWords }
        if isProvenOff { return "The stimulator confirmed that its high voltage is off." }
        // The patient's button is meant to end like this: it must not be told to press it again.
        guard fault == .unplugged else {
            return "THE STIMULATOR DID NOT CONFIRM THAT IT IS OFF. Press the patient's button, then unplug it."
        }
        return
            "It could not be asked whether its high voltage is off. Each pulse needs a message of its own, so while it "
            + "is gone it cannot give a pulse: leave it unplugged until the pads are off."
    }

    private var isNeedleRig: Bool { machine.channel(.first).dose?.dose.electrodeKind == .needle }

    private var needleWords: String {
        isProvenOff
            ? "The output relay was read back open: no current can reach the needles."
            : "THE OUTPUT RELAY WAS NOT READ BACK OPEN. Press the emergency stop and take the clips off now."
    }

    /// What a session that was cut short means for the next one; nothing where none of its treatment was given. A start
    /// after a fault is a new session, and the rest between two treatments of a muscle counts from this one.
    var restWords: String? {
        guard state == .faulted || stopCause != .programmeFinished, channels.contains(where: { $0.treatmentPulses > 0 })
        else { return nil }
        return
            "Treatment pulses were given: this session counts for rest, sessions a day and charge. "
            + "`motorpoint start --dry-run` says what the limits allow next."
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

    /// The channels with a marked motor threshold, in a session that ended in order and that nobody fled from: the
    /// place of each is worth asking for.
    var motorPoints: [ChannelPlace] {
        guard state == .closed, !consentWithdrawn, stopCause == .programmeFinished || stopCause == .operatorKey else {
            return []
        }
        return [ChannelPlace.first, .second].prefix(channels.count).filter {
            channels[$0.index].motorThreshold.microamperes > 0
        }
    }

    /// - Parameter motorPoints: where each electrode lay, in the practitioner's words; nothing where nobody said.
    func closing(motorPoints: [ChannelPlace: String]) -> SessionClosing {
        var closing = SessionClosing(
            reason: reason, faultCode: fault.code, pulsesDelivered: machine.deliveredPulses,
            pulsesUnknown: machine.unknownPulses, pulsesSkipped: machine.skippedPulses,
            contractionsDone: machine.countedContractions, titrationContractions: machine.titrationContractions,
            maximumAmplitudeMicroamperes: machine.highestDelivered.microamperes,
            chargePicocoulombs: chargedPicocoulombs, thresholds: thresholds(at: motorPoints),
            missedTicks: timing.missedTicks, latestWakeupNanoseconds: timing.worstLateness.nanoseconds,
            consentWithdrawn: consentWithdrawn, wallNanoseconds: WallClock.now().nanoseconds)
        closing.channelTreatmentPulses = channels.map(\.treatmentPulses)
        if charged.count > 1 { closing.channelChargePicocoulombs = charged.map(\.picocoulombs) }
        return closing
    }

    /// The lowest that was marked in the searches, at the rate and phase duration of each.
    private func thresholds(at places: [ChannelPlace: String]) -> [SessionThreshold] {
        channels.enumerated().flatMap { index, channel -> [SessionThreshold] in
            let place = ChannelPlace(rawValue: UInt8(index)).flatMap { places[$0] } ?? ""
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
