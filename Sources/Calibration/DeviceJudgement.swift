import CareModel

/// What all outputs together say: the instrument and the loads are common to them.
struct DeviceJudgement {
    let order: CalibrationOrder
    let plan: BenchPlan
    let outputs: [OutputJudgement]
    /// By place in `outputs`.
    private let own: [[BenchFinding]]
    /// What concerns every output.
    private let common: [BenchFinding]
    private let undecided: [BenchFinding]

    init(order: CalibrationOrder, plan: BenchPlan, completed: [TrialResult]) {
        self.order = order
        self.plan = plan
        let outputs = plan.outputs.map {
            OutputJudgement(output: $0, order: order, plan: plan, completed: completed)
        }
        self.outputs = outputs
        own = outputs.map(\.findings)
        let instruments = Contradiction(outputs: outputs)
        undecided = instruments.undecided
        let facts = CommonFacts(order: order, plan: plan)
        var common = facts.findings
        if let factor = instruments.commonFactor {
            common.append(.instrumentWrong(.commonFactor(partsPerMillion: factor)))
        }
        // What one output shows of a load or of two instruments holds for all; said once.
        let shown = own.joined()
        if !common.contains(where: \.concernsLoad), let load = shown.first(where: \.concernsLoad) {
            common.append(load)
        }
        if let differ = shown.first(where: \.concernsInstrument) { common.append(differ) }
        self.common = common
    }

    /// What concerns every output, then each one's own; nothing twice.
    var findings: [BenchFinding] { told(common + undecided + own.joined()) }

    var document: CalibrationDocument {
        CalibrationDocument(
            device: order.device, sequence: order.sequence, measuredOn: order.measuredOn, validDays: order.validDays,
            technician: order.technician, tolerancePermille: order.tolerancePermille, instruments: order.instruments,
            loads: plan.loads,
            outputs: zip(outputs, own).map { judgement, own in
                let unsure = undecided.filter { $0.output == judgement.output }
                return judgement.certificate(told(common + unsure + own))
            })
    }

    /// Without what is said twice, and without what follows from an instrument that is wrong or stands in `common`.
    private func told(_ findings: [BenchFinding]) -> [BenchFinding] {
        let isInstrumentWrong = common.contains { finding in
            if case .instrumentWrong(.notInForce) = finding { return false }
            return finding.concernsInstrument
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
}

extension BenchFinding {
    var concernsLoad: Bool { if case .loadDisagrees = self { true } else { false } }

    var concernsInstrument: Bool { if case .instrumentWrong = self { true } else { false } }
}

/// What is known of instruments and loads without the device.
struct CommonFacts {
    let order: CalibrationOrder
    let plan: BenchPlan

    var findings: [BenchFinding] {
        notInForce + (order.instrument == nil ? [.instrumentWrong(.noIndependentSource)] : []) + loads
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
}

/// Outputs whose samples agree with what was set while the instrument does not (`ReadBackFaults`, 3 to 5).
struct Contradiction {
    let outputs: [OutputJudgement]
    private let contradicted: [(output: UInt8, permille: Int64, gain: Double)]

    init(outputs: [OutputJudgement]) {
        self.outputs = outputs
        contradicted = outputs.compactMap { judgement in
            guard case .undecided(let permille) = ReadBackFaults(judgement: judgement).answer, permille > 0 else {
                return nil
            }
            return (judgement.output, permille, 1_000 / Double(permille))
        }
    }

    /// Several outputs, all of them contradicted, by one factor: in millionths.
    var commonFactor: Int64? {
        guard let first = outputs.first, contradicted.count > 1, contradicted.count == outputs.count,
            let mean = Sample(contradicted.map(\.gain))?.mean
        else { return nil }
        let allowed = first.plan.limits.commonFactorPermille.asShare
        guard contradicted.allSatisfy({ ($0.gain / mean - 1).magnitude <= allowed }) else { return nil }
        return BenchText.rounded(mean * 1e6)
    }

    var undecided: [BenchFinding] {
        guard commonFactor == nil else { return [] }
        return contradicted.map {
            outputs.count > 1
                ? .lyingReadBack(output: $0.output, permille: $0.permille)
                : .instrumentOrReadBack(output: $0.output, permille: $0.permille)
        }
    }
}
