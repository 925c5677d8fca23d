// What is known about the stimulator at the far end of the wire. Each kind of not knowing has its own name.

/// How far the conversation with the stimulator has come.
public enum StimulatorCondition: UInt8, Sendable {
    /// No conversation yet, or the line is gone.
    case absent = 0
    /// Stopping whatever a killed host left behind, then asking who it is.
    case identifying = 1
    /// Known, and high voltage verified off. The only state in which a session may be armed.
    case off = 2
    /// High voltage commanded on, not yet verified.
    case energising = 3
    /// High voltage verified on; pulses may be sent.
    case ready = 4
    /// Stop commanded, high voltage not yet verified off.
    case deenergising = 5
    /// A fault ended the conversation; `FaultCause` says which. Output must be assumed until proven off.
    case failed = 6
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: StimulatorCondition, b: StimulatorCondition) -> Bool {
        a.rawValue == b.rawValue
    }

    @_noLocks public static func != (a: StimulatorCondition, b: StimulatorCondition) -> Bool { !(a == b) }
}

/// What became of a pulse that was handed to the wire.
public enum Delivery: UInt8, Sendable {
    /// Nothing to report.
    case none = 0
    /// The device acknowledged the end of the pulse.
    case delivered = 1
    /// The device said that it did not execute the pulse.
    case notDelivered = 2
    /// No answer in time: counted as delivered, and the session stops (`decided.md`, P24).
    case unknown = 3
    /// The pulse fell due while one was unacknowledged: never sent, counted.
    case skipped = 4
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: Delivery, b: Delivery) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: Delivery, b: Delivery) -> Bool { !(a == b) }
}
