import Foundation
import RigSimulator

/// One line for each pulse that arrived, written as it arrives, so that a test can see what came after a host's death.
struct MeterLog: ~Copyable {
    private let handle: FileHandle
    private var written: Int64
    private(set) var isBroken: Bool

    static let header =
        "monotonic_ns,channel,first_ua,first_us,second_ua,second_us,flowed_ua,phase_charge_pc,net_pc,complete,regulated"

    /// Begins a new file; an older one of that name is replaced.
    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data((MeterLog.header + "\n").utf8)) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
        let opened = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try opened.seekToEnd()
        handle = opened
        written = 0
        isBroken = false
    }

    /// Writes the pulses that are new since the last time.
    mutating func follow(_ meter: borrowing ElectrodeMeter) {
        guard written < meter.pulseCount, !isBroken else { return }
        var text = ""
        while written < meter.pulseCount {
            if let pulse = meter.pulse(number: written) { text += MeterLog.line(pulse) }
            written += 1
        }
        do {
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            isBroken = true
            Console.complain("motorpoint-sim: the meter's log cannot be written any more: \(error)")
        }
    }

    private static func line(_ pulse: DeliveredPulse) -> String {
        let numbers: [Int64] = [
            pulse.startNanoseconds, Int64(pulse.channel), Int64(pulse.firstPhaseMicroamperes),
            Int64(pulse.firstPhaseMicroseconds), Int64(pulse.secondPhaseMicroamperes),
            Int64(pulse.secondPhaseMicroseconds), Int64(pulse.flowedMicroamperes), pulse.phaseChargePicocoulombs,
            pulse.netFlowedPicocoulombs, pulse.isComplete ? 1 : 0, pulse.isInRegulation ? 1 : 0,
        ]
        return numbers.map(String.init).joined(separator: ",") + "\n"
    }
}
