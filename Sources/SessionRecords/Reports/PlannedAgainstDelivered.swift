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
        let dose = opening.dose
        var lines: [PlannedLine] = []
        let bound = closing == nil ? "at most " : ""
        if let contractions = dose.contractions {
            lines.append(
                PlannedLine(
                    what: "contractions", planned: "\(contractions)",
                    delivered: "\(contractionsDone)"
                        + (titrationContractions > 0 ? " (and \(titrationContractions) of titration)" : "")))
            let on =
                Int64(dose.rampUpMilliseconds ?? 0) + Int64(dose.plateauMilliseconds ?? 0)
                + Int64(dose.rampDownMilliseconds ?? 0)
            lines.append(
                PlannedLine(
                    what: "contraction time", planned: Self.seconds(Saturating.product(on, Int64(contractions))),
                    delivered: Self.seconds(milliseconds(in: [.contraction]))))
        }
        if let train = dose.durationMilliseconds {
            lines.append(
                PlannedLine(
                    what: opening.isSearch ? "search, at most" : "train", planned: Self.seconds(Int64(train)),
                    delivered: Self.seconds(milliseconds(in: opening.isSearch ? [.search] : [.train]))))
        }
        if let search = opening.searchDose?.durationMilliseconds {
            lines.append(
                PlannedLine(
                    what: "search, at most", planned: Self.seconds(Int64(search)),
                    delivered: Self.seconds(milliseconds(in: [.search]))))
        }
        lines.append(
            PlannedLine(
                what: "highest amplitude",
                planned: "cap " + QuantityUnit.milliamperes.text(Int64(dose.maximumAmplitudeMicroamperes)),
                delivered: QuantityUnit.milliamperes.text(Int64(highestMicroamperes))))
        lines.append(
            PlannedLine(
                what: "pulse rate", planned: QuantityUnit.hertz.text(Int64(dose.frequencyMillihertz)),
                delivered: "\(deliveredPulses) pulses, \(unknownPulses) of unknown fate"))
        lines.append(
            PlannedLine(
                what: "phase (one of two)", planned: "\(dose.phaseDurationMicroseconds) µs", delivered: "as planned"))
        lines.append(
            PlannedLine(
                what: "charge, first phases", planned: "raised by hand",
                delivered: bound + Self.microcoulombs(mostPicocoulombs)))
        return lines
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
