// The course of an authorized channel in time, and its figures, as rows of text.
import SafetyKernel
import SessionScreen
import StimulusModel

enum SessionCourse {
    /// What follows what, with the longest each can take.
    static func rows(_ channel: AuthorizedChannel) -> [String] {
        var rows: [String] = []
        var clock: Int64 = 0
        func add(_ milliseconds: Int64, _ text: String) {
            let end = clock + milliseconds
            rows.append("\(SessionText.clock(clock)) to \(SessionText.clock(end))  \(text)")
            clock = end
        }
        if let search = channel.search {
            add(
                search.dose.programmeMilliseconds,
                "search at \(RefusalText.value(Int64(search.dose.frequency.millihertz), .frequency)), "
                    + "ended by hand or here"
            )
        }
        guard let treatment = channel.treatment else { return rows }
        guard case .contractions(let cycle, let count) = treatment.dose.pattern else {
            add(treatment.dose.programmeMilliseconds, ProtocolText.pattern(treatment.dose.pattern))
            return rows
        }
        let titration = channel.limits[.titrationContractions].value
        add(titration * cycle.cycleMilliseconds, "titration, up to \(titration) contractions, ended by hand or here")
        for number in 1...max(1, count) {
            let isLast = number == count
            add(
                isLast ? cycle.onMilliseconds : cycle.cycleMilliseconds,
                "contraction \(number) of \(count): \(seconds(cycle.rampUpMilliseconds)) s up, "
                    + "\(seconds(cycle.plateauMilliseconds)) s hold, \(seconds(cycle.rampDownMilliseconds)) s down"
                    + (isLast ? ", then the end" : ", \(seconds(cycle.restMilliseconds)) s rest"))
        }
        return rows
    }

    private static func seconds(_ milliseconds: Int32) -> String { RefusalText.decimal(Int64(milliseconds), 1_000) }

    /// What one pulse and its train come to at the ceiling, each beside its limit.
    static func figures(_ dose: AuthorizedDose, _ contact: ElectrodeContact, _ limits: LimitTable) -> [String] {
        let pulse = Pulse(
            symmetric: dose.ceiling, phaseDuration: dose.dose.phaseDuration, interphaseGap: dose.dose.interphaseGap)
        let rootMeanSquare = pulse.rootMeanSquareMicroamperes(at: dose.dose.frequency)
        let energy = pulse.energyNanojoules(intoOhms: 500)
        var figures: [(LimitKind, Int64)] = [
            (.chargePerPhase, pulse.chargePerPhase.picocoulombs), (.netCharge, pulse.netCharge.picocoulombs),
            (.rootMeanSquare, rootMeanSquare), (.energyPerPulse, energy),
        ]
        if case .pad(let area) = contact {
            let square = Int64(max(1, area.squareMillimetres))
            figures.append((.currentDensity, (rootMeanSquare * 100 + square - 1) / square))
            let power = energy * Int64(dose.dose.frequency.millihertz)
            figures.append((.powerDensity, (power + square * 10_000 - 1) / (square * 10_000)))
        }
        let rows = figures.map { kind, value in
            "\(RefusalText.name(kind)) \(RefusalText.value(value, kind)), limit "
                + "\(RefusalText.value(limits[kind].value, kind)) by \(RefusalText.name(limits[kind].setBy))"
        }
        return rows + needleFigures(pulse, dose, contact)
    }

    /// Shannon's lines, and the density that is shown and not limited on needles (`clinical.md` 1.7).
    private static func needleFigures(
        _ pulse: Pulse, _ dose: AuthorizedDose, _ contact: ElectrodeContact
    ) -> [String] {
        guard case .needle(let needle) = contact else { return [] }
        let warn = needle.mostCharge(at: .warn)
        var rows: [String] = []
        if pulse.chargePerPhase.picocoulombs > warn.picocoulombs {
            rows.append(
                "WARNING: above \(RefusalText.value(warn.picocoulombs, .chargePerPhase)) a phase on this needle, the "
                    + "line k = 1.5 [SHANNON]; refused from k = 1.75 on")
        }
        // 1 cm² is 1e8 µm².
        let surface = max(1, needle.surfaceSquareMicrometres)
        let density = pulse.rootMeanSquareMicroamperes(at: dose.dose.frequency) * 100_000_000 / surface
        rows.append(
            "r.m.s. density on the needle \(RefusalText.value(density, .currentDensity)), for information (attention "
                + "level 2 mA/cm² [AS-2-10])")
        return rows
    }

    /// Every limit of the table with its owner.
    static func limits(_ limits: LimitTable) -> [String] {
        // A limit that no number reaches is none.
        (0..<UInt8(LimitKind.count)).compactMap { LimitKind(rawValue: $0) }.filter { limits[$0].value != .max }.map {
            kind in
            let bound = kind.isLowerBound ? "at least" : "at most"
            let limit = limits[kind]
            return
                "\(RefusalText.name(kind)): \(bound) \(RefusalText.value(limit.value, kind)), "
                + "\(RefusalText.name(limit.setBy))"
        }
    }
}
