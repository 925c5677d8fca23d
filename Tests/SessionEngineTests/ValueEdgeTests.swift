// Values of the engine, each told apart from its neighbour: what is equal, what is quiet, what asks for more, and what
// a screen is shown of a channel.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct ValueEdgeTests {
    /// Both operators, of two that are the same and of two that are not. Asked in general `!=` is the library's; that
    /// of a type is asked by name below.
    private static func tells<Value: Equatable>(_ one: Value, from other: Value) -> [Bool] {
        [one == one, one != one, one == other, one != other]
    }

    private static let apart = [true, false, false, true]

    // Proves R-REC-05.
    @Test func `what differs in one part is not equal`() {
        #expect(Self.tells(OutputDemand.off, from: .energised) == Self.apart)
        #expect([OutputDemand.off != OutputDemand.off, OutputDemand.off != .energised] == [false, true])
        #expect(Self.tells(RefusedCommand.stale, from: .heldKey) == Self.apart)
        #expect([RefusedCommand.stale != RefusedCommand.stale, RefusedCommand.stale != .heldKey] == [false, true])
        #expect(Self.tells(SessionEventKind.fault, from: .raised) == Self.apart)
        #expect(
            [SessionEventKind.fault != SessionEventKind.fault, SessionEventKind.fault != .raised] == [false, true])
        var later = PulseSchedule()
        let first = later.tick(Frequency(millihertz: 2_000))
        #expect(!first)
        #expect(Self.tells(PulseSchedule(), from: later) == Self.apart)
        #expect([later != later, later != PulseSchedule(), later == later] == [false, true, true])
        let event = SessionEvent(.raised, value: 1)
        #expect([event != event, event != SessionEvent(.raised, value: 2)] == [false, true])
    }

    // Proves R-AMP-10.
    @Test(arguments: allCommands) func `five keys ask for more, and no other`(command: OperatorCommand) {
        let more: [OperatorCommand] = [.arm, .beginSearch, .beginTreatment, .raise, .resume]
        #expect(command.asksForMore == more.contains { $0 == command })
    }

    // Proves R-REC-05.
    @Test func `a step is quiet when nothing is asked for and nothing happened`() {
        let quiet = StepOutputs(state: .holding, demand: .energised, setAmplitude: .zero)
        #expect(quiet.isQuiet(after: .holding))
        #expect(!quiet.isQuiet(after: .rampingUp))
        var asked = quiet
        asked.request = PulseRequest(
            place: .first, part: .treatment, run: 1, setAmplitude: .zero, amplitude: .zero, isOnPlateau: true,
            contraction: 1)
        var told = quiet
        told.events.append(SessionEvent(.raised, value: 1))
        var both = asked
        both.events.append(SessionEvent(.raised, value: 1))
        for loud in [asked, told, both] {
            #expect(!loud.isQuiet(after: .holding))
            #expect(!loud.isQuiet(after: .rampingUp))
        }
    }

    // Proves R-REC-05.
    @Test func `what is said of the delivered amplitude is said of the first channel`() {
        var inputs = StepInputs()
        inputs.deliveredAmplitude = Current(microamperes: 1_500)
        #expect(inputs.first.deliveredAmplitude.microamperes == 1_500 && inputs.second.deliveredAmplitude == .zero)
    }

    // MARK: - What a screen is shown

    // Proves R-REC-05.
    @Test func `of a machine alone nothing is known of device, lateness and charge`() throws {
        let snapshot = StatusSnapshot(try Bench.reaching(.holding).machine)
        #expect(snapshot.condition == .absent && !snapshot.isProvenOff && snapshot.sampledPeak == .zero)
        #expect(snapshot.worstLatenessMicroseconds == 0 && snapshot.chargedNanocoulombs == 0)
        let read = try #require(StatusSnapshot(snapshot.block))
        #expect(!read.isProvenOff && read.sampledPeak == .zero && read.chargedNanocoulombs == 0)
    }

    // Proves R-REC-05.
    /// A peak has 15 bits of 10 µA: three times what a stimulator gives.
    @Test(arguments: [
        (0, 0), (9, 0), (10, 10), (5_004, 5_000), (130_000, 130_000), (327_670, 327_670), (400_000, 327_670),
    ])
    func `a peak and a charge share a word and do not touch each other`(peak: Int32, shown: Int32) throws {
        var snapshot = StatusSnapshot(try Bench.reaching(.cleared).machine)
        for charge in [Int64(0), 5, 0xFFFF_FFFF_FFFF] {
            snapshot.sampledPeak = Current(microamperes: peak)
            snapshot.chargedNanocoulombs = charge
            let read = try #require(StatusSnapshot(snapshot.block))
            #expect(read.sampledPeak.microamperes == shown && read.chargedNanocoulombs == charge)
        }
    }

    // Proves R-REC-05.
    @Test func `contractions are shown of the kind that is under way`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.contractions(count: 3)))
        bench.begin()
        for _ in 0..<2 {
            bench.run(to: .resting)
            bench.run(to: .holding)
        }
        #expect(StatusSnapshot(bench.machine).contraction == 3 && StatusSnapshot(bench.machine).isTitrating)
        bench.step(.endTitration)
        bench.run(to: .resting)
        bench.run(to: .holding)
        let snapshot = StatusSnapshot(bench.machine)
        #expect(snapshot.contraction == 1 && !snapshot.isTitrating)
    }
}
