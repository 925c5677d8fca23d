import CareModel

/// What all outputs together say: the instrument and the loads are common to them.
struct DeviceJudgement {
    let order: CalibrationOrder
    let plan: BenchPlan
    let outputs: [OutputJudgement]

    init(order: CalibrationOrder, plan: BenchPlan, completed: [TrialResult]) {
        self.order = order
        self.plan = plan
        outputs = plan.outputs.map { OutputJudgement(output: $0, order: order, plan: plan, completed: completed) }
    }

    /// What concerns every output, then each one's own; nothing twice.
    var findings: [BenchFinding] { told(common + undecided + outputs.flatMap(\.findings)) }

    var document: CalibrationDocument {
        let common = common
        let undecided = undecided
        return CalibrationDocument(
            device: order.device, sequence: order.sequence, measuredOn: order.measuredOn, validDays: order.validDays,
            technician: order.technician, tolerancePermille: order.tolerancePermille, instruments: order.instruments,
            loads: plan.loads,
            outputs: outputs.map { judgement in
                let own = undecided.filter { $0.output == judgement.output } + judgement.findings
                return judgement.certificate(told(common + own))
            })
    }

    /// Without what is said twice, and without what follows from an instrument that is wrong or stands in `common`.
    private func told(_ findings: [BenchFinding]) -> [BenchFinding] {
        let common = common
        let isInstrumentWrong = common.contains { finding in
            switch finding {
            case .instrumentWrong(.notInForce): false
            case .instrumentWrong: true
            default: false
            }
        }
        var seen: Set<BenchFinding> = []
        return findings.filter { finding in
            switch finding {
            case .gainError, .drift: !isInstrumentWrong && seen.insert(finding).inserted
            case .instrumentWrong, .loadDisagrees: common.contains(finding) && seen.insert(finding).inserted
            default: seen.insert(finding).inserted
            }
        }
    }

    private var common: [BenchFinding] {
        var all = notInForce
        if order.instrument == nil { all.append(.instrumentWrong(.noIndependentSource)) }
        all += loads
        if let factor = commonFactor { all.append(.instrumentWrong(.commonFactor(partsPerMillion: factor))) }
        // A load that one output's lines show to be wrong is wrong for all; said once.
        let shown = outputs.flatMap(\.findings).first { if case .loadDisagrees = $0 { true } else { false } }
        if let shown, all.allSatisfy({ if case .loadDisagrees = $0 { false } else { true } }) { all.append(shown) }
        let differ = outputs.flatMap(\.findings).first {
            if case .instrumentWrong = $0 { true } else { false }
        }
        return all + (differ.map { [$0] } ?? [])
    }

    private var notInForce: [BenchFinding] {
        order.instruments.filter { $0.source != .device }.compactMap { instrument in
            guard order.measuredOn < instrument.calibratedOn || instrument.holdsUntil < order.measuredOn else {
                return nil
            }
            return .instrumentWrong(
                .notInForce(serialNumber: instrument.serialNumber, until: instrument.holdsUntil.text))
        }
    }

    /// Loads that the instrument itself reads outside of their attested tolerance and its own uncertainty. If it reads
    /// all of several wrong by one factor, it is not the loads.
    private var loads: [BenchFinding] {
        let share = 2 * InstrumentUncertainty(order.instrument).relative
        let read: [(load: CalibrationLoad, away: Double)] = plan.loads.compactMap { load in
            guard let reading = order.loadReadings.first(where: { $0.assetNumber == load.assetNumber }) else {
                return nil
            }
            return (load, Double(reading.milliohms) / 1_000 / Double(load.ohms) - 1)
        }
        let bad = read.filter { $0.away.magnitude > Int64($0.load.tolerancePermille).asShare + share }
        let spread = (bad.map(\.away).max() ?? 0) - (bad.map(\.away).min() ?? 0)
        if bad.count > 1, bad.count == read.count, spread <= plan.limits.commonFactorPermille.asShare,
            let mean = Sample(bad.map(\.away))?.mean
        {
            return [.instrumentWrong(.loadsDisagree(permille: BenchText.rounded(mean * 1_000)))]
        }
        return bad.map {
            .loadDisagrees(
                assetNumber: $0.load.assetNumber, ohms: $0.load.ohms, permille: BenchText.rounded($0.away * 1_000))
        }
    }

    /// Outputs whose samples agree with what was set while the instrument does not.
    private var contradicted: [(output: UInt8, permille: Int64, gain: Double)] {
        outputs.compactMap { judgement in
            guard case .undecided(let permille) = ReadBackFaults(judgement: judgement).answer, permille != 0 else {
                return nil
            }
            return (judgement.output, permille, 1_000 / Double(permille))
        }
    }

    /// Several outputs, all of them contradicted, by one factor: in millionths.
    private var commonFactor: Int64? {
        let all = contradicted
        guard all.count > 1, all.count == outputs.count, let mean = Sample(all.map(\.gain))?.mean,
            all.allSatisfy({ ($0.gain / mean - 1).magnitude <= plan.limits.commonFactorPermille.asShare })
        else { return nil }
        return BenchText.rounded(mean * 1e6)
    }

    /// `ReadBackFaults`, 3 and 5.
    private var undecided: [BenchFinding] {
        guard commonFactor == nil else { return [] }
        return contradicted.map {
            outputs.count > 1
                ? .lyingReadBack(output: $0.output, permille: $0.permille)
                : .instrumentOrReadBack(output: $0.output, permille: $0.permille)
        }
    }
}
