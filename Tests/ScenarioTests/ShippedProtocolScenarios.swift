// Every protocol that is shipped, run to its end by a pretend practitioner in virtual time, with the meter's figures
// typed here from `clinical.md` 2.5.
import CareModel
import Foundation
import RigControl
import RigSimulator
import SessionEngine
import SessionRecords
import StimulusModel
import Testing
import VirtualHost

@Suite struct ShippedProtocolScenarios {
    static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Protocols"
    static let shelf = ProtocolShelf(folders: [folder])

    /// Cap in µA, rate in mHz, contractions with titration (nothing for a train), target of the raises in µA.
    private static let figures: [String: (cap: Int32, rate: Int32, contractions: Int32?, target: Int32)] = [
        "demo-relieve-surface": (15_000, 35_000, 8, 8_000), "vmo-relieve-surface": (40_000, 35_000, 15, 12_000),
        "vmo-restore-surface": (60_000, 50_000, 17, 20_000), "vmo-elevate-surface": (60_000, 50_000, 15, 20_000),
        "gmed-relieve-surface": (45_000, 35_000, 15, 12_000), "gmed-restore-surface": (60_000, 50_000, 17, 20_000),
        "gmed-elevate-surface": (60_000, 50_000, 15, 20_000), "gmed-restore-pens": (60_000, 50_000, nil, 20_000),
    ]

    /// Those for pads: the others need the needle rig.
    private static let forPads = shelf.protocols.filter { $0.content.electrodeKind == .surface }
    static let treatments = forPads.filter { !$0.content.isSearch }.map(\.content.id)
    static let searches = forPads.filter(\.content.isSearch).map(\.content.id)

    // Proves R-LIM-18.
    @Test func `none is left out`() {
        #expect(Set(Self.treatments) == Set(Self.figures.keys))
        #expect(Set(Self.searches) == ["vmo-search-surface", "gmed-search-surface"])
    }

    // Proves R-LIM-18, R-FLT-29.
    @Test(arguments: treatments) func `a shipped treatment runs to its end and the meter finds nothing`(
        id: String
    ) throws {
        let figures = try #require(Self.figures[id])
        let dose = try #require(Self.shelf.find(id)?.content.dose)
        var rules = MeterRules(
            peakCapMicroamperes: figures.cap, rateCapMillihertz: figures.rate, padSquareMillimetres: 2_500)
        rules.contractionCap = figures.contractions
        let session = VirtualSession(
            plan: try Doses.plan(search: nil, treatment: dose, earlierTreatments: 2),
            rig: VirtualRigConfiguration(rules: rules, seed: 21))
        session.keepsJournal = false
        let raising = Practitioner.raising(to: figures.target)
        session.run(
            atMost: 1_300_000, until: { $0.state.isFinal },
            hands: { session in
                // The practitioner is there and answers; titration ends with its second contraction.
                if session.milliseconds % 60_000 == 0 { return Hands(command: .present) }
                let machine = session.control.machine
                if machine.titrating, machine.titrationContractions == 2, session.state == .resting {
                    return Hands(command: .endTitration)
                }
                return raising(session)
            })
        let machine = session.control.machine
        #expect(session.state == .closed, "\(id): \(machine.fault), \(machine.stopCause)")
        #expect(machine.stopCause == .programmeFinished)
        #expect(machine.countedContractions == dose.contractionCount)
        #expect(machine.highestDelivered.microamperes == figures.target)
        #expect(session.rig.meter.violations.isEmpty)
        #expect(session.rig.meter.pulseCount == machine.deliveredPulses)
        #expect(session.rig.meter.pulseCount > 500)
        #expect(session.rig.meter.totalChargePicocoulombs <= session.control.charged.picocoulombs)
    }

    // Proves R-LIM-18, R-AMP-09.
    @Test(arguments: searches) func `a shipped search finds a twitch in each person, or ends at its cap`(
        id: String
    ) throws {
        let search = try #require(Self.shelf.find(id)).content
        let treatment = try #require(Self.shelf.find("\(search.muscle.name)-relieve-surface")).content
        let dose = try search.searchDose(for: treatment)
        let number: UInt8 = search.muscle == .vmo ? 1 : 2
        for person in [VirtualPerson.typical, VirtualPerson(seed: 3), VirtualPerson(seed: 4)] {
            let rules = MeterRules(
                peakCapMicroamperes: search.muscle == .vmo ? 15_000 : 40_000, rateCapMillihertz: 2_000,
                padSquareMillimetres: 2_500)
            var prescription = VirtualRigConfiguration(person: person, rules: rules, seed: 8)
            prescription.pads = [PadPair(channel: 1, site: number == 1 ? .vmo : .gluteusMedius)]
            let session = VirtualSession(plan: try Doses.plan(search: dose, treatment: nil), rig: prescription)
            let searching = Practitioner.searching(to: 40_000)
            session.run(
                atMost: 60_000,
                until: { $0.state.isFinal || $0.rig.force(channel: 1, at: $0.now) > 0.02 }, hands: searching)
            let found = session.control.machine.setMicroamperes
            #expect(found > 0)
            session.run(atMost: 600, until: { _ in false })
            session.tick(Hands(command: .markMotor))
            let machine = session.control.machine
            #expect(machine.motorThreshold.microamperes == found)
            // Found again at a lower amplitude: the lowest is kept; higher, it changes nothing.
            session.tick(Hands(command: .lower))
            session.run(atMost: 600, until: { _ in false })
            session.tick(Hands(command: .markMotor))
            #expect(session.control.machine.motorThreshold.microamperes == found - 500)
            session.run(atMost: 200_000, until: { $0.state.isFinal })
            #expect(session.state == .closed)
            #expect(session.control.machine.stopCause == .programmeFinished)
            #expect(session.rig.meter.violations.isEmpty)
        }
    }
}
