// What is at an output on the technician's bench, and the amplitudes that are measured there.

/// A resistor in place of a person, as its label and the technician attest it.
public struct AttestedLoad: Hashable, Sendable {
    public let ohms: Int32
    /// Half width of its tolerance, in thousandths.
    public let tolerancePermille: Int32
    /// What it may turn into heat, in milliwatts.
    public let ratedMilliwatts: Int32

    @_noLocks public init(ohms: Int32, tolerancePermille: Int32, ratedMilliwatts: Int32) {
        self.ohms = ohms
        self.tolerancePermille = tolerancePermille
        self.ratedMilliwatts = ratedMilliwatts
    }

    @_noLocks public static func == (a: AttestedLoad, b: AttestedLoad) -> Bool {
        a.ohms == b.ohms && a.tolerancePermille == b.tolerancePermille && a.ratedMilliwatts == b.ratedMilliwatts
    }

    @_noLocks public static func != (a: AttestedLoad, b: AttestedLoad) -> Bool { !(a == b) }
}

/// What hangs at the output that is driven.
public enum AttestedTerminal: Hashable, Sendable {
    case load(AttestedLoad)
    /// Nothing at all.
    case open
    /// A wire across the output.
    case short

    @_noLocks public static func == (a: AttestedTerminal, b: AttestedTerminal) -> Bool {
        switch (a, b) {
        case (.load(let x), .load(let y)): return x == y
        case (.open, .open), (.short, .short): return true
        case (.load, _), (.open, _), (.short, _): return false
        }
    }

    @_noLocks public static func != (a: AttestedTerminal, b: AttestedTerminal) -> Bool { !(a == b) }
}

/// The amplitudes of one run on the bench, rising: one press of the raise key goes on to the next.
public struct BenchLevels: Equatable, Sendable {
    private var values: InlineArray<32, Int32>
    public private(set) var count: Int

    /// None: output stays at 0 mA.
    @_noLocks public init() {
        values = InlineArray(repeating: 0)
        count = 0
    }

    /// The most that one run can have.
    public static var most: Int { @_noLocks get { 32 } }

    /// - Returns: whether it was taken: above the last one, and there was room.
    @_noLocks public mutating func append(_ level: Current) -> Bool {
        let last = count > 0 ? values[count - 1] : 0
        guard BenchLevels.most > count, level.microamperes > last else { return false }
        values[count] = level.microamperes
        count += 1
        return true
    }

    /// Level `index`, from 0; 0 mA where there is none.
    @_noLocks public subscript(_ index: Int) -> Current {
        Current(microamperes: index >= 0 && index < count ? values[index] : 0)
    }

    /// The next one above `current`; nothing above the last.
    @_noLocks public func next(after current: Current) -> Current? {
        var index = 0
        while index < count {
            if values[index] > current.microamperes { return Current(microamperes: values[index]) }
            index += 1
        }
        return nil
    }

    public var highest: Current { @_noLocks get { self[count - 1] } }

    @_noLocks public static func == (a: BenchLevels, b: BenchLevels) -> Bool {
        guard a.count == b.count else { return false }
        var index = 0
        while index < a.count {
            if a.values[index] != b.values[index] { return false }
            index += 1
        }
        return true
    }

    @_noLocks public static func != (a: BenchLevels, b: BenchLevels) -> Bool { !(a == b) }
}
