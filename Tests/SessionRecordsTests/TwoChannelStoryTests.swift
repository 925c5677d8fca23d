import Foundation
import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel
import Testing

@Suite("A session of two channels is told of each")
struct TwoChannelStoryTests {
    static func opening(_ id: String = "1") -> SessionOpening {
        var opening = anOpening(id: id)
        var dose = opening.dose
        dose.phaseDurationMicroseconds = 200
        dose.muscle = "gmed"
        dose.contractions = nil
        dose.durationMilliseconds = 60_000
        dose.denseMilliseconds = 3_000
        dose.sparseFrequencyMillihertz = 2_000
        dose.sparseMilliseconds = 3_000
        opening.second = RecordedChannel(
            muscle: "gmed", stage: "relieve", channel: 2, treatmentProtocol: opening.treatmentProtocol,
            companionProtocol: nil, dose: dose, searchDose: nil,
            history: TreatmentHistory(earlierTreatments: 3, millisecondsSinceLast: 90_000_000),
            padAreaSquareMillimetres: 2_500)
        opening.arrangement = "together"
        opening.limits += [
            RecordedLimit(kind: "treatment ceiling", value: 30_000, unit: "µA", setBy: "protocolFile"),
            RecordedLimit(kind: "second treatment ceiling", value: 15_000, unit: "µA", setBy: "firstSession"),
        ]
        opening.answers.append(
            RecordedAnswer(
                code: "C12", question: "Consent given?", answer: "confirmed", reason: nil, wallNanoseconds: 0))
        return opening
    }

    private static func state(_ tick: Int64, _ state: ChannelState, _ place: ChannelPlace) -> WordBlock {
        Journal.events(tick, SessionEvent(.channelStateChanged, value: Int32(state.code), at: place))
    }

    private static func pulse(_ tick: Int64, _ microamperes: Int32) -> [WordBlock] {
        [
            Journal.request(tick, microamperes: microamperes, at: .second),
            Journal.outcomes(tick + 2, (.none, 0, false), (.delivered, microamperes, false)),
        ]
    }

    /// The first contracts twice, the second runs a train and is stopped alone; both pause between.
    static var journal: [WordBlock] {
        var blocks = [Journal.state(1_000, .armed), Journal.state(2_000, .holding)]
        blocks.append(state(2_000, .holding, .second))
        for (number, start) in [Int64(3_000), 12_000].enumerated() {
            blocks.append(
                Journal.events(
                    start, SessionEvent(.contractionBegan, value: Int32(number + 1)),
                    SessionEvent(.channelStateChanged, value: Int32(ChannelState.rampingUp.code))))
            blocks.append(state(start + 500, .holding, .first))
            for pulse in 0..<20 {
                blocks += Journal.pulse(start + 500 + Int64(pulse) * 100)
                if number == 0 { blocks += Self.pulse(start + 550 + Int64(pulse) * 100, 5_000) }
            }
            blocks.append(state(start + 3_000, .resting, .first))
            guard number == 0 else { continue }
            blocks += [
                state(8_000, .off, .first), state(8_000, .off, .second), Journal.state(8_000, .paused),
                Journal.state(11_000, .holding), state(11_000, .holding, .second),
                Journal.events(
                    11_500, SessionEvent(.channelStopped, at: .second),
                    SessionEvent(.channelStateChanged, value: Int32(ChannelState.stopped.code), at: .second)),
            ]
        }
        return blocks + [
            Journal.events(16_000, SessionEvent(.commandRefused, value: 5, detail: 1, at: .second)),
            Journal.events(17_000, SessionEvent(.stopRequested, value: 1)), Journal.state(17_001, .stopping),
            Journal.state(17_010, .closed),
        ]
    }

    static func session(in scratch: ScratchStore) throws -> ExportedSession {
        var writer = try scratch.store.create(opening(), at: aTime(0))
        for block in journal { try writer.append(journal: block, at: aTime(5)) }
        var closing = aClosing()
        closing.chargePicocoulombs = 40 * 2_400_000 + 20 * 1_000_000
        closing.channelChargePicocoulombs = [40 * 2_400_000, 20 * 1_000_000]
        closing.thresholds = [("vmo", Int32(4_000)), ("gmed", 3_000)].map { muscle, microamperes in
            var threshold = SessionThreshold(
                kind: "motor", amplitudeMicroamperes: microamperes, phaseDurationMicroseconds: 300,
                frequencyMillihertz: 2_000, place: "", wallNanoseconds: aNoon)
            threshold.muscle = muscle
            return threshold
        }
        try writer.close(closing, at: aTime(100))
        return ExportedSession("1", in: scratch.store)
    }

