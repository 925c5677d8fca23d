import CareModel
import Foundation
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel
import Testing
import VirtualHost

// Proves R-FLT-04, R-DUR-08.
/// The charge that the ledger reads out of a journal, held against the gate's own account and the meter's.
@Suite struct JournalChargeScenarios {
    /// How far the journal, the gate and the meter were after one tick.
    private struct Mark {
        let blocks: Int
        let gate: [Int64]
        let meter: [Int64]
    }

    private static let first = Doses.relieve(plateau: 2_000, rest: 4_000)
    private static let second = Doses.relieveGluteus(plateau: 2_000, rest: 4_000)

    private static func opening(_ arrangement: ChannelArrangement) -> SessionOpening {
        let file = RecordedFile(id: "x", version: 1, path: "x.yaml", sha256: Digest(of: "x"), text: nil)
        var opening = SessionOpening(
            sessionID: "20261122-093512-00000a", programVersion: "0", wallNanoseconds: 0, utcOffsetSeconds: 0,
            personID: "P-1", muscle: "vmo", side: "right", stage: "relieve", practitioner: "AB",
            treatmentProtocol: file, companionProtocol: nil, checklist: file, answers: [], rig: file,
            device: RecordedDevice(kind: "p24", id: "1", firmware: "1", wireVersion: "4"), realTimeReport: "",
            limits: [], dose: RecordedDose(first), padAreaSquareMillimetres: 2_500, gates: [])
        opening.second = RecordedChannel(
            muscle: "gmed", stage: "relieve", channel: 2, treatmentProtocol: file, companionProtocol: nil,
            dose: RecordedDose(second), searchDose: nil,
            history: TreatmentHistory(earlierTreatments: 0, millisecondsSinceLast: 0),
            padAreaSquareMillimetres: 2_500)
        opening.arrangement = arrangement.name
        return opening
    }

    private static func run(
        _ arrangement: ChannelArrangement, faults: FaultPlan = FaultPlan(), seed: UInt64
    ) throws -> (VirtualSession, [Mark]) {
        var rules = MeterRules(peakCapMicroamperes: 15_000, rateCapMillihertz: 35_000, padSquareMillimetres: 2_500)
        rules.contractionCap = 8
        let session = VirtualSession(
            plan: try Doses.pair(first, second, arrangement),
            rig: VirtualRigConfiguration(rules: rules, faults: faults, seed: seed))
        let hands = Practitioner.raisingBoth(to: 9_000, and: 6_000)
        var marks: [Mark] = []
        while !session.state.isFinal, session.milliseconds < 200_000 {
            session.tick(hands(session))
            marks.append(
                Mark(
                    blocks: session.journal.count,
                    gate: [ChannelPlace.first, .second].map { session.control.charged($0).picocoulombs },
                    meter: [UInt8(1), 2].map { session.rig.meter.totalChargePicocoulombs(channel: $0) }))
        }
        return (session, marks)
    }

    /// At every tenth block: what the journal says up to there, and the last tick that it holds whole.
    private static func eachTenth(
        _ session: VirtualSession, _ marks: [Mark], _ look: ([Int64], Mark) -> Void
    ) -> Int {
        var charge = JournalCharge(opening(.together))
        var tick = 0
        var looks = 0
        for (index, block) in session.journal.enumerated() {
            charge.take(block)
            guard (index + 1) % 10 == 0 else { continue }
            while tick + 1 < marks.count, marks[tick + 1].blocks <= index + 1 { tick += 1 }
            look([charge.picocoulombs(at: .first), charge.picocoulombs(at: .second)], marks[tick])
            looks += 1
        }
        return looks
    }

    @Test(arguments: [ChannelArrangement.together, .alternating])
    func `the journal's account follows the gate's on each channel`(arrangement: ChannelArrangement) throws {
        let (session, marks) = try Self.run(arrangement, seed: 5)
        #expect(session.state == .closed, "\(session.control.machine.fault)")
        var below = 0
        let looks = Self.eachTenth(session, marks) { journal, mark in
            for place in 0..<2 where journal[place] < mark.gate[place] { below += 1 }
        }
        #expect(below == 0)
        #expect(looks > 100)
        var whole = JournalCharge(Self.opening(arrangement))
        for block in session.journal { whole.take(block) }
        for place in [ChannelPlace.first, .second] {
            #expect(whole.picocoulombs(at: place) == session.control.charged(place).picocoulombs)
            #expect(whole.picocoulombs(at: place) > 0)
        }
        #expect(whole.picocoulombs(at: .first) != whole.picocoulombs(at: .second))
        #expect(whole.picocoulombs == session.control.charged.picocoulombs)

        // The story tells both: each contracts as often as the machine counted, at its own amplitude.
        let story = try Self.story(session.journal, Self.opening(arrangement))
        for (place, highest) in [(ChannelPlace.first, Int32(9_000)), (.second, 6_000)] {
            let channel = session.control.machine.channel(place)
            #expect(story.contractions(.contraction, at: place) == channel.countedContractions)
            #expect(story.contractions(.titration, at: place) == channel.titrationContractions)
            #expect(Int64(story.pulses(at: place).count) == channel.deliveredPulses)
            #expect(story.highestMicroamperes(at: place) == highest)
            #expect(story.channel(place).setAmplitude.map(\.microamperes).max() == highest)
        }
    }

    /// Written to a record that nobody closed, and read back.
    private static func story(_ journal: [WordBlock], _ opening: SessionOpening) throws -> SessionStory {
        let folder = NSTemporaryDirectory() + "motorpoint-scenario-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = SessionStore(folder: folder)
        try store.prepare(neededBytes: 1)
        var writer = try store.create(opening, at: RecordTime(monotonicNanoseconds: 0, wallNanoseconds: 0))
        for block in journal {
            try writer.append(journal: block, at: RecordTime(monotonicNanoseconds: 0, wallNanoseconds: 0))
        }
        try writer.commit()
        _ = consume writer
        return SessionStory.read(opening.sessionID, in: store).0
    }

    @Test(arguments: [UInt64(11), 12, 13])
    func `wherever a journal of a bad line is cut, each channel's account covers what flowed`(seed: UInt64) throws {
        var faults = FaultPlan(seed: seed)
        faults.deviceToHost.packetLostPerMillion = 1_500
        let (session, marks) = try Self.run(.together, faults: faults, seed: seed)
        print("seed \(seed): \(session.state), \(session.control.machine.fault), \(session.journal.count) blocks")
        var below = 0
        let looks = Self.eachTenth(session, marks) { journal, mark in
            for place in 0..<2 where journal[place] < mark.meter[place] { below += 1 }
        }
        #expect(below == 0)
        #expect(looks > 10)
        #expect(marks.last?.meter.allSatisfy { $0 > 0 } == true)
    }
}
