// Figures at their edges: what an event says by itself, the last events of a crowded step, the plateau in the record,
// and the tick of each pulse of a schedule.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

// Proves R-REC-05.
@Suite struct SessionEventEdgeTests {
    @Test func `an event of which only the kind is said has no figures and is about the first channel`() {
        let event = SessionEvent(.checkInAnswered)
        #expect(event.value == 0)
        #expect(event.detail == 0)
        #expect(event.place == .first)
        #expect(event.word == 23)
        #expect(SessionEvent(.raised, value: 7).word == 0x7_0000_0002)
        #expect(SessionEvent(.thresholdMarked, detail: 2).word == 0x0205)
        #expect(SessionEvent(.channelStopped, at: .second).word == 0x1_0013)
    }

    @Test func `two events that differ in one part differ`() {
        let event = SessionEvent(.raised, value: 7_000, detail: 2, at: .second)
        #expect(event == SessionEvent(.raised, value: 7_000, detail: 2, at: .second))
        let others = [
            SessionEvent(.lowered, value: 7_000, detail: 2, at: .second),
            SessionEvent(.raised, value: 7_001, detail: 2, at: .second),
            SessionEvent(.raised, value: 7_000, detail: 1, at: .second),
            SessionEvent(.raised, value: 7_000, detail: 2, at: .first),
        ]
        for other in others {
            let isSame = event == other
            let differs = event != other
            #expect(!isSame && differs, "\(other)")
        }
    }
}

// Proves R-REC-05.
@Suite struct StepOutputsEdgeTests {
    @Test(arguments: [true, false]) func `a pulse on a plateau is written as one`(isOnPlateau: Bool) {
        var out = StepOutputs(state: .holding, demand: .energised, setAmplitude: Current(microamperes: 3_000))
        out.secondSetAmplitude = Current(microamperes: 2_600)
        #expect(out.block(tick: 8).words[2] == 0x0105)
        #expect(out.block(tick: 8).words[3] == 3_000)
        #expect(out.block(tick: 8).words[4] == 0)
        out.request = PulseRequest(
            place: .second, part: .treatment, run: 4, setAmplitude: Current(microamperes: 2_600),
            amplitude: Current(microamperes: 2_500), isOnPlateau: isOnPlateau, contraction: 9)
        let block = out.block(tick: 8)
        #expect(block.words[0] == 2)
        #expect(block.words[1] == 8)
        // From the right: state, demand, has request, plateau, part, place.
        #expect(block.words[2] == (isOnPlateau ? 0x0102_0101_0105 : 0x0102_0001_0105))
        #expect(block.words[3] == 3_000 | 2_500 << 32)
        #expect(block.words[4] == 4 | 9 << 32)
        #expect(block.words[5] == 2_600 << 32)
        #expect(block.words[6] == 0)
        #expect(block.words[7] == 0)
    }

    /// Of a full step too, from any event on: what stands behind the twenty-fourth is never looked at.
    @Test(arguments: [1, 5, 6, 7, 23, 24]) func `a block has the events from one on, up to six, and then nothing`(
        count: Int
    ) throws {
        var out = StepOutputs(state: .idle, demand: .off, setAmplitude: .zero)
        for number in 0..<count { out.events.append(SessionEvent(.raised, value: Int32(number) + 100)) }
        for first in 0..<count {
            let block = try #require(out.eventBlock(tick: 3, from: first))
            #expect(block.words[0] == 3)
            #expect(block.words[1] == 3)
            for index in 0..<6 {
                let wanted = first + index < count ? Int64(first + index + 100) << 32 | 2 : 0
                #expect(block.words[2 + index] == wanted, "event \(first + index) of \(count)")
            }
        }
        #expect(out.eventBlock(tick: 3, from: count) == nil)
    }
}

// Proves R-RATE-01.
@Suite struct PulseScheduleEdgeTests {
    private static let ticks: Int64 = 5_000

    /// The ticks, counted from 0, in which a pulse is due.
    private static func due(_ schedule: PulseSchedule, _ rate: Frequency) -> [Int64] {
        var schedule = schedule
        var due: [Int64] = []
        for tick in 0..<ticks where schedule.tick(rate) { due.append(tick) }
        return due
    }

    /// The first tick at or behind each whole number of periods and `offset` millionths of one.
    private static func exact(_ millihertz: Int32, offset: Int64) -> [Int64] {
        let rate = Int64(millihertz)
        let all = (0...ticks).map { (1_000_000 * $0 + offset + rate - 1) / rate }
        return all.filter { $0 < ticks }
    }

    /// Rates whose pulses fall on a tick exactly or miss it by a millionth (27 × 37,037 = 37 × 27,027 = 999,999, and
    /// 31 × 16,129 = 499,999), where a figure that is off by one is seen.
    @Test(arguments: [2_000, 16_129, 27_027, 35_000, 37_037, 99_999, 100_000] as [Int32])
    func `each pulse is due in the first tick that is not before its time`(millihertz: Int32) {
        let rate = Frequency(millihertz: millihertz)
        var schedule = PulseSchedule()
        // Of a new schedule nothing has passed: its first pulse ends the first period.
        let ends = Self.exact(millihertz, offset: 1_000_000).map { $0 - 1 }
        #expect(Self.due(schedule, rate).prefix(ends.count) == ends[...])
        schedule.restart(rate)
        #expect(Self.due(schedule, rate) == Self.exact(millihertz, offset: 0))
        schedule.restart(rate, halfPeriodLater: true)
        #expect(Self.due(schedule, rate) == Self.exact(millihertz, offset: 500_000))
    }
}
