import PulsePal
import ScienceMode4

/// The only thing that the serial writer accepts. It is made by a link, from an `AuthorizedPulse` or
/// `AuthorizedSetting` or from a question or stop of the link's own, and can be neither forged nor copied: what was
/// authorized once is sent at most once.
public struct OutboundFrame: ~Copyable, Sendable {
    private var frame: FrameBytes?
    private var command: PulsePalBytes?
    private let length: Int
    /// Bytes before the frame: two stop bytes of ScienceMode4, which end whatever the receiver holds half-read
    /// (`sciencemode4.md` 2.1).
    private let flushed: Int
    private let filler: UInt8
    /// A Pulse Pal's abort may be undone by a trigger that it kept; told twice it holds (`pulsepal.md` 5).
    private let times: Int

    @_noLocks init(_ bytes: FrameBytes, flushes: Bool) {
        frame = bytes
        command = nil
        length = bytes.count
        flushed = flushes ? 2 : 0
        filler = 0x0F
        times = 1
    }

    /// - Parameter fillsUp: more bytes in front than any half command can lack. None begins a command, and taken for
    ///   voltages they are 40 mV (8080).
    @_noLocks init(_ bytes: PulsePalBytes, isTwice: Bool = false, fillsUp: Bool = false) {
        frame = nil
        command = bytes
        length = bytes.count
        flushed = fillsUp ? 180 : 0
        filler = 0x80
        times = isTwice ? 2 : 1
    }

    /// Bytes to write, flush included.
    public var count: Int { @_noLocks get { length * times + flushed } }

    /// Whether it is a stop, which waits behind nothing: what was written before and has not left yet is taken back,
    /// and the two stop bytes in front end whatever of it had left (`reliability.md` F10). Never of a Pulse Pal: half
    /// a command would make it stand still, and its stop is the relay.
    public var isStop: Bool { @_noLocks get { filler == 0x0F && flushed > 0 } }

    /// Byte `index` of what is to be written, from 0. Mutating only in form: reading an inline array through a plain
    /// getter copies the whole of it (seen with Swift 6.3).
    @_noLocks public mutating func byte(at index: Int) -> UInt8 {
        guard index >= flushed else { return filler }
        guard length > 0 else { return 0 }
        let place = (index - flushed) % length
        return command?.byte(at: place) ?? frame?.byte(at: place) ?? 0
    }
}
