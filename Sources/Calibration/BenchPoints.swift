public import CareModel

/// What belongs to a kind of stimulator on the bench.
public struct BenchPoints: Hashable, Sendable {
    /// Ascending (issue 5).
    public let levelsMicroamperes: [Int32]
    /// The device's grid, and its end: 0.5 mA to 80 mA, 0.1 mA to 10 mA (issue 5, `decided.md`).
    public let stepMicroamperes: Int32
    public let highestMicroamperes: Int32
    /// (proposal)
    public let frequencyMillihertz: Int32
    /// Of one phase (proposal).
    public let phaseDurationMicroseconds: Int32
    /// At which an open output is looked at: on the P24 above the 15 mA from which it sees one (`sciencemode4.md` 8).
    public let openLevelMicroamperes: Int32
    /// 8 on the P24; a needle rig has two isolators (`decided.md`, Needle rig).
    public let outputsOfDevice: UInt8
    /// What the device can drive at most; nothing where its isolator decides.
    public let complianceMillivolts: Int32?

    public static func points(of stimulator: StimulatorKind) -> BenchPoints {
        switch stimulator {
        case .p24:
            BenchPoints(
                levelsMicroamperes: [5_000, 10_000, 20_000, 40_000, 60_000, 80_000], stepMicroamperes: 500,
                highestMicroamperes: 80_000, frequencyMillihertz: 20_000, phaseDurationMicroseconds: 200,
                openLevelMicroamperes: 20_000, outputsOfDevice: 8, complianceMillivolts: 150_000)
        case .pulsePal:
            BenchPoints(
                levelsMicroamperes: [300, 500, 1_000, 2_000, 5_000, 10_000], stepMicroamperes: 100,
                highestMicroamperes: 10_000, frequencyMillihertz: 10_000, phaseDurationMicroseconds: 200,
                openLevelMicroamperes: 300, outputsOfDevice: 2, complianceMillivolts: nil)
        }
    }

    /// Ohms of the loads of a bench (issue 5).
    public static let loadOhms: [Int32] = [500, 1_000, 2_000, 10_000]
}
