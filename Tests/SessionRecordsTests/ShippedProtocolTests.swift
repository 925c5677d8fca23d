import CareModel
import Foundation
import SafetyKernel
import SessionRecords
import StimulusModel
import Testing

@Suite("The shipped protocols")
struct ShippedProtocolTests {
    static let shelf = ProtocolShelf(folders: [packageFolder + "/Protocols"])

    @Test("All load, under the ids that the product promises")
    func allLoad() {
        #expect(Self.shelf.problems.map(\.description) == [])
        #expect(
            Self.shelf.protocols.map(\.content.id) == [
                "demo-relieve-needle", "demo-relieve-surface", "gmed-elevate-needle", "gmed-elevate-surface",
                "gmed-relieve-needle",
                "gmed-relieve-surface", "gmed-restore-needle", "gmed-restore-pens", "gmed-restore-surface",
                "gmed-search-needle", "gmed-search-surface", "vmo-elevate-needle", "vmo-elevate-surface",
                "vmo-relieve-needle", "vmo-relieve-needle-dense", "vmo-relieve-surface", "vmo-restore-needle",
                "vmo-restore-surface", "vmo-search-needle", "vmo-search-surface",
            ])
    }

    private func dose(_ id: String) throws -> Dose {
        let loaded = try #require(Self.shelf.find(id))
        return try #require(loaded.content.dose)
    }

    // Proves R-LIM-18.
    /// Numbers of `clinical.md` 2.5, typed here a second time: 35 Hz, 300 µs, 6:18 s with ramps 2 and 1 s.
    @Test("Relieve is 6 s on, 18 s off, ten times", arguments: [("vmo", 40_000), ("gmed", 45_000)])
    func relieve(muscle: String, cap: Int32) throws {
        let dose = try dose("\(muscle)-relieve-surface")
        let cycle = ContractionCycle(
            rampUpMilliseconds: 2_000, plateauMilliseconds: 3_000, rampDownMilliseconds: 1_000,
            restMilliseconds: 18_000)
        #expect(dose.pattern == .contractions(cycle, count: 10))
        #expect(cycle.onMilliseconds == 6_000)
        #expect(dose.programmeMilliseconds == 240_000)
        #expect(dose.frequency == Frequency(millihertz: 35_000))
        #expect(dose.phaseDuration == PhaseDuration(microseconds: 300))
        #expect(dose.interphaseGap == PhaseDuration(microseconds: 0))
        #expect(dose.maximumAmplitude == Current(microamperes: cap))
        #expect(dose.amplitudeStep == Current(microamperes: 1_000))
        #expect(dose.stage == .relieve)
        #expect(dose.electrodeKind == .surface)
        #expect(dose.muscle.name == muscle)
    }

    // Proves R-LIM-18.
    @Test("Restore is 10 s on, 50 s off, twelve times", arguments: ["vmo", "gmed"])
    func restore(muscle: String) throws {
        let dose = try dose("\(muscle)-restore-surface")
        #expect(dose.programmeMilliseconds == 720_000)
        #expect(dose.contractionCount == 12)
        #expect(dose.frequency == Frequency(millihertz: 50_000))
        #expect(dose.phaseDuration == PhaseDuration(microseconds: 300))
        #expect(dose.maximumAmplitude == Current(microamperes: 60_000))
    }

    // Proves R-LIM-18.
    @Test("Elevate is 10 s on, 30 s off, ten times", arguments: ["vmo", "gmed"])
    func elevate(muscle: String) throws {
        let dose = try dose("\(muscle)-elevate-surface")
        let cycle = ContractionCycle(
            rampUpMilliseconds: 2_000, plateauMilliseconds: 7_000, rampDownMilliseconds: 1_000,
            restMilliseconds: 30_000)
        #expect(dose.pattern == .contractions(cycle, count: 10))
        #expect(dose.programmeMilliseconds == 400_000)
        #expect(dose.frequency == Frequency(millihertz: 50_000))
        #expect(dose.phaseDuration == PhaseDuration(microseconds: 400))
        #expect(dose.maximumAmplitude == Current(microamperes: 60_000))
        #expect(dose.stage == .elevate)
    }

    // Proves R-LIM-18.
    @Test("The patterned one is 600 bursts of 200 ms in 15 min")
    func patterned() throws {
        let dose = try dose("gmed-restore-pens")
        #expect(
            dose.pattern == .burst(milliseconds: 900_000, burstMilliseconds: 200, intervalMilliseconds: 1_500))
        #expect(dose.programmePulses == 6_000)
        #expect(dose.frequency == Frequency(millihertz: 50_000))
        #expect(dose.phaseDuration == PhaseDuration(microseconds: 200))
        #expect(dose.stage == .restore)
    }

    @Test("The demonstration is short, weak and says what it is")
    func demonstration() throws {
        let loaded = try #require(Self.shelf.find("demo-relieve-surface")).content
        let dose = try dose("demo-relieve-surface")
        #expect(loaded.isDemonstration)
        #expect(loaded.summary.contains("not a treatment"))
        #expect(dose.stage == .relieve)
        #expect(dose.programmeMilliseconds == 24_000)
        #expect(dose.contractionCount == 3)
        #expect(dose.maximumAmplitude == Current(microamperes: 15_000))
    }

    /// The needle rows of `clinical.md` 2.5, typed here a second time.
    struct NeedleRow: Sendable {
        let id: String
        let rate: Int32
        let phase: Int32
        let minutes: Int32
        let cap: Int32
        let typical: ClosedRange<Int64>
        let certainty: Certainty
    }

    static let needleRows = [
        NeedleRow(
            id: "vmo-relieve-needle", rate: 2_000, phase: 250, minutes: 15, cap: 4_000, typical: 1_000...3_000,
            certainty: .low),
        NeedleRow(
            id: "vmo-relieve-needle-dense", rate: 100_000, phase: 250, minutes: 15, cap: 4_000, typical: 1_000...3_000,
            certainty: .low),
        NeedleRow(
            id: "vmo-restore-needle", rate: 4_000, phase: 250, minutes: 20, cap: 6_000, typical: 2_000...5_000,
            certainty: .veryLow),
        NeedleRow(
            id: "vmo-elevate-needle", rate: 2_000, phase: 250, minutes: 10, cap: 6_000, typical: 2_000...5_000,
            certainty: .veryLow),
        NeedleRow(
            id: "gmed-relieve-needle", rate: 2_000, phase: 250, minutes: 15, cap: 5_000, typical: 1_000...4_000,
            certainty: .veryLow),
        NeedleRow(
            id: "gmed-restore-needle", rate: 4_000, phase: 300, minutes: 20, cap: 6_000, typical: 2_000...6_000,
            certainty: .veryLow),
        NeedleRow(
            id: "gmed-elevate-needle", rate: 2_000, phase: 250, minutes: 10, cap: 6_000, typical: 2_000...5_000,
            certainty: .veryLow),
    ]

    // Proves R-LIM-18.
    @Test("Needle treatments are the rows of the sheet", arguments: needleRows)
    func needles(row: NeedleRow) throws {
        let content = try #require(Self.shelf.find(row.id)).content
        let dose = try dose(row.id)
        let length = row.minutes * 60_000
        if row.id.hasSuffix("dense") {
            #expect(
                dose.pattern
                    == .denseDisperse(
                        milliseconds: length, denseMilliseconds: 3_000, sparseFrequency: Frequency(millihertz: 2_000),
                        sparseMilliseconds: 3_000))
            #expect(content.summary.contains("below 80 % of the marked motor threshold"))
        } else {
            #expect(dose.pattern == .continuous(milliseconds: length))
        }
        #expect(dose.electrodeKind == .needle)
        #expect(dose.frequency == Frequency(millihertz: row.rate))
        #expect(dose.phaseDuration == PhaseDuration(microseconds: row.phase))
        #expect(dose.interphaseGap == PhaseDuration(microseconds: 0))
        #expect(dose.maximumAmplitude == Current(microamperes: row.cap))
        #expect(dose.amplitudeStep == Current(microamperes: 100))
        #expect(
            dose.muscle.name + "-" + dose.stage.name == row.id.split(separator: "-").prefix(2).joined(separator: "-"))
        #expect(content.evidence(of: .typicalLowest)?.stored == row.typical.lowerBound)
        #expect(content.evidence(of: .typicalHighest)?.stored == row.typical.upperBound)
        #expect(content.evidence.parameters == row.certainty)
        #expect(content.numbers.contains { $0.source.contains("(proposal)") })
        // No row of the sheet stands on studies of this muscle: the file says so.
        if dose.muscle == .gluteusMedius {
            #expect(content.evidence.parametersSource.contains("analogy"))
            #expect(content.numbers.contains { $0.source.contains("analogy") })
        }
    }

    // Proves R-NDL-11.
    @Test("No needle protocol is left out, and none names a depth")
    func needleFiles() throws {
        let all = Self.shelf.protocols.filter { $0.content.electrodeKind == .needle }
        #expect(
            Set(all.map(\.content.id))
                == Set(Self.needleRows.map(\.id)).union([
                    "vmo-search-needle", "gmed-search-needle", "demo-relieve-needle",
                ]))
        // The program must not show a depth as instruction (`clinical.md` 2.3).
        for loaded in all {
            #expect(loaded.content.placement.contains("never states one"))
            #expect(loaded.content.placement.firstMatch(of: /[0-9] ?(mm|cm|cun)/) == nil)
        }
    }

    // Proves R-LIM-18, R-GATE-11.
    @Test("A needle search steps by 0.1 mA to its own cap", arguments: [("vmo", 3_000), ("gmed", 4_000)])
    func needleSearch(muscle: String, cap: Int32) throws {
        let search = try #require(Self.shelf.find("\(muscle)-search-needle")).content
        let treatment = try #require(Self.shelf.find("\(muscle)-restore-needle")).content
        let dose = try search.searchDose(for: treatment)
        #expect(dose.maximumAmplitude == Current(microamperes: cap))
        #expect(dose.amplitudeStep == Current(microamperes: 100))
        #expect(dose.pattern == .continuous(milliseconds: 120_000))
        #expect(dose.frequency == Frequency(millihertz: 2_000))
        #expect(dose.phaseDuration == treatment.dose?.phaseDuration)
        // Pads and needles never serve each other.
        let pads = try #require(Self.shelf.find("\(muscle)-relieve-surface")).content
        #expect(throws: SearchMismatch.otherElectrodeKind) { try search.searchDose(for: pads) }
    }

    // Proves R-GATE-12.
    @Test("A search takes its phase duration from the treatment that it is for")
    func search() throws {
        let search = try #require(Self.shelf.find("vmo-search-surface")).content
        let treatment = try #require(Self.shelf.find("vmo-relieve-surface")).content
        #expect(search.dose == nil)
        let dose = try search.searchDose(for: treatment)
        #expect(dose.phaseDuration == PhaseDuration(microseconds: 300))
        #expect(dose.frequency == Frequency(millihertz: 2_000))
        #expect(dose.pattern == .continuous(milliseconds: 120_000))
        #expect(dose.maximumAmplitude == Current(microamperes: 15_000))
        #expect(dose.amplitudeStep == Current(microamperes: 500))
        #expect(dose.stage == .search)
    }

    // Proves R-GATE-12.
    @Test("A search for another muscle, or for a search, is refused")
    func searchMismatch() throws {
        let search = try #require(Self.shelf.find("vmo-search-surface")).content
        let other = try #require(Self.shelf.find("gmed-relieve-surface")).content
        #expect(throws: SearchMismatch.otherMuscle) { try search.searchDose(for: other) }
        #expect(throws: SearchMismatch.treatmentIsASearch) { try search.searchDose(for: search) }
        #expect(throws: SearchMismatch.notASearch) { try other.searchDose(for: search) }
    }

    // Proves R-LIM-18.
    @Test("Every dose, and every search for it, is within the absolute limits")
    func withinLimits() throws {
        var doses = 0
        for loaded in Self.shelf.protocols {
            if let dose = loaded.content.dose {
                try Authorization.checkProtocol(dose)
                doses += 1
            } else {
                for treatment in Self.shelf.protocols where treatment.content.muscle == loaded.content.muscle {
                    guard let dose = treatment.content.dose, dose.electrodeKind == loaded.content.electrodeKind else {
                        continue
                    }
                    try Authorization.checkProtocol(try loaded.content.searchDose(for: treatment.content))
                    doses += 1
                }
            }
        }
        #expect(doses == 32)
    }

    // Proves R-LIM-18.
    @Test("Every number has its line, certainty and source")
    func evidenceBesideNumbers() throws {
        for loaded in Self.shelf.protocols {
            let lines = loaded.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(loaded.content.numbers.count >= 3)
            for number in loaded.content.numbers {
                #expect(!number.source.isEmpty)
                let line = try #require(loaded.content.line(of: number.key))
                // The line says the number in the unit of its key, so a refusal points at what to change.
                let written = DecimalText.format(number.stored, decimals: number.unit.decimals)
                #expect(lines[line - 1].trimmingCharacters(in: .whitespaces) == "value: \(written)")
            }
        }
    }

    // Proves R-INF-02.
    @Test("No text claims a benefit, and every treatment says what the evidence says")
    func noClaims() throws {
        let claims = ["proven", "effective", "cures", "heals", "guarantee", "improves", "retrains", "resolves"]
        for loaded in Self.shelf.protocols {
            let text = loaded.text.lowercased()
            for claim in claims { #expect(!text.contains(claim), "\(loaded.content.id) says \(claim)") }
            if loaded.content.isSearch || loaded.content.isDemonstration {
                #expect(loaded.content.evidence.patellofemoralBenefit == .notApplicable)
            } else {
                // One study of one session stands behind the patterned one (`clinical.md` 2.5).
                let expected: Certainty = loaded.content.id == "gmed-restore-pens" ? .low : .veryLow
                #expect(loaded.content.evidence.patellofemoralBenefit == expected)
                #expect(loaded.content.evidence.statement.contains("advises against"))
                #expect(loaded.content.evidence.statement.contains("claims no benefit"))
            }
        }
    }

    @Test("Each file names its schema for editors")
    func schemaLine() throws {
        for loaded in Self.shelf.protocols {
            #expect(loaded.text.hasPrefix("# yaml-language-server: $schema=schema/protocol.schema.json\n"))
        }
    }
}
