/// The part of a needle that is in tissue, from which its surface and so its charge limits follow.
public struct NeedleGeometry: Hashable, Sendable {
    /// Of the shaft, in micrometres: a 0.25 mm needle is 250.
    public let diameterMicrometres: Int32
    /// As the clinician states it, in millimetres. Recorded, never instructed (`clinical.md` 2.3).
    public let insertedMillimetres: Int32

    @_noLocks public init(diameterMicrometres: Int32, insertedMillimetres: Int32) {
        self.diameterMicrometres = diameterMicrometres
        self.insertedMillimetres = insertedMillimetres
    }

    @_noLocks public static func == (a: NeedleGeometry, b: NeedleGeometry) -> Bool {
        a.diameterMicrometres == b.diameterMicrometres && a.insertedMillimetres == b.insertedMillimetres
    }

    @_noLocks public static func != (a: NeedleGeometry, b: NeedleGeometry) -> Bool { !(a == b) }

    /// π · d · L, the tip ignored (`clinical.md` 1.7), rounded down; 0 for a needle without size.
    public var surfaceSquareMicrometres: Int64 {
        @_noLocks get {
            let diameter = Int64(max(0, diameterMicrometres))
            let length = Saturating.product(Int64(max(0, insertedMillimetres)), 1_000)
            return Saturating.product(Saturating.product(diameter, length) / 1_000, 3_141_592) / 1_000
        }
    }

    /// The most charge of one phase at a Shannon factor, in pC, rounded down: Q_max = √(10^k · A), Q in µC and A in cm²
    /// (`clinical.md` 1.7).
    @_noLocks public func mostCharge(at line: ShannonLine) -> Charge {
        // Q² in pC² = 10^k · A in µm² · 10^4.
        Charge(
            picocoulombs: NeedleGeometry.squareRoot(Saturating.product(surfaceSquareMicrometres, line.timesTenThousand))
        )
    }

    /// The largest whole number whose square is not above `value`.
    @_noLocks private static func squareRoot(_ value: Int64) -> Int64 {
        var low: Int64 = 0
        var high: Int64 = 3_037_000_499
        while low < high {
            let middle = (low + high + 1) / 2
            if middle * middle <= value { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

/// The two lines that are drawn through Shannon's k = log₁₀ Q + log₁₀ (Q/A): cheap upper bounds, made for other
/// electrodes and tissue, no proof of safety (`clinical.md` 1.7, 1.8 [SHANNON]).
public enum ShannonLine: UInt8, Sendable {
    /// k = 1.5: warn.
    case warn = 1
    /// k = 1.75: refuse.
    case refuse = 2

    /// 10^k · 10,000, rounded down.
    var timesTenThousand: Int64 {
        @_noLocks get {
            switch self {
            case .warn: return 316_227
            case .refuse: return 562_341
            }
        }
    }
}

/// What is at the output: of what touches the patient its size decides which charge and density limits hold.
public enum ElectrodeContact: Hashable, Sendable {
    /// The smaller pad's area.
    case pad(PadArea)
    /// The needle of a pair with the smaller surface in tissue.
    case needle(NeedleGeometry)
    /// No person at all.
    case bench(AttestedTerminal)

    /// Nothing on a bench.
    public var kind: ElectrodeKind? {
        @_noLocks get {
            switch self {
            case .pad: return .surface
            case .needle: return .needle
            case .bench: return nil
            }
        }
    }

    @_noLocks public static func == (a: ElectrodeContact, b: ElectrodeContact) -> Bool {
        switch (a, b) {
        case (.pad(let x), .pad(let y)): return x == y
        case (.needle(let x), .needle(let y)): return x == y
        case (.bench(let x), .bench(let y)): return x == y
        case (.pad, _), (.needle, _), (.bench, _): return false
        }
    }

    @_noLocks public static func != (a: ElectrodeContact, b: ElectrodeContact) -> Bool { !(a == b) }
}
