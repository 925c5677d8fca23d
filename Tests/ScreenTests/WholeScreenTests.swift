import SafetyKernel
import SessionEngine
import SessionScreen
import StimulusModel
import Testing

/// Whole screens, compared with files in `Fixtures`: what a person sees, row by row.
@Suite struct WholeScreenTests {
    struct Size: CustomStringConvertible, Sendable {
        let columns: Int
        let rows: Int
        var description: String { "\(columns)x\(rows)" }
    }

    static let sizes = [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40), Size(columns: 60, rows: 20)]

    private func compare(_ model: ScreenModel, _ name: String) throws {
        for size in Self.sizes { try Fixture.compare(model, name, columns: size.columns, rows: size.rows) }
    }

    @Test func armed() throws {
        var model = try Make.single()
        model.clock(1_000)
        model.take(SessionEvent(.stateChanged, value: Int32(SessionState.armed.code), detail: 1), tick: 1_000)
        model.show(.armed)
        try compare(model, "armed")
    }

    /// On a search, at its cap, with marks of two places.
    @Test func searchAtItsCap() throws {
        var model = try Make.single()
        model.clock(30_000)
        for (kind, amplitude, detail) in [
            (SessionEventKind.raised, 4_000, 0), (.thresholdMarked, 4_000, 1), (.raised, 8_000, 0),
            (.thresholdMarked, 8_000, 2), (.lowered, 0, 0), (.thresholdMarked, 6_500, 2), (.raised, 15_000, 0),
        ] as [(SessionEventKind, Int32, UInt8)] {
            model.take(SessionEvent(kind, value: amplitude, detail: detail), tick: 29_000)
        }
        model.show(.searching, .searching) {
            $0.part = .search
            $0.setAmplitude = Current(microamperes: 15_000)
            $0.lastDelivered = Current(microamperes: 15_000)
            $0.highestDelivered = Current(microamperes: 15_000)
            $0.sensoryThreshold = Current(microamperes: 4_000)
            $0.motorThreshold = Current(microamperes: 6_500)
            $0.phaseRemainingMilliseconds = 73_400
            $0.treatmentMilliseconds = 46_600
            $0.deliveredPulses = 93
        }
        model.take(
            SessionEvent(
                .commandRefused, value: Int32(OperatorCommand.raise.code), detail: RefusedCommand.atCeiling.rawValue),
            tick: 30_000)
        try compare(model, "search-at-its-cap")
    }

    static func alternating() throws -> ScreenModel {
        var model = try Make.double()
        for second in 0..<90 {
            model.clock(Int64(second) * 1_000)
            let isOn = second % 24 < 6
            model.show(isOn ? .holding : .resting, isOn ? .holding : .resting) {
                $0.part = .treatment
                $0.setAmplitude = Current(microamperes: Int32(second / 12 + 1) * 1_000)
                $0.lastDelivered = $0.setAmplitude
            }
        }
        model.take(SessionEvent(.contractionBegan, value: 3), tick: 88_000)
        model.take(SessionEvent(.raised, value: 9_000), tick: 89_600)
        model.clock(90_000)
        model.show(.holding, .holding) {
            $0.part = .treatment
            $0.contraction = 3
            $0.setAmplitude = Current(microamperes: 9_000)
            $0.lastDelivered = Current(microamperes: 9_000)
            $0.highestDelivered = Current(microamperes: 9_000)
            $0.sensoryThreshold = Current(microamperes: 4_000)
            $0.motorThreshold = Current(microamperes: 6_500)
            $0.phaseRemainingMilliseconds = 1_350
            $0.treatmentMilliseconds = 77_000
            $0.deliveredPulses = 1_204
            $0.chargedNanocoulombs = 2_100_000
        }
        model.show(.holding, .resting, at: .second) {
            $0.part = .treatment
            $0.isTitrating = true
            $0.contraction = 2
            $0.setAmplitude = Current(microamperes: 7_000)
            $0.lastDelivered = Current(microamperes: 7_000)
            $0.highestDelivered = Current(microamperes: 7_000)
            $0.phaseRemainingMilliseconds = 10_350
            $0.treatmentMilliseconds = 77_000
            $0.deliveredPulses = 402
        }
        return model
    }

    @Test func holdWithTwoChannelsInTurn() throws {
        let model = try Self.alternating()
        try compare(model, "two-channels-hold")
        try Fixture.compare(model, "two-channels-hold", columns: 80, rows: 24, hasUnicode: false)
        try Fixture.compare(model, "two-channels-hold", columns: 40, rows: 8)
    }

    @Test func theSecondChannelIsSelected() throws {
        var model = try Self.alternating()
        model.selectNext()
        try Fixture.compare(model, "second-selected", columns: 80, rows: 24)
    }

    @Test func pauseAfterNobodyAnswered() throws {
        var model = try Self.alternating()
        model.take(SessionEvent(.presenceMissed), tick: 91_000)
        model.clock(91_000)
        model.show(.paused) { $0.part = .treatment }
        model.show(.paused, at: .second) { $0.part = .treatment }
        try compare(model, "paused")
    }

    @Test func thePresenceQuestion() throws {
        var model = try Self.alternating()
        model.take(SessionEvent(.presenceAsked, value: 30), tick: 90_000)
        model.clock(93_100)
        try compare(model, "presence-question")
    }

    @Test func aLowAlarm() throws {
        var model = try Self.alternating()
        model.show(.holding, .holding) {
            $0.part = .treatment
            $0.contraction = 3
            $0.worstLatenessMicroseconds = 31_000
            $0.missedTicks = 44
            $0.phaseRemainingMilliseconds = 900
        }
        try Fixture.compare(model, "low-alarm", columns: 80, rows: 24)
    }

    @Test func aFaultKeepsWhatHappenedAndWhatToDo() throws {
        var model = try Self.alternating()
        model.take(SessionEvent(.fault, value: Int32(FaultCause.unplugged.code)), tick: 90_400)
        model.clock(90_400)
        for place in [ChannelPlace.first, .second] {
            model.show(.faulted, at: place) {
                $0.part = .treatment
                $0.fault = .unplugged
                $0.condition = .failed
            }
        }
        try compare(model, "fault")
    }

    @Test func help() throws {
        var model = try Self.alternating()
        model.toggleHelp()
        try Fixture.compare(model, "help", columns: 80, rows: 24)
    }

    @Test func burstAndDenseDisperse() throws {
        let burst = Pattern.burst(milliseconds: 600_000, burstMilliseconds: 200, intervalMilliseconds: 1_500)
        let dense = Pattern.denseDisperse(
            milliseconds: 600_000, denseMilliseconds: 3_000, sparseFrequency: Frequency(millihertz: 2_000),
            sparseMilliseconds: 3_000)
        for (pattern, name) in [(burst, "burst"), (dense, "dense-disperse")] {
            let treatment = Make.treatment(.vmo, pattern, maximum: 15_000)
            var model = ScreenModel(
                plan: try Make.plan(Make.prescription(1, search: nil, treatment: treatment)),
                header: SessionHeader(
                    personID: "P-0042", practitioner: "AB", sides: [.left], protocols: ["vmo-train-surface"]),
                latenessToleranceMilliseconds: 50)
            model.show(.holding, .holding) {
                $0.part = .treatment
                $0.setAmplitude = Current(microamperes: 14_500)
                $0.lastDelivered = Current(microamperes: 14_500)
                $0.phaseRemainingMilliseconds = 421_000
                $0.treatmentMilliseconds = 179_000
            }
            try Fixture.compare(model, name, columns: 80, rows: 24)
        }
    }
}
