import Foundation
import RigSimulator
import StimulusModel

/// The view of a person at an oscilloscope: for each channel the last pulse as current and voltage, and the force. Made
/// for 80 columns and 24 lines; colours only where a terminal wants them.
struct RigView {
    let isColoured: Bool

    private enum Ink: String {
        case current = "33"
        case voltage = "36"
        case force = "32"
        case alarm = "1;31"
    }

    static let columns = 79
    private static let barWidth = 40

    /// Colours are left out when nobody asked for them: no terminal, or NO_COLOR is set to anything.
    init(isTerminal: Bool) {
        isColoured = isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }

    func lines(_ rig: borrowing VirtualRig, at now: Instant) -> [String] {
        var lines = [heading(rig)]
        for pair in rig.body.pads.prefix(2) { lines += channel(pair, rig, at: now) }
        return lines
    }

    /// Parts of a line, of which some are inked, cut to the width of the view.
    private func line(_ parts: [(text: String, ink: Ink?)]) -> String {
        var room = RigView.columns
        var line = ""
        for part in parts where room > 0 {
            let text = String(part.text.prefix(room))
            room -= text.count
            line += part.ink.map { ink(text, $0) } ?? text
        }
        return line
    }

    private func heading(_ rig: borrowing VirtualRig) -> String {
        let level = ["no level", "low level", "mid level", "mid level, running"][Int(min(3, rig.device.reportedLevel))]
        var parts: [(String, Ink?)] = []
        if !rig.isPresent {
            parts.append(("UNPLUGGED", .alarm))
        } else if rig.device.isHighVoltageOn {
            parts.append(("HIGH VOLTAGE ON", .alarm))
        } else {
            parts.append(("high voltage off", nil))
        }
        parts.append((" | \(level) | \(rig.meter.pulseCount) pulses | ", nil))
        if rig.meter.isClean {
            parts.append(("meter: ok", nil))
        } else {
            parts.append(("METER: \(rig.meter.violationCount) ABOVE ITS LIMITS", .alarm))
        }
        parts.append((" | \(rig.body.person.name)", nil))
        return line(parts)
    }

    private func channel(_ pair: PadPair, _ rig: borrowing VirtualRig, at now: Instant) -> [String] {
        let rate = rig.meter.pulsesInTheLastSecond(channel: pair.channel, at: now)
        let contact = rig.body.contact(channel: pair.channel)
        var title = "\(pair.channel) \(pair.site.rawValue): "
        let pulse = rig.body.lastWaveform(channel: pair.channel)
        if let last = rig.meter.lastPulse(channel: pair.channel), pulse != nil {
            title += "\(tenths(last.firstPhaseMicroamperes)) mA, "
            if !last.isInRegulation { title += "\(tenths(last.flowedMicroamperes)) flowed, " }
            title += "\(last.firstPhaseMicroseconds) µs, \(rate)/s, \(tenths(last.peakMillivolts)) V, "
        } else {
            title += "no pulse yet, "
        }
        let state = (RigView.words(contact), contact == .attached ? nil : Ink.alarm)
        return [line([(title, nil), state])] + plots(pulse) + [force(pair.channel, rig, at: now)]
    }

    private func plots(_ pulse: PulseWaveform?) -> [String] {
        let height = 2 * PulsePlot.rows + 1
        guard let pulse, pulse.durationMicroseconds > 0 else {
            return [String](repeating: "", count: height)
        }
        let current = PulsePlot.current(pulse)
        let voltage = PulsePlot.voltage(pulse)
        let left = current.lines
        let right = voltage.lines
        return (0..<height).map { index in
            var scales = ("", "")
            if index == 0 { scales = ("\(tenths(current.fullScale)) mA", "\(tenths(voltage.fullScale)) V") }
            if index == height / 2 { scales = ("\(pulse.durationMicroseconds) µs", "") }
            return ink(left[index], .current) + pad(scales.0) + ink(right[index], .voltage) + " " + scales.1
        }
    }

    private func force(_ channel: UInt8, _ rig: borrowing VirtualRig, at now: Instant) -> String {
        let share = rig.force(channel: channel, at: now)
        let fresh = rig.body.muscle(channel: channel).freshness(atNanoseconds: now.nanoseconds)
        let full = Int(share * Double(RigView.barWidth) + 0.5)
        let bar = String(repeating: "█", count: full) + String(repeating: "·", count: RigView.barWidth - full)
        return "force " + ink(bar, .force) + " \(Int(share * 100 + 0.5)) %, muscle \(Int(fresh * 100 + 0.5)) % fresh"
    }

    private static func words(_ contact: Contact) -> String {
        switch contact {
        case .attached: return "pads hold"
        case .detached: return "PAD OFF"
        case .short: return "PADS TOUCH"
        case .drying: return "PADS DRY OUT"
        case .lifted(let held): return "PAD LIFTED, \(held / 10) % HOLDS"
        case .resistive(let ohms): return "\(Int(ohms)) Ω MORE"
        }
    }

    /// Thousandths with one decimal.
    private func tenths(_ value: Int32) -> String {
        let rounded = (Int64(value).magnitude + 50) / 100
        return "\(value < 0 ? "-" : "")\(rounded / 10).\(rounded % 10)"
    }

    /// Text behind a plot, ten columns wide.
    private func pad(_ text: String) -> String { " " + text + String(repeating: " ", count: max(0, 8 - text.count)) }

    private func ink(_ text: String, _ ink: Ink) -> String {
        isColoured ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
    }
}
