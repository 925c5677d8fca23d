import ByteStreams
import Foundation
import RigSimulator
import StimulusModel

/// Shows live what reaches the patient: one line redrawn in place on a terminal, a line a second at most elsewhere; or,
/// when asked for, the whole view in the same rhythm.
struct RigScreen {
    let isTerminal: Bool
    let isQuiet: Bool
    private let view: RigView?
    private var lastNote = ""
    private var lastShownAt = Instant(nanoseconds: Int64.min / 2)
    private var lastText = ""
    private var hasLine = false

    init(isQuiet: Bool, showsView: Bool) {
        self.isQuiet = isQuiet
        isTerminal = TerminalMode.isTerminal(1)
        view = showsView && !isQuiet ? RigView(isTerminal: isTerminal) : nil
        if isTerminal, view != nil { Console.show("\u{1B}[2J") }
    }

    /// Shows the state when it is time to.
    mutating func update(_ rig: borrowing VirtualRig, at now: Instant) {
        guard !isQuiet else { return }
        guard now.since(lastShownAt).milliseconds >= (isTerminal ? 200 : 1_000) else { return }
        lastShownAt = now
        if let view { return show(view.lines(rig, at: now)) }
        var text = RigScreen.text(rig, at: now)
        guard text != lastText else { return }
        lastText = text
        if isTerminal {
            if let window = TerminalMode.window(of: 1) { text = String(text.prefix(max(20, window.columns - 1))) }
            Console.show("\r\u{1B}[K\(text)")
            hasLine = true
        } else {
            Console.say(text)
        }
    }

    /// A line that stays, above the one that is redrawn.
    mutating func note(_ text: String) {
        guard !isQuiet else { return }
        if isTerminal, view != nil {
            lastNote = text
            return
        }
        endLine()
        Console.say(text)
    }

    /// The whole view: over the old one on a terminal, as a block of lines elsewhere.
    private func show(_ lines: [String]) {
        guard isTerminal else { return Console.say(lines.joined(separator: "\n")) }
        let text = (lines + [lastNote]).map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        Console.show("\u{1B}[H" + text + "\u{1B}[J")
    }

    /// The last word, in any case.
    mutating func conclude(_ text: String) {
        if isTerminal, view != nil { Console.show("\r\n") }
        endLine()
        Console.say(text)
    }

    private mutating func endLine() {
        if hasLine { Console.show("\r\u{1B}[K") }
        hasLine = false
        lastText = ""
    }

    /// The state of the rig in one line.
    static func text(_ rig: borrowing VirtualRig, at now: Instant) -> String {
        let meter = rig.meter
        var parts: [String] = []
        if !rig.isPresent {
            parts.append("UNPLUGGED")
        } else {
            parts.append(rig.device.isHighVoltageOn ? "HIGH VOLTAGE ON " : "high voltage off")
        }
        let rate = meter.pulsesInTheLastSecond(at: now)
        if rate > 0, let pulse = meter.lastPulse {
            let force = rig.force(channel: pulse.channel, at: now)
            parts.append("\(amplitude(pulse)) \(pulse.firstPhaseMicroseconds) µs \(rate)/s")
            parts.append("\(tenths(pulse.phaseChargePicocoulombs / 100_000)) µC a phase")
            parts.append("force \(bar(force)) \(Int(force * 100)) %")
        } else {
            parts.append("no pulses")
        }
        parts.append("\(meter.pulseCount) pulses")
        parts.append(meter.isClean ? "meter: ok" : "METER: \(meter.violationCount) ABOVE ITS LIMITS")
        return parts.joined(separator: " | ")
    }

    /// What was driven, and what flowed when that was less.
    private static func amplitude(_ pulse: DeliveredPulse) -> String {
        let driven = "\(tenths(Int64(pulse.firstPhaseMicroamperes) / 100)) mA"
        guard !pulse.isInRegulation else { return driven }
        return "\(driven) asked, \(tenths(Int64(pulse.flowedMicroamperes) / 100)) mA flowed,"
    }

    private static func tenths(_ value: Int64) -> String {
        "\(value < 0 ? "-" : "")\(value.magnitude / 10).\(value.magnitude % 10)"
    }

    private static func bar(_ share: Double) -> String {
        let full = Int(share * 10 + 0.5)
        return String(repeating: "#", count: full) + String(repeating: ".", count: 10 - full)
    }
}
