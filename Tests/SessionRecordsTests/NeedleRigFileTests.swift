import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("Needle rig files")
struct NeedleRigFileTests {
    @Test("Both shipped needle rigs load", arguments: ["demo-needle", "needle-clinic"])
    func shipped(id: String) throws {
        let rig = try RigLoader.load(path: packageFolder + "/Hardware/rigs/\(id).yaml").content
        #expect(rig.id == id && rig.stimulator == .pulsePal)
        #expect(rig.patientStop == .interlockButton && rig.realTime == .required && rig.wireMajor == 2)
        let needle = try #require(rig.needles)
        let names = needle.lines.map(\.name)
        #expect(Set(names).count == names.count && names.count == (id == "demo-needle" ? 9 : 7))
        #expect((needle.second != nil) == (id == "demo-needle"))
    }

    static let spoilt: [Spoilt] = [
        Spoilt(
            "two roles on one line", replace: "relay_readback: {line: GPIO24", with: "relay_readback: {line: GPIO22",
            line: "format:", key: nil, says: "is already", hint: "a line of its own"),
        Spoilt(
            "trigger on enable", replace: "trigger: GPIO5", with: "trigger: GPIO27", line: "format:",
            says: "is already", hint: "a line of its own"),
        Spoilt(
            "wrong polarity", replace: "emergency_stop: {line: GPIO22, bias: pull_down, pressed_when: low}",
            with: "emergency_stop: {line: GPIO22, bias: pull_down, pressed_when: high}", line: "emergency_stop:",
            key: "interlock.emergency_stop.pressed_when", says: "wrong polarity", hint: "wiring"),
        Spoilt(
            "wrong polarity of the patient's", replace: "GPIO23, bias: pull_down, pressed_when: low",
            with: "GPIO23, bias: pull_up, pressed_when: low", line: "patient_button:",
            key: "interlock.patient_button.pressed_when", says: "wrong polarity", hint: "wiring"),
        Spoilt(
            "no bias on a button", replace: "emergency_stop: {line: GPIO22, bias: pull_down",
            with: "emergency_stop: {line: GPIO22, bias: external", line: "emergency_stop:",
            key: "interlock.emergency_stop.bias", says: "at no level", hint: "pressed_when"),
        Spoilt(
            "no patient's button", replace: "  patient_button: {line: GPIO23, bias: pull_down, pressed_when: low}\n",
            with: "", line: "chip: gpiochip0", key: "interlock.patient_button", says: "missing", hint: ""),
        Spoilt(
            "isolator of 25 mA", replace: "full_scale_output_ma: 10", with: "full_scale_output_ma: 25",
            line: "full_scale_output_ma: 25", key: "isolator.full_scale_output_ma", says: "another output range",
            hint: "10 V in = 10 mA out"),
        Spoilt(
            "isolator of 5 V", replace: "full_scale_input_v: 10", with: "full_scale_input_v: 5",
            line: "full_scale_input_v: 5", key: "isolator.full_scale_input_v", says: "another input range",
            hint: "10 V in = 10 mA out"),
        Spoilt(
            "a calibration in the rig file", replace: "first_output:\n", with: "first_output:\n  calibration: 1\n",
            line: "calibration: 1", key: "first_output.calibration",
            says: "unknown", hint: ""),
        Spoilt(
            "firmware 23", replace: "  - \"21\"", with: "  - \"23\"", line: "  - \"23\"",
            key: "allowed_firmware", says: "no firmware of a Pulse Pal", hint: "handshake"),
        // The charge pump holds for 40 to 50 ms (decision 0012).
        Spoilt(
            "late beyond the pump", replace: "lateness_tolerance_ms: 30", with: "lateness_tolerance_ms: 31",
            line: "lateness_tolerance_ms: 31", key: "lateness_tolerance_ms", says: "charge pump runs empty",
            hint: "40 to 50 ms"),
        Spoilt(
            "best effort", replace: "real_time: required", with: "real_time: best_effort", line: "real_time:",
            key: "real_time", says: "is not for a needle rig", hint: "required"),
        Spoilt(
            "stop by the USB power", replace: "patient_stop: interlock_button", with: "patient_stop: usb_power_button",
            line: "patient_stop:", key: "patient_stop", says: "is not for a needle rig", hint: "interlock_button"),
        Spoilt(
            "output 3", replace: "\nchannel: 1", with: "\nchannel: 3", line: "channel: 3", key: "channel",
            says: "two outputs", hint: "trigger input"),
        Spoilt(
            "Pulse Pal 1", replace: "wire_major: 2", with: "wire_major: 1", line: "wire_major: 1", key: "wire_major",
            says: "Pulse Pal 2", hint: "another wire"),
        Spoilt(
            "device id", replace: "wire_major: 2", with: "device_id: AB12345678\nwire_major: 2", line: "device_id:",
            key: "device_id", says: "on a needle rig", hint: ""),
    ]

