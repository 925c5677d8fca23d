// The sessions that are played: between one and ten minutes long, every rhythm, one channel and two.
internal import SafetyKernel
internal import StimulusModel

enum PlanTable {
    static func plans(_ kind: RigKind) -> [PlanSpec] { kind == .p24 ? pads : needles }

    /// The plan of that number, whatever the number is.
    static func plan(_ kind: RigKind, _ number: Int) -> PlanSpec {
        let all = plans(kind)
        return all[((number % all.count) + all.count) % all.count]
    }

    private static func muscle(
        _ rhythm: TrainSpec.Rhythm, _ millihertz: Int32, cap: Int32, _ stage: CareStage = .relieve
    ) -> TrainSpec {
        TrainSpec(
            rhythm: rhythm, millihertz: millihertz, capMicroamperes: cap, stepMicroamperes: 1_000, stage: stage)
    }

    private static func pad(
        _ treatment: TrainSpec?, search: TrainSpec? = nil, second: TrainSpec? = nil,
        _ arrangement: ChannelArrangement = .single, phase: Int32 = 300, gap: Int32 = 100, personCap: Int32 = 60_000
    ) -> PlanSpec {
        PlanSpec(
            kind: .p24, treatment: treatment, second: second, search: search, arrangement: arrangement,
            phaseMicroseconds: phase, gapMicroseconds: gap, personCap: personCap)
    }

    private static let padSearch = TrainSpec(
        rhythm: .continuous(milliseconds: 60_000), millihertz: 2_000, capMicroamperes: 15_000, stepMicroamperes: 500,
        stage: .search)

    private static let pads: [PlanSpec] = [
        pad(muscle(.contractions(up: 1_000, plateau: 4_000, down: 1_000, rest: 6_000, count: 6), 35_000, cap: 15_000)),
        pad(
            muscle(.contractions(up: 1_000, plateau: 5_000, down: 1_000, rest: 8_000, count: 8), 50_000, cap: 25_000),
            phase: 250, gap: 0),
        pad(
            muscle(.contractions(up: 1_000, plateau: 4_000, down: 1_000, rest: 7_000, count: 5), 35_000, cap: 15_000),
            second: muscle(
                .contractions(up: 1_000, plateau: 4_000, down: 1_000, rest: 7_000, count: 5), 35_000, cap: 9_000),
            .together),
        pad(
            muscle(.contractions(up: 500, plateau: 4_000, down: 500, rest: 7_000, count: 5), 35_000, cap: 15_000),
            second: muscle(
                .contractions(up: 1_000, plateau: 3_000, down: 1_000, rest: 7_000, count: 4), 50_000, cap: 9_000),
            .alternating),
        pad(
            muscle(.contractions(up: 1_000, plateau: 5_000, down: 1_000, rest: 7_000, count: 5), 35_000, cap: 20_000),
            search: padSearch),
        pad(muscle(.burst(milliseconds: 180_000, burst: 200, interval: 1_500), 50_000, cap: 15_000)),
        pad(muscle(.continuous(milliseconds: 240_000), 20_000, cap: 12_000), personCap: 7_000),
        pad(
            muscle(
                .contractions(up: 2_000, plateau: 7_000, down: 1_000, rest: 20_000, count: 8), 50_000, cap: 30_000),
            phase: 400, gap: 100, personCap: 22_000),
        pad(nil, search: padSearch),
        pad(muscle(.contractions(up: 500, plateau: 2_500, down: 500, rest: 4_000, count: 3), 35_000, cap: 6_000)),
    ]

    private static func train(_ rhythm: TrainSpec.Rhythm, _ millihertz: Int32, cap: Int32 = 4_000) -> TrainSpec {
        TrainSpec(
            rhythm: rhythm, millihertz: millihertz, capMicroamperes: cap, stepMicroamperes: 100, stage: .relieve)
    }

    private static let needleSearch = TrainSpec(
        rhythm: .continuous(milliseconds: 90_000), millihertz: 2_000, capMicroamperes: 3_000, stepMicroamperes: 100,
        stage: .search)

    private static func needle(
        _ treatment: TrainSpec?, search: TrainSpec? = nil, second: TrainSpec? = nil, phase: Int32 = 250,
        gap: Int32 = 0, personCap: Int32 = 6_000
    ) -> PlanSpec {
        PlanSpec(
            kind: .needle, treatment: treatment, second: second, search: search,
            arrangement: second == nil ? .single : .together, phaseMicroseconds: phase, gapMicroseconds: gap,
            personCap: personCap)
    }

    private static let needles: [PlanSpec] = [
        needle(
            train(.dense(milliseconds: 180_000, dense: 3_000, sparseMillihertz: 2_000, sparse: 3_000), 100_000),
            search: needleSearch),
        needle(train(.continuous(milliseconds: 240_000), 15_000)),
        needle(train(.continuous(milliseconds: 300_000), 2_000), phase: 200, gap: 100),
        needle(
            train(.continuous(milliseconds: 240_000), 2_000, cap: 2_000),
            second: train(.continuous(milliseconds: 240_000), 2_000, cap: 1_200)),
        needle(
            train(.continuous(milliseconds: 200_000), 15_000, cap: 2_000),
            second: train(.continuous(milliseconds: 200_000), 15_000, cap: 1_500)),
        needle(train(.continuous(milliseconds: 180_000), 10_000), search: needleSearch, personCap: 1_400),
        needle(train(.continuous(milliseconds: 60_000), 2_000, cap: 1_000)),
    ]
}
