import Foundation
import RigSimulator
import StimulusModel

/// What an oscilloscope and a force plate would record, as a CSV file to be drawn: each pulse by its samples, and the
/// force every 10 ms. Rows are in the order of time.
struct TraceLog: ~Copyable {
    private struct Row {
        var nanoseconds: Int64
        var channel: UInt8
        /// Not of a pulse.
        var isForceOnly: Bool
        var text: String
    }

    private let handle: FileHandle
    private let startNanoseconds: Int64
    private var taken: Int64
    private var nextForceNanoseconds: Int64
    private var waiting: [Row] = []
    private(set) var isBroken: Bool

    static let header = "time_s,channel,set_ma,delivered_ma,voltage_v,force_percent"
    /// For --help.
    static let columns = """
        time_s since the start; channel 1 to 8; set_ma what the stimulator was set to drive; delivered_ma what \
        flowed; voltage_v at the source, with sign; force_percent of the fresh muscle's strongest contraction. A \
        pulse is some rows a few microseconds apart, with a row of zeros before and behind it; between pulses there is \
        a row for each channel every 10 ms.
        """

    private static let forceNanoseconds: Int64 = 10_000_000
    /// The longest pulse is 65.5 ms: what is older can be written in order.
    private static let delayNanoseconds: Int64 = 100_000_000

    /// Begins a new file; an older one of that name is replaced.
    init(path: String, startingAt start: Instant) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data((TraceLog.header + "\n").utf8)) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
        let opened = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try opened.seekToEnd()
        handle = opened
        startNanoseconds = start.nanoseconds
        nextForceNanoseconds = start.nanoseconds
        taken = 0
        isBroken = false
    }

    /// Takes in what happened since the last time, and writes what is old enough to be in order; everything at the end.
    mutating func follow(_ rig: borrowing VirtualRig, at now: Instant, isLast: Bool = false) {
        guard !isBroken else { return }
        while taken < rig.body.drivenCount {
            if let pulse = rig.body.waveform(number: taken) {
                add(pulse, force: rig.force(channel: pulse.channel, at: now))
            }
            taken += 1
        }
        if now.nanoseconds >= nextForceNanoseconds {
            nextForceNanoseconds = now.nanoseconds + TraceLog.forceNanoseconds
            for pair in rig.body.pads {
                let force = rig.force(channel: pair.channel, at: now)
                waiting.append(row(now.nanoseconds, pair.channel, 0, 0, 0, force, isForceOnly: true))
            }
        }
        write(before: isLast ? Int64.max : now.nanoseconds - TraceLog.delayNanoseconds)
    }

    private mutating func add(_ pulse: PulseWaveform, force: Double) {
        let end = pulse.startNanoseconds + Int64(pulse.durationMicroseconds) * 1_000
        // A force that was noted while the pulse ran would draw a notch into it.
        waiting.removeAll {
            $0.isForceOnly && $0.channel == pulse.channel && (pulse.startNanoseconds...end).contains($0.nanoseconds)
        }
        waiting.append(row(pulse.startNanoseconds, pulse.channel, 0, 0, 0, force))
        for sample in pulse.samples {
            waiting.append(
                row(
                    pulse.startNanoseconds + Int64(sample.microseconds) * 1_000, pulse.channel,
                    sample.setMicroamperes, sample.flowedMicroamperes, sample.millivolts, force))
        }
        waiting.append(row(end, pulse.channel, 0, 0, 0, force))
    }

    private mutating func write(before moment: Int64) {
        guard let first = waiting.first, isDue(first, before: moment) else { return }
        // Rows of one moment keep the order in which they were made: it is that of the pulse's edges.
        let ordered = waiting.enumerated().sorted {
            ($0.element.nanoseconds, $0.offset) < ($1.element.nanoseconds, $1.offset)
        }.map(\.element)
        let due = ordered.prefix { isDue($0, before: moment) }
        waiting = Array(ordered.dropFirst(due.count))
        do {
            try handle.write(contentsOf: Data(due.map(\.text).joined().utf8))
        } catch {
            isBroken = true
            Console.complain("motorpoint-sim: the trace cannot be written any more: \(error)")
        }
    }

    private func isDue(_ row: Row, before moment: Int64) -> Bool { row.nanoseconds < moment }

    private func row(
        _ nanoseconds: Int64, _ channel: UInt8, _ set: Int32, _ flowed: Int32, _ millivolts: Int32, _ force: Double,
        isForceOnly: Bool = false
    ) -> Row {
        let microseconds = max(0, nanoseconds - startNanoseconds) / 1_000
        let fields = [
            Thousandths.text(microseconds, decimals: 6), "\(channel)", Thousandths.text(Int64(set), decimals: 3),
            Thousandths.text(Int64(flowed), decimals: 3), Thousandths.text(Int64(millivolts), decimals: 3),
            Thousandths.text(Int64(force * 10_000), decimals: 2),
        ]
        return Row(
            nanoseconds: nanoseconds, channel: channel, isForceOnly: isForceOnly,
            text: fields.joined(separator: ",") + "\n")
    }
}

/// Whole numbers of a small unit, written as a decimal of the large one.
enum Thousandths {
    /// 12,345 with three decimals is "12.345".
    static func text(_ value: Int64, decimals: Int) -> String {
        var scale: UInt64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let fraction = String(value.magnitude % scale)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(value < 0 ? "-" : "")\(value.magnitude / scale).\(zeros)\(fraction)"
    }
}
