/// Where the needles of a pair are.
public enum NeedleContact: UInt8, CaseIterable, Sendable {
    case inTissue = 0
    /// One is out, or its lead is off: no path.
    case out
    /// Bent until they touch: current flows, none of it through the person.
    case touching
}

/// A pair of equal needles in tissue, as an electric load.
public struct NeedleTissue: Equatable, Sendable {
    /// Of the shaft, in micrometres.
    public let diameterMicrometres: Int32
    /// In millimetres.
    public let insertedMillimetres: Int32
    /// Between the two needles, without the electrode interface: 68 to 75 Ω (`clinical.md` 1.7 [AHN]).
    public var tissueOhms: Double = 70
    /// Of one interface, times its surface, in Ω·cm² (proposal).
    public var interfaceOhmSquareCentimetres: Double = 15
    /// Double layer of one interface, in µF/cm² (proposal).
    public var doubleLayerMicrofaradsPerSquareCentimetre: Double = 20
    /// What leaks through one interface by chemistry, in Ω·cm² (proposal).
    public var leakOhmSquareCentimetres: Double = 2_000

    public init(diameterMicrometres: Int32, insertedMillimetres: Int32) {
        self.diameterMicrometres = diameterMicrometres
        self.insertedMillimetres = insertedMillimetres
    }

    /// π · d · L of one needle, its tip ignored (`clinical.md` 1.7).
    public var squareCentimetres: Double {
        3.141_592_653_589_793 * Double(diameterMicrometres) * 1e-4 * Double(insertedMillimetres) * 0.1
    }

    private var area: Double { max(squareCentimetres, 1e-6) }

    /// Tissue and both interfaces.
    public var seriesOhms: Double { tissueOhms + 2 * interfaceOhmSquareCentimetres / area }

    /// Both double layers in series, in farads.
    public var doubleLayerFarads: Double { doubleLayerMicrofaradsPerSquareCentimetre * 1e-6 * area / 2 }

    /// Both leaks in series.
    public var leakOhms: Double { 2 * leakOhmSquareCentimetres / area }

    /// Shannon's k = log₁₀ Q + log₁₀ (Q/A) of a phase's charge, as 10^k (Q in µC, A in cm²): no logarithm is needed.
    public func shannonPower(picocoulombs: Int64) -> Double {
        let charge = Double(picocoulombs) * 1e-6
        return charge * charge / area
    }
}
