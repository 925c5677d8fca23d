import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("Rig files")
struct RigTests {
    @Test("Every shipped rig loads", arguments: ["demo-p24", "p24-clinic"])
    func shippedRigs(id: String) throws {
        let loaded = try RigLoader.load(path: packageFolder + "/Hardware/rigs/\(id).yaml")
        #expect(loaded.content.id == id)
        #expect(loaded.content.stimulator == .p24)
        #expect(loaded.content.patientStop == .usbPowerButton)
        #expect(loaded.content.channel == .first)
        #expect(loaded.content.wireMajor == 4)
        #expect(loaded.recorded.text == loaded.text)
    }

    @Test("No rig file in the folder is left untried")
    func all() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: packageFolder + "/Hardware/rigs")
            .filter { $0.hasSuffix(".yaml") }
        #expect(files.sorted() == ["demo-needle.yaml", "demo-p24.yaml", "needle-clinic.yaml", "p24-clinic.yaml"])
    }

    @Test("The demonstration rig leaves its line to the command line; the clinic's pins device and limits")
    func content() throws {
        let demo = try RigLoader.load(path: packageFolder + "/Hardware/rigs/demo-p24.yaml").content
        #expect(demo.serialLine == nil)
        #expect(demo.deviceID == nil)
        #expect(demo.allowedFirmware == [DeviceVersion(major: 1, minor: 2, revision: 3)])
        #expect(demo.realTime == .bestEffort)
        #expect(demo.latenessToleranceMilliseconds == 50)
        #expect(demo.limits == .none)
        let clinic = try RigLoader.load(path: packageFolder + "/Hardware/rigs/p24-clinic.yaml").content
        #expect(clinic.serialLine == "/dev/serial/by-id/usb-HASOMED_P24-if00")
        #expect(clinic.deviceID?.utf8.count == 10)
        #expect(clinic.limits.maximumAmplitude == Current(microamperes: 50_000))
        #expect(clinic.limits.longestPhase == PhaseDuration(microseconds: 400))
        #expect(clinic.limits.highestFrequency == Frequency(millihertz: 50_000))
    }

    // Proves R-FLT-13.
    @Test("Without a tolerance the house's own counts")
    func defaultTolerance() throws {
        let text = try shipped("Hardware/rigs/demo-p24.yaml").replacingOccurrences(
            of: "lateness_tolerance_ms: 50\n", with: "")
        #expect(try RigLoader.parse(text, file: "x").latenessToleranceMilliseconds == 50)
    }

    // Proves R-FLT-13.
    @Test("A tolerance up to 60 ms is taken on a P24 rig, a longer one refused with the limit")
    func longestTolerance() throws {
        let good = try shipped("Hardware/rigs/demo-p24.yaml")
        func text(_ milliseconds: Int) -> String {
            good.replacingOccurrences(of: "lateness_tolerance_ms: 50", with: "lateness_tolerance_ms: \(milliseconds)")
        }
        #expect(try RigLoader.parse(text(60), file: "x").latenessToleranceMilliseconds == 60)
        let problems = #expect(throws: FileProblems.self) { try RigLoader.parse(text(61), file: "x") }
        let found = try #require(problems?.problems.first, "\(String(describing: problems))")
        #expect(problems?.problems.count == 1)
        #expect(found.key == "lateness_tolerance_ms")
        #expect(found.value == "61")
        #expect(found.message.contains("too large"))
        #expect(found.limit == "at most 60 ms")
        #expect("\(found)".contains("at most 60 ms"))
    }

    static let spoilt: [Spoilt] = [
        Spoilt(
            "version of two numbers", replace: "  - 1.2.3", with: "  - 1.2", line: "  - 1.2", key: "allowed_firmware",
            says: "is no version", hint: "1.2.3"),
        Spoilt(
            "any version", replace: "  - 1.2.3", with: "  - any", line: "  - any", key: "allowed_firmware",
            says: "is no version", hint: "1.2.3"),
        Spoilt(
            "no version", replace: "allowed_firmware:\n  - 1.2.3", with: "allowed_firmware: []",
            line: "allowed_firmware: []", key: "allowed_firmware", says: "at least one entry", hint: "- "),
        Spoilt(
            "short id", replace: "device_id: CHANGE-ME.", with: "device_id: P24", line: "device_id: P24",
            key: "device_id", says: "no device id", hint: "motorpoint devices"),
        Spoilt(
            "channel 9", replace: "channel: 1", with: "channel: 9", line: "channel: 9", key: "channel",
            says: "too large", hint: "check the unit"),
        Spoilt(
            "tolerance in seconds", replace: "lateness_tolerance_ms: 50", with: "lateness_tolerance_s: 0.05",
            line: "lateness_tolerance_s", key: "lateness_tolerance_s", says: "this unit is not read here",
            hint: "in milliseconds under `lateness_tolerance_ms`"),
        Spoilt(
            "endless tolerance", replace: "lateness_tolerance_ms: 50", with: "lateness_tolerance_ms: 100000",
            line: "lateness_tolerance_ms: 100000", key: "lateness_tolerance_ms", says: "too large",
            hint: "milliseconds"),
        Spoilt(
            "no patient stop", replace: "patient_stop: usb_power_button", with: "patient_stop: none",
            line: "patient_stop: none", key: "patient_stop", says: "not one of the known words",
            hint: "usb_power_button"),
        Spoilt(
            "limit in amperes", replace: "maximum_amplitude_ma: 50", with: "maximum_amplitude_a: 0.05",
            line: "maximum_amplitude_a", key: "limits.maximum_amplitude_a", says: "this unit is not read here",
            hint: "milliamperes"),
        Spoilt(
            "raising word", replace: "limits:\n", with: "unlock: true\nlimits:\n", line: "unlock: true",
            key: "unlock", says: "unknown key", hint: "remove it"),
    ]

    // Proves R-FILE-01, R-FILE-03, R-GATE-09.
    @Test("Spoilt rigs are refused by name", arguments: spoilt)
    func spoiltFiles(_ spoilt: Spoilt) throws {
        let good = try shipped("Hardware/rigs/p24-clinic.yaml")
        let range = try #require(good.range(of: spoilt.replace))
        let text = good.replacingCharacters(in: range, with: spoilt.with)
        let problems = #expect(throws: FileProblems.self) { try RigLoader.parse(text, file: "p24-clinic.yaml") }
        let found = try #require(
            problems?.problems.first { $0.message.contains(spoilt.message) }, "\(String(describing: problems))")
        let line = try #require(text.range(of: spoilt.line))
        #expect(found.line == text[..<line.lowerBound].utf8.filter { $0 == 10 }.count + 1, "\(found)")
        #expect(found.key == spoilt.key, "\(found)")
        #expect(found.hint?.contains(spoilt.hint) == true, "\(found)")
    }
}
