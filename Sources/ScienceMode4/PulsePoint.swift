public import StimulusModel

/// One rectangular piece of a pulse: a current for a time. Every value of this type can be sent: what the device
/// cannot do, or would do differently from what is written, cannot be made.
public struct PulsePoint: Equatable, Sendable {
    private let microseconds: UInt16
    /// Current in the wire's steps of 0.5 mA.
    private let halfMilliamperes: Int16

    /// A point; nothing when the device could not deliver exactly this.
    /// - Parameters:
    ///   - durationMicroseconds: 10 to 4095. Below 10 the device would make it 10, and 0 has no agreed meaning (C).
    ///   - current: -130 to +130 mA, a multiple of 0.5 mA. The field goes to ±150 mA, the device does not (IFU, C);
    ///     between two steps the vendor's clients round in different ways, one of them into a net charge.
    @_noLocks public init?(durationMicroseconds: Int32, current: Current) {
        guard durationMicroseconds >= 10, durationMicroseconds <= 4_095 else { return nil }
        guard current.microamperes >= -130_000, current.microamperes <= 130_000 else { return nil }
        guard current.microamperes % 500 == 0 else { return nil }
        microseconds = UInt16(durationMicroseconds)
        halfMilliamperes = Int16(current.microamperes / 500)
    }

    /// From the 32 bits of the wire; nothing when a field is out of range or a reserved bit is set.
    @_noLocks init?(wireValue: UInt32) {
        let raw = Int32(truncatingIfNeeded: wireValue >> 10 & 0x3FF)
        guard wireValue & 0x3FF == 0 else { return nil }
        self.init(
            durationMicroseconds: Int32(truncatingIfNeeded: wireValue >> 20),
            current: Current(microamperes: (raw - 300) * 500))
    }

    /// 10 µs at 0 mA: what stands in unused room.
    @_noLocks init() {
        microseconds = 10
        halfMilliamperes = 0
    }

    /// How long, in microseconds, 10 to 4095.
    public var durationMicroseconds: Int32 { @_noLocks get { Int32(microseconds) } }

    /// -130 to +130 mA in steps of 0.5 mA.
    public var current: Current { @_noLocks get { Current(microamperes: Int32(halfMilliamperes) * 500) } }

    @_noLocks public static func == (a: PulsePoint, b: PulsePoint) -> Bool {
        a.microseconds == b.microseconds && a.halfMilliamperes == b.halfMilliamperes
    }

    /// Bits 31-20 duration in µs; 19-10 current, 2 · mA + 300, so that 300 is 0 mA; 9-0 reserved, 0.
    var wireValue: UInt32 {
        @_noLocks get {
            UInt32(microseconds) << 20 | UInt32(truncatingIfNeeded: Int32(halfMilliamperes) + 300) << 10
        }
    }
}

/// Up to 16 points in the order of their execution.
public struct PointList: Equatable, Sendable {
    private var points: InlineArray<16, PulsePoint>
    private var used: UInt8

    @_noLocks public init() {
        points = InlineArray(repeating: PulsePoint())
        used = 0
    }

    /// 0 to 16.
    public var count: Int { @_noLocks get { Int(used) } }

    /// Point `index`, from 0; outside the list 10 µs at 0 mA.
    public subscript(_ index: Int) -> PulsePoint {
        @_noLocks get { index >= 0 && index < count ? points[index] : PulsePoint() }
    }

    /// Adds a point at the end; false, and nothing added, when there are 16 already.
    @_noLocks public mutating func append(_ point: PulsePoint) -> Bool {
        guard used < 16 else { return false }
        points[Int(used)] = point
        used += 1
        return true
    }

    @_noLocks public static func == (a: PointList, b: PointList) -> Bool {
        guard a.used == b.used else { return false }
        var index = 0
        while index < a.count {
            if a.points[index] != b.points[index] { return false }
            index += 1
        }
        return true
    }
}
