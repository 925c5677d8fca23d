/// A person on the couch: the same skin and muscle for the same name or seed.
public struct VirtualPerson: Equatable, Sendable {
    public var name: String
    public var skin: SkinFigures
    public var muscle: MuscleFigures

    public init(name: String, skin: SkinFigures, muscle: MuscleFigures) {
        self.name = name
        self.skin = skin
        self.muscle = muscle
    }

    /// Motor threshold 6.4 mA at 150 µs and 4.4 mA at 300 µs, as [BOTTER] found below 10 mA for the vastus medialis.
    public static let typical = VirtualPerson(name: "typical", skin: SkinFigures(), muscle: MuscleFigures())

    /// Twitches and feels early.
    public static let sensitive = VirtualPerson(
        name: "sensitive", skin: SkinFigures(seriesOhms: 500, capacitanceNanofarads: 1_000),
        muscle: MuscleFigures(rheobaseMicroamperes: 1_400, sensoryShare: 0.45, halfRecruitedAbove: 1.8))

    /// Thick subcutaneous fat needs more current for the same force [SKINFOLD].
    public static let wellPadded = VirtualPerson(
        name: "well-padded", skin: SkinFigures(seriesOhms: 900),
        muscle: MuscleFigures(rheobaseMicroamperes: 5_200, chronaxieMicroseconds: 320, halfRecruitedAbove: 3.5))

    /// Dry skin: sound at low current, but 150 V do not suffice for a strong one.
    public static let drySkin = VirtualPerson(
        name: "dry-skin", skin: SkinFigures(seriesOhms: 3_500, capacitanceNanofarads: 300, faradaicOhms: 60_000),
        muscle: MuscleFigures())

    /// Every person that has a name.
    public static let all = [typical, sensitive, wellPadded, drySkin]

    /// The person of that name, or nothing.
    public static func named(_ name: String) -> VirtualPerson? { all.first { $0.name == name } }

    /// A person drawn by seed, within what surface stimulation of a thigh meets (proposal).
    public init(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ 0x5045_5253_4F4E)
        name = "seed \(seed)"
        skin = SkinFigures(
            seriesOhms: random.between(450.0, 1_100.0), capacitanceNanofarads: random.between(500.0, 1_400.0),
            faradaicOhms: random.between(12_000.0, 50_000.0))
        muscle = MuscleFigures(
            rheobaseMicroamperes: random.between(1_500.0, 3_400.0),
            chronaxieMicroseconds: random.between(180.0, 350.0), sensoryShare: random.between(0.4, 0.7),
            halfRecruitedAbove: random.between(1.8, 3.5))
    }
}
