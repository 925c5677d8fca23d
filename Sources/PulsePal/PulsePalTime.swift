/// The Pulse Pal counts time in cycles of 50 µs (`pulsepal.md` 3.3).
public enum PulsePalTime {
    /// Microseconds of one cycle.
    public static var cycleMicroseconds: Int32 { @_noLocks get { 50 } }
}