    // Proves R-FILE-01, R-FILE-03, R-FLT-13, R-FLT-31.
    @Test("Spoilt needle rigs are refused by name", arguments: spoilt)
    func spoiltFiles(_ spoilt: Spoilt) throws {
        try Self.expect(spoilt, in: "Hardware/rigs/needle-clinic.yaml")
    }

    // Proves R-FILE-03.
    @Test("No interlock on a needle rig, and none on a P24 rig")
    func interlock() throws {
        let good = try shippedText("needle-clinic")
        let from = try #require(good.range(of: "interlock:\n"))
        let to = try #require(good.range(of: "first_output:"))
        var text = good
        text.removeSubrange(from.lowerBound..<to.lowerBound)
        let missing = #expect(throws: FileProblems.self) { try RigLoader.parse(text, file: "x.yaml") }
        #expect(missing?.problems.contains { $0.key == "interlock" } == true, "\(String(describing: missing))")
        let block = String(good[from.lowerBound..<to.lowerBound])
        let pads = try shippedText("demo-p24") + "\n" + block
        let forbidden = #expect(throws: FileProblems.self) { try RigLoader.parse(pads, file: "x.yaml") }
        let found = forbidden?.problems.first { $0.key == "interlock" }
        #expect(found?.message.contains("on a p24 rig") == true, "\(String(describing: forbidden))")
        #expect(found?.line != nil)
    }

    private func shippedText(_ id: String) throws -> String {
        try String(contentsOfFile: packageFolder + "/Hardware/rigs/\(id).yaml", encoding: .utf8)
    }

    private static func expect(_ spoilt: Spoilt, in file: String) throws {
        let good = try String(contentsOfFile: packageFolder + "/" + file, encoding: .utf8)
        let range = try #require(good.range(of: spoilt.replace))
        let text = good.replacingCharacters(in: range, with: spoilt.with)
        let problems = #expect(throws: FileProblems.self) { try RigLoader.parse(text, file: "rig.yaml") }
        let found = try #require(
            problems?.problems.first { $0.message.contains(spoilt.message) }, "\(String(describing: problems))")
        #expect(found.file == "rig.yaml")
        let line = try #require(text.range(of: spoilt.line))
        let number = text[..<line.lowerBound].utf8.filter { $0 == 10 }.count + 1
        #expect(found.line == number, "\(found)")
        if let key = spoilt.key { #expect(found.key == key, "\(found)") }
        if !spoilt.hint.isEmpty { #expect(found.hint?.contains(spoilt.hint) == true, "\(found)") }
    }

    @Test("Days since 1970 count on by one, over every month, leap year and century")
    func days() throws {
        func day(_ year: Int, _ month: Int, _ day: Int) throws -> Int64 {
            try #require(CalendarDay(year: year, month: month, day: day)).daysSince1970
        }
        #expect(try day(1970, 1, 1) == 0)
        #expect(try day(1969, 12, 31) == -1)
        #expect(try day(2000, 2, 29) == 11_016)
        #expect(try day(2000, 3, 1) == 11_017)
        #expect(try day(2026, 11, 26) == 20_783)
        var before = try day(1999, 12, 31)
        var days = 0
        for year in 2000...2101 {
            for month in 1...12 {
                for number in 1...31 {
                    guard let next = CalendarDay(year: year, month: month, day: number) else { continue }
                    #expect(next.daysSince1970 == before + 1, "\(next.text)")
                    before = next.daysSince1970
                    days += 1
                }
            }
        }
        // 102 years with 25 leap days: 2100 has none.
        #expect(days == 102 * 365 + 25)
    }
}
