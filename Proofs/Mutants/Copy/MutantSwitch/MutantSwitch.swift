// What the mutated sources call. Each function does what stood there before, unless this process is the mutant whose
// number it is given. The number is that of the place's first mutant; the others follow it.
public import CMutantSwitch

/// Which mutant of a place this process is, from 0; anything else is none.
@inlinable @inline(__always) func variant(_ place: Int32) -> Int32 {
    let active = mutant_active()
    if active == -1 { mutant_reached(place) }
    return active &- place
}

// MARK: - Conditions

@inlinable @inline(__always) public func mutantFlip(_ place: Int32, _ value: Bool) -> Bool {
    variant(place) == 0 ? !value : value
}

@inlinable @inline(__always) public func mutantAlways(_ place: Int32, _ value: Bool) -> Bool {
    variant(place) == 0 ? true : value
}

@inlinable @inline(__always) public func mutantNever(_ place: Int32, _ value: Bool) -> Bool {
    variant(place) == 0 ? false : value
}

/// Whether a statement is kept.
@inlinable @inline(__always) public func mutantKeeps(_ place: Int32) -> Bool { variant(place) != 0 }

@inlinable @inline(__always)
public func mutantAnd(_ place: Int32, _ a: Bool, _ b: @autoclosure () throws -> Bool) rethrows -> Bool {
    switch variant(place) {
    case 0: return try a || b()
    case 1: return a
    case 2: return try b()
    default: return try a && b()
    }
}

@inlinable @inline(__always)
public func mutantOr(_ place: Int32, _ a: Bool, _ b: @autoclosure () throws -> Bool) rethrows -> Bool {
    switch variant(place) {
    case 0: return try a && b()
    case 1: return a
    case 2: return try b()
    default: return try a || b()
    }
}

// MARK: - Comparisons

@inlinable @inline(__always) public func mutantLess<T: Comparable>(_ place: Int32, _ a: T, _ b: T) -> Bool {
    switch variant(place) {
    case 0: return a <= b
    case 1: return a >= b
    default: return a < b
    }
}

@inlinable @inline(__always) public func mutantLessOrEqual<T: Comparable>(_ place: Int32, _ a: T, _ b: T) -> Bool {
    switch variant(place) {
    case 0: return a < b
    case 1: return a > b
    default: return a <= b
    }
}

@inlinable @inline(__always) public func mutantGreater<T: Comparable>(_ place: Int32, _ a: T, _ b: T) -> Bool {
    switch variant(place) {
    case 0: return a >= b
    case 1: return a <= b
    default: return a > b
    }
}

@inlinable @inline(__always) public func mutantGreaterOrEqual<T: Comparable>(_ place: Int32, _ a: T, _ b: T) -> Bool {
    switch variant(place) {
    case 0: return a > b
    case 1: return a < b
    default: return a >= b
    }
}

@inlinable @inline(__always) public func mutantLeast<T: Comparable>(_ place: Int32, _ a: T, _ b: T) -> T {
    switch variant(place) {
    case 0: return max(a, b)
    case 1: return a
    case 2: return b
    default: return min(a, b)
    }
}

@inlinable @inline(__always) public func mutantMost<T: Comparable>(_ place: Int32, _ a: T, _ b: T) -> T {
    switch variant(place) {
    case 0: return min(a, b)
    case 1: return a
    case 2: return b
    default: return max(a, b)
    }
}

// MARK: - Numbers

@inlinable @inline(__always) public func mutantNumber<T: FixedWidthInteger>(_ place: Int32, _ value: T) -> T {
    switch variant(place) {
    case 0: return value &+ 1
    case 1: return value &- 1
    default: return value
    }
}

@inlinable @inline(__always) public func mutantNegated(_ place: Int32, _ value: Int64) -> Int64 {
    variant(place) == 0 ? 0 &- value : value
}

@inlinable @inline(__always) public func mutantOne(_ place: Int32, _ value: Int64) -> Int64 {
    variant(place) == 0 ? 1 : value
}

@inlinable @inline(__always) public func mutantPlus<T: FixedWidthInteger>(_ place: Int32, _ a: T, _ b: T) -> T {
    variant(place) == 0 ? a - b : a + b
}

@inlinable @inline(__always) public func mutantMinus<T: FixedWidthInteger>(_ place: Int32, _ a: T, _ b: T) -> T {
    variant(place) == 0 ? a + b : a - b
}

@inlinable @inline(__always) public func mutantTimes<T: FixedWidthInteger>(_ place: Int32, _ a: T, _ b: T) -> T {
    variant(place) == 0 ? a / b : a * b
}

@inlinable @inline(__always) public func mutantOver<T: FixedWidthInteger>(_ place: Int32, _ a: T, _ b: T) -> T {
    variant(place) == 0 ? a * b : a / b
}

@inlinable @inline(__always) public func mutantRemainder<T: FixedWidthInteger>(_ place: Int32, _ a: T, _ b: T) -> T {
    variant(place) == 0 ? a / b : a % b
}

@inlinable @inline(__always)
public func mutantPlusAssign<T: FixedWidthInteger>(_ place: Int32, _ a: inout T, _ b: T) {
    switch variant(place) {
    case 0: a -= b
    case 1: break
    default: a += b
    }
}

@inlinable @inline(__always)
public func mutantMinusAssign<T: FixedWidthInteger>(_ place: Int32, _ a: inout T, _ b: T) {
    switch variant(place) {
    case 0: a += b
    case 1: break
    default: a -= b
    }
}

// MARK: - Bits

@inlinable @inline(__always) public func mutantBitOr<T: FixedWidthInteger>(_ place: Int32, _ a: T, _ b: T) -> T {
    variant(place) == 0 ? a & b : a | b
}

@inlinable @inline(__always) public func mutantBitAnd<T: FixedWidthInteger>(_ place: Int32, _ a: T, _ b: T) -> T {
    variant(place) == 0 ? a | b : a & b
}

@inlinable @inline(__always)
public func mutantLeft<T: FixedWidthInteger, N: BinaryInteger>(_ place: Int32, _ a: T, _ b: N) -> T {
    variant(place) == 0 ? a >> b : a << b
}

@inlinable @inline(__always)
public func mutantRight<T: FixedWidthInteger, N: BinaryInteger>(_ place: Int32, _ a: T, _ b: N) -> T {
    variant(place) == 0 ? a << b : a >> b
}
