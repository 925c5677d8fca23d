// What requests carry besides a program.

/// A few characters, for the display or a name. The device shows 16 a line; at most 48 are held.
public struct PulsePalText: Equatable, Sendable {
    public static var longest: Int { @_noLocks get { 48 } }
    private var storage: InlineArray<48, UInt8>
    public private(set) var count: Int

    @_noLocks public init() {
        storage = InlineArray(repeating: 0)
        count = 0
    }

    public subscript(_ index: Int) -> UInt8 {
        @_noLocks get { index >= 0 && index < count ? storage[index] : 0 }
    }

    /// False, and nothing added, when it is full.
    @_noLocks public mutating func append(_ character: UInt8) -> Bool {
        guard count < PulsePalText.longest else { return false }
        storage[count] = character
        count += 1
        return true
    }

    @_noLocks public static func == (a: PulsePalText, b: PulsePalText) -> Bool {
        guard a.count == b.count else { return false }
        var index = 0
        while index < a.count {
            if a.storage[index] != b.storage[index] { return false }
            index += 1
        }
        return true
    }

    @_noLocks public static func != (a: PulsePalText, b: PulsePalText) -> Bool { !(a == b) }

}

/// The points of a stored train: when each pulse begins, in cycles from the start of the train, and its voltage.
public struct PulsePalTrain: Equatable, Sendable {
    /// What one command in `PulsePalBytes` can carry. The device takes 5,000; a receiver reads longer trains point by
    /// point (`PulsePalRequestDecoder.point`).
    public static var longest: UInt32 { @_noLocks get { 31 } }
    private var times: InlineArray<31, UInt32>
    private var codes: InlineArray<31, UInt16>
    /// As announced on the wire; above 31 the points are not held here.
    public private(set) var count: UInt32

    @_noLocks public init() {
        times = InlineArray(repeating: 0)
        codes = InlineArray(repeating: 0)
        count = 0
    }

    /// A train that is too long to be held.
    @_noLocks init(announced: UInt32) {
        self.init()
        count = announced
    }

    public var isHeld: Bool { @_noLocks get { count <= PulsePalTrain.longest } }

    /// False, and nothing added, when it is full.
    @_noLocks public mutating func append(cycles: UInt32, code: UInt16) -> Bool {
        guard count < PulsePalTrain.longest else { return false }
        times[Int(count)] = cycles
        codes[Int(count)] = code
        count += 1
        return true
    }

    @_noLocks public func cycles(at index: Int) -> UInt32 {
        isHeld && index >= 0 && index < Int(count) ? times[index] : 0
    }

    @_noLocks public func code(at index: Int) -> UInt16 {
        isHeld && index >= 0 && index < Int(count) ? codes[index] : 0
    }

    @_noLocks mutating func setCode(_ code: UInt16, at index: Int) {
        guard isHeld, index >= 0, index < Int(count) else { return }
        codes[index] = code
    }

    @_noLocks public static func == (a: PulsePalTrain, b: PulsePalTrain) -> Bool {
        guard a.count == b.count else { return false }
        guard a.isHeld else { return true }
        var index = 0
        while index < Int(a.count) {
            if a.times[index] != b.times[index] || a.codes[index] != b.codes[index] { return false }
            index += 1
        }
        return true
    }

    @_noLocks public static func != (a: PulsePalTrain, b: PulsePalTrain) -> Bool { !(a == b) }
}

/// One value for each of four channels.
public struct PulsePalQuad: Hashable, Sendable {
    public var first: UInt32
    public var second: UInt32
    public var third: UInt32
    public var fourth: UInt32

    @_noLocks public init(_ first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    @_noLocks public static func == (a: PulsePalQuad, b: PulsePalQuad) -> Bool {
        a.first == b.first && a.second == b.second && a.third == b.third && a.fourth == b.fourth
    }

    @_noLocks public static func != (a: PulsePalQuad, b: PulsePalQuad) -> Bool { !(a == b) }
}
