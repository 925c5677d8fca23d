import ScienceMode4

/// The only thing that the serial writer accepts. It is made by a link, from an `AuthorizedPulse` or from a question or
/// stop of the link's own, and can be neither forged nor copied: what was authorized once is sent at most once.
public struct OutboundFrame: ~Copyable, Sendable {
    private var bytes: FrameBytes
    /// Whether the frame must be preceded by two stop bytes, which end whatever the receiver holds half-read
    /// (`sciencemode4.md` 2.1).
    private let flushes: Bool

    @_noLocks init(_ bytes: FrameBytes, flushes: Bool) {
        self.bytes = bytes
        self.flushes = flushes
    }

    /// Bytes to write, flush included.
    public var count: Int { @_noLocks get { bytes.count + (flushes ? 2 : 0) } }

    /// Whether it is a stop, which waits behind nothing: what was written before and has not left yet is taken back,
    /// and the two stop bytes in front end whatever of it had left (`reliability.md` F10).
    public var isStop: Bool { @_noLocks get { flushes } }

    /// Byte `index` of what is to be written, from 0. Mutating only in form: reading an inline array through a plain
    /// getter copies the whole of it (seen with Swift 6.3).
    @_noLocks public mutating func byte(at index: Int) -> UInt8 {
        guard flushes else { return bytes.byte(at: index) }
        return index < 2 ? 0x0F : bytes.byte(at: index - 2)
    }
}
