import CareModel
import StimulusModel

/// What the points and the line through them say of an output.
struct FitFaults {
    let output: UInt8
    let order: CalibrationOrder
    let plan: BenchPlan
    let found: [SweepPoint]
    let fit: LineFit?

    private var instrument: InstrumentUncertainty { InstrumentUncertainty(order.instrument) }
    private var tolerance: Double { Int64(order.tolerancePermille).asShare }
    private var before: CalibrationFit? { order.previous?.outputs.first { $0.output == output }?.fit }

    var findings: [BenchFinding] {
        guard let fit else { return [] }
        if let single = onePoint { return [single] }
        if let bend { return [bend] }
        return [loadFault(fit), gainFault(fit), offsetFault(fit), drift(fit)].compactMap { $0 }
    }

    /// One level alone is above tolerance, and the line through all others says that it should not be.
    private var onePoint: BenchFinding? {
        let bad = found.filter {
            $0.error > 0 && $0.verdict(instrument, tolerancePermille: order.tolerancePermille) == .fail
        }
        guard let level = bad.first?.levelMicroamperes, bad.allSatisfy({ $0.levelMicroamperes == level }) else {
            return nil
        }
        let others = found.filter { $0.levelMicroamperes != level }
        guard
            others.allSatisfy({ $0.verdict(instrument, tolerancePermille: order.tolerancePermille) != .fail }),
            let line = LineFit(others, instrument: instrument)
        else { return nil }
        // Half the tolerance away from the others' line (proposal): a gain at the edge of the tolerance is not this.
        let far = bad.allSatisfy { point in
            let expected = line.gain * point.setMicroamperes + line.offset
            return (point.current - expected).magnitude > tolerance / 2 * Double(level)
        }
        guard far, let worst = bad.max(by: { $0.error < $1.error }) else { return nil }
        return .aboveSpecificationAtOnePoint(
            output: output, microamperes: level, permille: BenchText.rounded(worst.error / Double(level) * 1_000))
    }

    /// The point that lies furthest from its line, as a figure; nothing without a fit.
    var nonLinearity: CalibrationFigure? { furthest?.figure }

    private var furthest: (point: SweepPoint, figure: CalibrationFigure)? {
        guard let fit else { return nil }
        let fullScale = Double(plan.points.highestMicroamperes)
        let worst = found.max { a, b in
            fit.residual(a).magnitude + 2 * a.typeA < fit.residual(b).magnitude + 2 * b.typeA
        }
        guard let worst else { return nil }
        let figure = GuardBand.figure(
            .nonLinearity, fit.residual(worst).magnitude / fullScale * 1_000,
            expanded: 2 * worst.typeA / fullScale * 1_000, lowest: 0, highest: plan.limits.nonLinearityPermille)
        return (worst, figure)
    }

    private var bend: BenchFinding? {
        guard let furthest, furthest.figure.verdict != .pass else { return nil }
        return .nonLinearity(
            output: output, microamperes: furthest.point.levelMicroamperes, permille: furthest.figure.value)
    }

    private var isFoundPassed: Bool {
        found.allSatisfy { $0.verdict(instrument, tolerancePermille: order.tolerancePermille) == .pass }
    }

    /// Against the correction that it was found with; told where the output was out of tolerance by it.
    private func gainFault(_ fit: LineFit) -> BenchFinding? {
        // A needle rig corrects ±10 % (`ChannelCalibration`), a P24 ±20 %.
        let isCorrectable = (plan.rule == .shifted ? 0.9...1.1 : 0.8...1.2).contains(fit.gain)
        let applied = Double((before?.correction ?? .none).gainPartsPerMillion) / 1e6
        let deviation = (fit.gain / applied - 1).magnitude + fit.expandedGain
        guard !isCorrectable || (!isFoundPassed && deviation > tolerance) else { return nil }
        return .gainError(
            output: output, gainPartsPerMillion: BenchText.rounded(fit.gain * 1e6), isCorrectable: isCorrectable)
    }

    private func offsetFault(_ fit: LineFit) -> BenchFinding? {
        // µA: the isolator's baseline limit on a needle rig (`ChannelCalibration`).
        let isCorrectable = fit.offset.magnitude <= (plan.rule == .shifted ? 50 : 1_000)
        let applied =
            plan.rule == .shifted ? Double((before?.correction ?? .none).offsetNanoamperes) / 1_000 : 0
        let deviation = (fit.offset - applied).magnitude + fit.expandedOffset
        let lowest = Double(plan.points.levelsMicroamperes[0])
        guard !isCorrectable || (!isFoundPassed && deviation > tolerance * lowest) else { return nil }
        return .offset(
            output: output, nanoamperes: BenchText.rounded(fit.offset * 1_000), isCorrectable: isCorrectable)
    }

    /// More than both uncertainties and half of the tolerance since the calibration before.
    private func drift(_ fit: LineFit) -> BenchFinding? {
        guard let before, let previous = order.previous else { return nil }
        let old = Double(before.correction.gainPartsPerMillion) / 1e6
        let both =
            (fit.expandedGain.squared + (Double(before.expandedGainPartsPerMillion) / 1e6).squared).squareRoot()
        let moved = (fit.gain - old).magnitude
        guard moved > both, moved > tolerance / 2 else { return nil }
        return .drift(
            output: output, fromPartsPerMillion: Int64(before.correction.gainPartsPerMillion),
            toPartsPerMillion: BenchText.rounded(fit.gain * 1e6), since: previous.id)
    }

    /// The load whose line differs from what all others say by more than both may, and their scatter.
    private func loadFault(_ fit: LineFit) -> BenchFinding? {
        guard fit.lines.count > 1 else { return nil }
        var worst: (line: LineFit.LoadLine, away: Double)?
        for line in fit.lines {
            guard let others = LineFit(found.filter { $0.load != line.load }, instrument: instrument) else { continue }
            let away = line.gain / others.gain - 1
            let allowed =
                others.lines.map { Int64($0.load.tolerancePermille).asShare }.reduce(0, max)
                + Int64(line.load.tolerancePermille).asShare
                + 3 * (line.gainTypeA.squared + (others.lines.map(\.gainTypeA).reduce(0, max)).squared).squareRoot()
            guard away.magnitude > allowed, away.magnitude > worst?.away.magnitude ?? 0 else { continue }
            worst = (line, away)
        }
        return worst.map {
            .loadDisagrees(
                assetNumber: $0.line.load.assetNumber, ohms: $0.line.load.ohms,
                permille: BenchText.rounded($0.away * 1_000))
        }
    }
}
