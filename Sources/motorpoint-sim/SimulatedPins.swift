import Glibc
import StimulusModel

/// The board's side of a GPIO chip that the kernel pretends (gpio-sim): what the host drives is read from files, and
/// what the board tells is written to files.
struct SimulatedPins: ~Copyable {
    /// Read in this order: heartbeat, enable, the triggers.
    private var outputs = InlineArray<4, Int32>(repeating: -1)
    /// Written in this order: emergency stop, patient's button, relay, pulses seen.
    private var inputs = InlineArray<5, Int32>(repeating: -1)

    private var told: PinLevels?

    struct Failure: Error, CustomStringConvertible {
        let path: String
        let code: Int32
        var description: String { unsafe "cannot open \(path): \(String(cString: strerror(code)))" }
    }

    /// - Parameter folder: such as "/sys/devices/platform/gpio-sim.0/gpiochip0", with lines 0 to 8 in the order above.
    init(folder: String) throws(Failure) {
        for line in 0..<4 { outputs[line] = try Self.open("\(folder)/sim_gpio\(line)/value", O_RDONLY) }
        for line in 0..<5 { inputs[line] = try Self.open("\(folder)/sim_gpio\(line + 4)/pull", O_RDWR) }
    }

    deinit {
        for index in 0..<4 { close(outputs[index]) }
        for index in 0..<5 { close(inputs[index]) }
    }

    private static func open(_ path: String, _ flags: Int32) throws(Failure) -> Int32 {
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
        return descriptor
    }

    /// What the host drives now; a line that nobody drives is low.
    func drive() -> PinDrive {
        var drive = PinDrive()
        drive.heartbeat = isHigh(outputs[0])
        drive.enable = isHigh(outputs[1])
        drive.firstTrigger = isHigh(outputs[2])
        drive.secondTrigger = isHigh(outputs[3])
        return drive
    }

    /// What the board tells, as levels: a pressed button has opened its loop and is high, a closed relay closes its
    /// read-back to ground and is low, a pulse seen is high.
    /// - Parameter anew: also what has not changed.
    mutating func tell(_ levels: PinLevels, anew: Bool) {
        guard anew || told != levels || isOverridden(levels) else { return }
        told = levels
        pull(inputs[0], isUp: levels.emergencyStopIsPressed)
        pull(inputs[1], isUp: levels.patientButtonIsPressed)
        pull(inputs[2], isUp: !levels.relayIsClosed)
        pull(inputs[3], isUp: levels.firstPulseIsSeen)
        pull(inputs[4], isUp: levels.secondPulseIsSeen)
    }

    /// A host that takes hold of the lines sets their pulls: seen at the buttons.
    private func isOverridden(_ levels: PinLevels) -> Bool {
        isPulledUp(inputs[0]) != levels.emergencyStopIsPressed || isPulledUp(inputs[1]) != levels.patientButtonIsPressed
    }

    private func isPulledUp(_ descriptor: Int32) -> Bool {
        var word = InlineArray<8, UInt8>(repeating: 0)
        var span = word.mutableSpan
        let count = unsafe span.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, 8, 0) }
        return count >= 7 && word[5] == UInt8(ascii: "u")
    }

    private func isHigh(_ descriptor: Int32) -> Bool {
        var character: UInt8 = 0
        return unsafe pread(descriptor, &character, 1, 0) == 1 && character == UInt8(ascii: "1")
    }

    private func pull(_ descriptor: Int32, isUp: Bool) {
        let word: StaticString = isUp ? "pull-up\n" : "pull-down\n"
        _ = unsafe pwrite(descriptor, word.utf8Start, word.utf8CodeUnitCount, 0)
    }
}
