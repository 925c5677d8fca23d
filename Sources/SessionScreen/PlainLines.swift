// The session as lines: for logs and screen readers, and the pieces that the screen shares with them.
internal import CareModel
internal import SafetyKernel
public import SessionEngine
public import StimulusModel

public struct PlainLines {
    private let model: ScreenModel

    public init(_ model: ScreenModel) { self.model = model }

    /// One line for each channel: what counts, in words.
    public var lines: [String] {
        let places: [ChannelPlace] = model.plan.channelCount > 1 ? [.first, .second] : [.first]
        return places.compactMap { place in model.status(place).map { line($0, place) } }
    }

    /// One channel's.
    public func line(_ status: StatusSnapshot, _ place: ChannelPlace) -> String {
        var parts = [head(status, place)]
        if model.plan.channelCount > 1 { parts[0] = "\(model.name(place)): \(parts[0])" }
        parts.append("set \(SessionText.milliamperes(status.setAmplitude))")
        parts.append("delivered \(SessionText.milliamperes(status.lastDeliveredNow))")
        if let left = model.timeLeft(place) { parts.append(left) }
        parts.append("pulses \(status.deliveredPulses)")
        parts.append(PlainLines.health(status, tolerance: model.latenessToleranceMilliseconds).joined(separator: ", "))
        return parts.joined(separator: " | ")
    }

    private func head(_ status: StatusSnapshot, _ place: ChannelPlace) -> String {
        // In a session of two, each channel has a course of its own while the session delivers.
        let isApart = model.plan.channelCount > 1 && status.state.isDelivering
        var text = isApart ? SessionText.name(status.channelState) : SessionText.name(status.state)
        switch status.state {
        case .rampingUp, .holding, .rampingDown, .resting:
            guard let channel = model.plan.channel(at: place), let dose = channel.treatment?.dose,
                dose.contractionCount > 0, status.channelState.isRunning
            else { break }
            text +=
                status.isTitrating
                ? " titration \(status.contraction)/\(channel.limits[.titrationContractions].value)"
                : " contraction \(status.contraction)/\(dose.contractionCount)"
            text += " \(SessionText.clock(Int64(status.phaseRemainingMilliseconds)))"
        case .faulted: text += " \(FaultGuide.entry(for: status.fault).title)"
        case .stopping: text += " \(SessionText.name(status.stopCause))"
        default: break
        }
        return text
    }

    static func health(_ status: StatusSnapshot, tolerance: Int32) -> [String] {
        let worst = status.worstLatenessMicroseconds
        let figure = worst < 1_000 ? "<1 ms" : "\(worst / 1_000) ms"
        // Half of what the rig tolerates is worth a look.
        let isPoor = Int64(worst) > Int64(tolerance) * 500
        let parts = ["\(isPoor ? "TIMING POOR" : "timing ok"), worst \(figure)"]
        return status.missedTicks == 0 ? parts : parts + ["\(status.missedTicks) ticks missed"]
    }
}

extension ScreenModel {
    /// `left 1:05`: of a channel's programme, the dose without titration; or of the search.
    func timeLeft(_ place: ChannelPlace) -> String? {
        guard let status = status(place), status.state.isDelivering, status.channelState.isRunning else { return nil }
        if status.part == .search { return "left " + SessionText.clock(Int64(status.phaseRemainingMilliseconds)) }
        guard let dose = plan.channel(at: place)?.treatment?.dose else { return nil }
        guard case .contractions(let cycle, let count) = dose.pattern else {
            return "left " + SessionText.clock(Int64(status.phaseRemainingMilliseconds))
        }
        let begun = status.isTitrating ? 0 : status.contraction
        var left = Int64(max(0, count - begun)) * cycle.cycleMilliseconds + Int64(status.phaseRemainingMilliseconds)
        if !status.isTitrating {
            switch status.channelState {
            case .rampingUp: left += Int64(cycle.plateauMilliseconds) + Int64(cycle.rampDownMilliseconds)
            case .holding: left += Int64(cycle.rampDownMilliseconds)
            default: break
            }
        }
        return "left " + SessionText.clock(left) + (status.isTitrating ? " after titration" : "")
    }
}
