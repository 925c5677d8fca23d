// What the virtual bench asks of the drivers alone, without a session: a program of its own, never shipped. Prints what
// it found, one line each; exit status 1 and the driver's own words when it was refused.
import ByteStreams
import DeviceDrivers
import Glibc
import StimulatorLinks
import StimulusModel

func say(_ text: String) { print(text) }

func refuse(_ text: String) -> Never {
    print(text)
    exit(1)
}

/// The names that the bench gives to its lines.
let plan = PinPlan(
    chip: "interlock", heartbeat: PinLine(name: "HEARTBEAT"), enable: PinLine(name: "ENABLE"),
    firstTrigger: PinLine(name: "TRIGGER1"), secondTrigger: PinLine(name: "TRIGGER2"),
    emergencyStop: PinLine(name: "ESTOP", bias: .pullUp), patientButton: PinLine(name: "PATIENT", bias: .pullUp),
    relayReadback: PinLine(name: "RELAY", isActiveLow: true, bias: .pullUp),
    firstPulseSeen: PinLine(name: "SEEN1", bias: .pullDown), secondPulseSeen: PinLine(name: "SEEN2", bias: .pullDown))

func find(_ vendor: String, _ product: String, _ serialNumber: String?) {
    let found = SerialDevice.find(vendor: vendor, product: product, serialNumber: serialNumber)
    if found.isEmpty { refuse("none") }
    for device in found { say(device.path) }
}

/// Fills a line whose far end does not read, takes back what waits, and writes a stop.
func overtake(_ path: String) throws {
    var line = try SerialLine(opening: path)
    guard line.kind == .real else { refuse("\(path) is no real line") }
    var frames = 0
    // One write is one frame: the driver sends each by itself.
    while frames < 1_000, line.stream.write([UInt8(ascii: "P"), UInt8(ascii: "\n")].span) == .wrote(2) { frames += 1 }
    say("blocked after \(frames) frames")
    // As the loop does: each millisecond anew, since a driver may need a moment to take back what it was given (seen).
    var milliseconds = 0
    var outcome = WriteOutcome.blocked
    while outcome == .blocked, milliseconds < 100 {
        if milliseconds > 0 { SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 1))) }
        line.stream.flushOutput()
        outcome = line.stream.write([UInt8(ascii: "S"), UInt8(ascii: "\n")].span)
        milliseconds += 1
    }
    say(outcome == .wrote(2) ? "the stop was taken at try \(milliseconds)" : "the stop was not taken: \(outcome)")
    // The far end begins to read only now.
    SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 2_000)))
}

/// Raises the heartbeat alone, since only a link may raise more, holds on for so many milliseconds, and shows what is
/// read then.
func pins(holding milliseconds: Int64) throws {
    var board = try PinBoard(opening: plan)
    guard board.write(BoardPins.heartbeatAlone(true)) else { refuse("the chip is gone") }
    SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: milliseconds)))
    guard let levels = board.read() else { refuse("the chip is gone") }
    say(
        "emergency stop \(levels.emergencyStopIsPressed ? 1 : 0), patient \(levels.patientButtonIsPressed ? 1 : 0), "
            + "relay \(levels.relayIsClosed ? 1 : 0), seen \(levels.firstPulseIsSeen ? 1 : 0) "
            + "\(levels.secondPulseIsSeen ? 1 : 0)")
}

let words = Array(CommandLine.arguments.dropFirst())
do {
    switch words.first {
    case "find" where words.count >= 3: find(words[1], words[2], words.count > 3 ? words[3] : nil)
    case "overtake" where words.count == 2: try overtake(words[1])
    case "pins" where words.count >= 2: try pins(holding: Int64(words[1]) ?? 0)
    default: refuse("find VENDOR PRODUCT [SERIAL] | overtake LINE | pins MILLISECONDS")
    }
} catch {
    refuse("\(error)")
}
