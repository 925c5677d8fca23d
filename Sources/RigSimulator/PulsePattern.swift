// The pretend device's own reading of a pulse. It shares the frame with the host, not the judgement of what stands in
// it: ranges and quirks are written here again, from the vendor's documents.

internal import ScienceMode4

/// The points of one pulse, as the device took them.
struct PulsePattern: Sendable {
    /// 1 to 8.
    var channel: UInt8 = 1
    var isExecuted = true
    private(set) var count = 0
    private var currents = InlineArray<16, Int32>(repeating: 0)
    private var durations = InlineArray<16, Int32>(repeating: 0)

    /// Current of a point in microamperes.
    func microamperes(_ index: Int) -> Int32 { currents[index] }

    /// Duration of a point in microseconds.
    func microseconds(_ index: Int) -> Int32 { durations[index] }

    var totalMicroseconds: Int64 {
        var total: Int64 = 0
        for index in 0..<count { total += Int64(durations[index]) }
        return total
    }

    var peakMicroamperes: Int32 {
        var peak: Int32 = 0
        for index in 0..<count { peak = max(peak, Int32(clamping: currents[index].magnitude)) }
        return peak
    }

    init() {}

    /// Reads an Ll_channel_config: byte 0 has bit 7 execute, bits 6-5 colour, bit 4 connector, bits 3-0 number of
    /// points - 1; then 4 bytes for each point. Nothing when a byte is missing or left over or a value is out of range.
    init?(payloadOf frame: inout FrameDecoder, _ configuration: P24Configuration) {
        let payloadCount = frame.payloadCount
        guard payloadCount >= 1 else { return nil }
        let head = frame.byte(at: 0)
        channel = (head >> 4 & 1) * 4 + (head >> 5 & 3) + 1
        isExecuted = head & 0x80 != 0
        // Without execution the C library sends no points, the Python client does (sheet 9, row 8).
        if !isExecuted, payloadCount == 1 { return }
        let announced = Int(head & 0x0F) + 1
        let isWhole = payloadCount == 1 + 4 * announced
        // N08 and N12: the vendor's own server code reads on behind the end and leaves the rest unread.
        let passes = !configuration.pointListIsStrict && payloadCount > 1 + 4 * (announced - 1)
        guard isWhole || passes else { return nil }
        guard take(announced, pointsAt: 1, of: &frame, configuration) else { return nil }
    }

    /// Reads points from `position` on; false when one is out of range.
    mutating func take(
        _ announced: Int, pointsAt position: Int, of frame: inout FrameDecoder, _ configuration: P24Configuration
    ) -> Bool {
        for index in 0..<announced {
            guard take(pointAt: position + 4 * index, of: &frame, configuration) else { return false }
        }
        return true
    }

    /// Bits 31-20 duration in µs, 19-10 current as 2 · mA + 300, 9-0 reserved; high byte first.
    private mutating func take(
        pointAt position: Int, of frame: inout FrameDecoder, _ configuration: P24Configuration
    ) -> Bool {
        var word: UInt32 = 0
        for offset in 0..<4 {
            let place = position + offset
            // Behind the end the vendor's server code finds the stop byte, then zeros (N08).
            let byte = place < frame.payloadCount ? frame.byte(at: place) : place == frame.payloadCount ? 0x0F : 0
            word = word << 8 | UInt32(byte)
        }
        if configuration.reservedBitsAreChecked, word & 0x3FF != 0 { return false }
        let current = (Int32(word >> 10 & 0x3FF) - 300) * 500
        guard current.magnitude <= configuration.largestMicroamperes.magnitude else { return false }
        var duration = Int32(word >> 20)
        if duration == 0, configuration.zeroDurationIsLeftOut { return true }
        if duration < 10 { duration = 10 }
        currents[count] = current
        durations[count] = duration
        count += 1
        return true
    }

    /// Changes what a point drives; its duration stays.
    mutating func setMicroamperes(_ microamperes: Int32, _ index: Int) { currents[index] = microamperes }

    /// The same pulse at a share of its current, cut toward zero so that equal phases stay equal.
    func scaled(_ numerator: Int64, of denominator: Int64) -> PulsePattern {
        var weaker = self
        for index in 0..<count {
            weaker.currents[index] = Int32(Int64(currents[index]) * numerator / denominator)
        }
        return weaker
    }
}
