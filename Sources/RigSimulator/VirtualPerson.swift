/// Where a pair of pads sticks, by the muscle under it.
public enum PadSite: String, CaseIterable, Sendable {
    case vmo
    case gluteusMedius = "gluteus-medius"
}

/// A person on the couch: the same skin and muscles for the same name and seed.
public struct VirtualPerson: Equatable, Sendable {
    public var name: String
    /// Over the vastus medialis.
    public var skin: SkinFigures
    public var muscle: MuscleFigures
    /// Over the gluteus medius.
    public var gluteusSkin: SkinFigures
    public var gluteusMedius: MuscleFigures

    /// - Parameters:
    ///   - gluteusSkin: as over the vastus medialis, and somewhat more resistance, when not given (proposal).
    ///   - gluteusMedius: the vastus medialis with a threshold 1.5 times as high when not given: more lies between
    ///     pads and muscle (proposal; thresholds of the bare muscle [BOTTE91]).
    public init(
        name: String, skin: SkinFigures, muscle: MuscleFigures, gluteusSkin: SkinFigures? = nil,
        gluteusMedius: MuscleFigures? = nil
    ) {
        self.name = name
        self.skin = skin
        self.muscle = muscle
        var otherSkin = skin
        otherSkin.seriesOhms *= 1.15
        self.gluteusSkin = gluteusSkin ?? otherSkin
        var otherMuscle = muscle
        otherMuscle.rheobaseMicroamperes *= 1.5
        self.gluteusMedius = gluteusMedius ?? otherMuscle
    }

    /// The skin at a site.
    public func skin(at site: PadSite) -> SkinFigures { site == .vmo ? skin : gluteusSkin }

    /// The muscle under a site.
    public func muscle(at site: PadSite) -> MuscleFigures { site == .vmo ? muscle : gluteusMedius }

    /// Motor threshold 6.4 mA at 150 µs and 4.4 mA at 300 µs, as [BOTTER] found below 10 mA for the vastus medialis.
    public static let typical = VirtualPerson(name: "typical", skin: SkinFigures(), muscle: MuscleFigures())

    /// Twitches and feels early.
    public static let sensitive = VirtualPerson(
        name: "sensitive", skin: SkinFigures(seriesOhms: 500, capacitanceNanofarads: 1_000),
        muscle: MuscleFigures(rheobaseMicroamperes: 1_400, sensoryShare: 0.45, halfRecruitedAbove: 1.8))

    /// Little between skin and muscle: an early twitch, and much force for little more.
    public static let thin = VirtualPerson(
        name: "thin", skin: SkinFigures(seriesOhms: 550, capacitanceNanofarads: 900),
        muscle: MuscleFigures(rheobaseMicroamperes: 1_800, chronaxieMicroseconds: 220, halfRecruitedAbove: 1.5))

    /// Thick subcutaneous fat needs more current for the same force [SKINFOLD].
    public static let wellPadded = VirtualPerson(
        name: "well-padded", skin: SkinFigures(seriesOhms: 900),
        muscle: MuscleFigures(rheobaseMicroamperes: 5_200, chronaxieMicroseconds: 320, halfRecruitedAbove: 3.5))

    /// Feels as others do and twitches late: a motor threshold of 16.4 mA at 300 µs over the vastus medialis.
    public static let highThreshold = VirtualPerson(
        name: "high-threshold", skin: SkinFigures(),
        muscle: MuscleFigures(
            rheobaseMicroamperes: 8_200, chronaxieMicroseconds: 300, sensoryShare: 0.3, halfRecruitedAbove: 2))

    /// Dry skin: sound at low current, but 150 V do not suffice for a strong one.
    public static let drySkin = VirtualPerson(
        name: "dry-skin", skin: SkinFigures(seriesOhms: 3_500, capacitanceNanofarads: 300, faradaicOhms: 60_000),
        muscle: MuscleFigures())

    /// Every person that has a name.
    public static let all = [typical, sensitive, thin, wellPadded, highThreshold, drySkin]

    /// The person of that name, or nothing.
    public static func named(_ name: String) -> VirtualPerson? { all.first { $0.name == name } }

    /// The same kind of person as this one, drawn by seed: each figure within a tenth (proposal).
    public func variation(seed: UInt64) -> VirtualPerson {
        var random = SplitMix64(seed: seed ^ 0x5645_5259)
        var other = self
        other.name = "\(name):\(seed)"
        for path in [\VirtualPerson.skin, \VirtualPerson.gluteusSkin] {
            other[keyPath: path].seriesOhms *= random.between(0.9, 1.1)
            other[keyPath: path].capacitanceNanofarads *= random.between(0.9, 1.1)
            other[keyPath: path].faradaicOhms *= random.between(0.9, 1.1)
        }
        for path in [\VirtualPerson.muscle, \VirtualPerson.gluteusMedius] {
            other[keyPath: path].rheobaseMicroamperes *= random.between(0.9, 1.1)
            other[keyPath: path].chronaxieMicroseconds *= random.between(0.9, 1.1)
            other[keyPath: path].halfRecruitedAbove *= random.between(0.9, 1.1)
            other[keyPath: path].recoverySeconds *= random.between(0.9, 1.1)
        }
        return other
    }

    /// A person drawn by seed, within what surface stimulation of a thigh meets (proposal).
    public init(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ 0x5045_5253_4F4E)
        let skin = SkinFigures(
            seriesOhms: random.between(450.0, 1_100.0), capacitanceNanofarads: random.between(500.0, 1_400.0),
            faradaicOhms: random.between(12_000.0, 50_000.0))
        let muscle = MuscleFigures(
            rheobaseMicroamperes: random.between(1_500.0, 3_400.0),
            chronaxieMicroseconds: random.between(180.0, 350.0), sensoryShare: random.between(0.4, 0.7),
            halfRecruitedAbove: random.between(1.8, 3.5))
        self.init(name: "seed \(seed)", skin: skin, muscle: muscle)
    }
}