    @Test("Spans, pulses, amplitudes and charge of each channel stand apart")
    func apart() throws {
        let story = try Self.session(in: try ScratchStore()).story
        #expect(story.channels.map(\.code) == [0, 1])
        let first = story.channel(.first).spans
        #expect(first.map(\.kind) == [.contraction, .rest, .pause, .contraction, .rest])
        let second = story.channel(.second).spans
        #expect(second.map(\.kind) == [.train, .pause, .train])
        #expect(second.map(\.startTick) == [2_000, 8_000, 11_000])
        #expect(second.map(\.endTick) == [8_000, 11_000, 11_500])
        #expect(story.pulses(at: .first).count == 40)
        #expect(story.pulses(at: .second).count == 20)
        #expect(story.highestMicroamperes(at: .first) == 8_000)
        #expect(story.highestMicroamperes(at: .second) == 5_000)
        #expect(story.journalChargePicocoulombs == story.chargePicocoulombs)
        #expect(story.mostByChannel == [96_000_000, 20_000_000])
        #expect(TimeBins(story, count: 50, at: .second).highestMicroamperes == 5_000)
        #expect(TimeBins(story, count: 50, at: .second).startTick == TimeBins(story, count: 50).startTick)
    }

    @Test("Planned against delivered, picture and page name each muscle")
    func named() throws {
        let session = try Self.session(in: try ScratchStore())
        let lines = session.story.plannedAgainstDelivered
        func line(_ what: String) -> PlannedLine? { lines.first { $0.what == what } }
        #expect(line("VMO: contractions")?.delivered == "2")
        #expect(line("gluteus medius: pattern")?.planned == "3 s at 35 Hz, 3 s at 2 Hz")
        #expect(line("VMO: pattern") == nil)
        #expect(line("gluteus medius: train")?.delivered == "6.5 s")
        #expect(line("gluteus medius: pulse rate")?.delivered == "20 pulses, 0 of unknown fate")
        #expect(line("VMO: charge, first phases")?.delivered == "96.0 µC")
        #expect(line("gluteus medius: charge, first phases")?.delivered == "20.0 µC")

        let picture = SessionPicture(session.story, .unicode).lines
        #expect(picture.count { $0.contains("amplitude in mA") } == 2)
        #expect(picture.allSatisfy { $0.count <= SessionPicture.width })

        let wording = ReportWording(
            event: { "\($0.kind)" }, limit: { ($0.ceilingTitle(session.story.opening), "\($0.value)", $0.setBy) })
        let html = try SessionReport(
            session.story, session.examination, written: WallTime(nanoseconds: aNoon, utcOffsetSeconds: 0),
            programVersion: "0", wording: wording
        ).html()
        #expect(html.components(separatedBy: "<svg").count == 5)
        for needed in [
            "<h3>VMO</h3>", "<h3>gluteus medius</h3>", "motor, VMO", "motor, gluteus medius",
            "treatment ceiling, VMO", "treatment ceiling, gluteus medius", "gluteus medius: channelStopped",
            "VMO: contractionBegan", "<span>stopRequested", "before this session, gluteus medius",
        ] { #expect(html.contains(needed), "\(needed)") }
        #expect(!html.contains("second treatment ceiling"))
        let consent = try #require(html.range(of: "Consent given?"))
        let checklist = try #require(html.range(of: "<h2>Checklist</h2>"))
        #expect(consent.lowerBound < checklist.lowerBound)
    }

    @Test("Every cell of its export lies in its range, and the second channel has figures of its own")
    func export() throws {
        let session = try Self.session(in: try ScratchStore())
        for table in ExportTable.all {
            for row in table.rows(session) {
                for (column, cell) in zip(table.columns, row) {
                    #expect(column.range.holds(cell), "\(table.name).\(column.name): \(cell)")
                }
            }
        }
        let sessionsTable = try #require(ExportTable(named: "sessions"))
        let pulsesTable = try #require(ExportTable(named: "pulses"))
        let names = sessionsTable.columns.map(\.name)
        let row = sessionsTable.rows(session)[0]
        func cell(_ name: String) -> ExportCell? { names.firstIndex(of: name).map { row[$0] } }
        #expect(cell("first_charge_pc") == .integer(96_000_000))
        #expect(cell("second_charge_pc") == .integer(20_000_000))
        #expect(cell("charge_pc") == .integer(116_000_000))
        #expect(cell("journal_charge_pc") == .integer(116_000_000))
        #expect(cell("second_highest_ua") == .integer(5_000))
        #expect(cell("motor_threshold_ua") == .integer(4_000))
        #expect(cell("second_motor_threshold_ua") == .integer(3_000))
        #expect(cell("second_pattern") == .text("dense_disperse"))
        #expect(pulsesTable.rows(session).count { $0.last == .text("second") } == 20)
    }
}
