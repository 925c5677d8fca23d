internal import CareModel
internal import StimulusModel

/// One line of "planned against delivered".
public struct PlannedLine: Equatable, Sendable {
    public let what: String
    public let planned: String
    public let delivered: String
}

extension SessionStory {
    /// What the protocol asked for beside what came of it; nothing without an opening. The numbers say what was given,
    /// not whether it helped.
    public var plannedAgainstDelivered: [PlannedLine] {
        guard let opening else { return [] }
        return channels.flatMap { place -> [PlannedLine] in
            guard let dose = opening.dose(at: place) else { return [] }
            let lines = patternLines(opening, dose, at: place) + pulseLines(dose, at: place)
            guard let muscle = opening.muscleTitle(at: place) else { return lines }
            return lines.map {
                PlannedLine(what: muscle + ": " + $0.what, planned: $0.planned, delivered: $0.delivered)
            }
        }
    }

    private func patternLines(
        _ opening: SessionOpening, _ dose: RecordedDose, at place: ChannelPlace
    ) -> [PlannedLine] {
        var lines: [PlannedLine] = []
        if let contractions = dose.contractions {
            let titration = self.contractions(.titration, at: place)
            lines.append(
                PlannedLine(
                    what: "contractions", planned: "\(contractions)",
                    delivered: "\(self.contractions(.contraction, at: place))"
                        + (titration > 0 ? " (and \(titration) of titration)" : "")))
            let on =
                Int64(dose.rampUpMilliseconds ?? 0) + Int64(dose.plateauMilliseconds ?? 0)
                + Int64(dose.rampDownMilliseconds ?? 0)
            lines.append(
                PlannedLine(
                    what: "contraction time", planned: Self.seconds(Saturating.product(on, Int64(contractions))),
                    delivered: Self.seconds(milliseconds(in: [.contraction], at: place))))
        }
        if let train = dose.durationMilliseconds {
            let kind: StorySpan.Kind = opening.isSearch ? .search : .train
            lines.append(
                PlannedLine(
                    what: opening.isSearch ? "search, at most" : "train", planned: Self.seconds(Int64(train)),
                    delivered: Self.seconds(milliseconds(in: [kind], at: place))))
        }
        if let pattern = dose.patternWords {
            lines.append(PlannedLine(what: "pattern", planned: pattern, delivered: "as planned"))
        }
        if let search = opening.searchDose(at: place)?.durationMilliseconds {
            lines.append(
                PlannedLine(
                    what: "search, at most", planned: Self.seconds(Int64(search)),
                    delivered: Self.seconds(milliseconds(in: [.search], at: place))))
        }
        return lines
    }

    private func pulseLines(_ dose: RecordedDose, at place: ChannelPlace) -> [PlannedLine] {
        let isAlone = channels.count == 1
        let delivered =
            isAlone ? deliveredPulses : Int64(pulses.count { $0.place == place && $0.delivery == .delivered })
        let unknown = isAlone ? unknownPulses : Int64(pulses.count { $0.place == place && $0.delivery == .unknown })
        let charge = mostByChannel
        // Without a figure of its own a channel is given the whole.
        let most = charge.count == channels.count ? charge[place.index] : charge.reduce(0, Saturating.sum)
        let bound = closing == nil || charge.count != channels.count ? "at most " : ""
        return [
            PlannedLine(
                what: "highest amplitude",
                planned: "cap " + QuantityUnit.milliamperes.text(Int64(dose.maximumAmplitudeMicroamperes)),
                delivered: QuantityUnit.milliamperes.text(Int64(highestMicroamperes(at: place)))),
            PlannedLine(
                what: "pulse rate", planned: QuantityUnit.hertz.text(Int64(dose.frequencyMillihertz)),
                delivered: "\(delivered) pulses, \(unknown) of unknown fate"),
            PlannedLine(
                what: "phase (one of two)", planned: "\(dose.phaseDurationMicroseconds) µs", delivered: "as planned"),
            PlannedLine(
                what: "charge, first phases", planned: "raised by hand", delivered: bound + Self.microcoulombs(most)),
        ]
    }

    static func seconds(_ milliseconds: Int64) -> String {
        QuantityUnit.seconds.text(milliseconds / 100 * 100)
    }

    /// pC as µC with one decimal, rounded up: a charge is never shown as less than it was.
    static func microcoulombs(_ picocoulombs: Int64) -> String {
        let tenths = max(0, picocoulombs) / 100_000 + (picocoulombs % 100_000 > 0 ? 1 : 0)
        return "\(tenths / 10).\(tenths % 10) µC"
    }
}

extension RecordedDose {
    /// How the pulses of a train are grouped; nothing for one without groups and for contractions.
    var patternWords: String? {
        func seconds(_ milliseconds: Int32) -> String { QuantityUnit.seconds.text(Int64(milliseconds)) }
        if let burstMilliseconds, let burstIntervalMilliseconds {
            return "bursts of \(seconds(burstMilliseconds)) every \(seconds(burstIntervalMilliseconds))"
        }
        if let denseMilliseconds, let sparseFrequencyMillihertz, let sparseMilliseconds {
            return "\(seconds(denseMilliseconds)) at \(QuantityUnit.hertz.text(Int64(frequencyMillihertz))), "
                + "\(seconds(sparseMilliseconds)) at \(QuantityUnit.hertz.text(Int64(sparseFrequencyMillihertz)))"
        }
        return nil
    }

    /// `contractions`, `train`, `burst`, `dense_disperse`.
    var patternName: String {
        if contractions != nil { return "contractions" }
        if burstMilliseconds != nil { return "burst" }
        return denseMilliseconds == nil ? "train" : "dense_disperse"
    }
}
