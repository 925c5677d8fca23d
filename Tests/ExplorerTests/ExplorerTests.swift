import Explorer
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

// Proves R-FLT-28, R-STOP-01, R-FLT-02.
/// The beginning of the search: a late step is 249 ticks of the machine, which a debug build takes milliseconds for.
/// `make explore` goes to the end, in release.
@Suite struct ExplorerTests {
    @Test func `none of the first states breaks a rule`() throws {
        let plan = try ExploredPlan.quick()[0]
        var explorer = Explorer(plan, mostStates: 12)
        let result = explorer.run()
        print(
            "\(plan.name): \(result.states) states, \(result.transitions) transitions, "
                + "\(result.comparedPairs) pairs compared")
        #expect(result.violation == nil, "\(result.violation ?? "")")
        #expect(result.states > 12)
        #expect(result.transitions > 50)
        #expect(!result.isComplete)
    }

    /// A search that finds no defect has looked at nothing. These show within a few steps; `make explore` plants all.
    @Test(arguments: [
        Mutation.forgivesAFault, .energisesAfterAFault, .armsByItself, .followsAStaleKey, .ignoresLateness,
    ]) func `each defect is found`(mutation: Mutation) throws {
        let plan = try ExploredPlan.forMutations()[0]
        var explorer = Explorer(plan, mutation: mutation)
        let result = explorer.run()
        let found = result.brokenRule
        #expect(result.violation?.contains(found ?? "nothing") ?? false)
        print("\(mutation): \(found ?? "NOT FOUND")")
        #expect(found != nil)
    }
}

/// Every figure that the machine and the gate hold is one that the key takes, or one that is left out for a reason.
@Suite struct KeyTests {
    private static func names(_ value: Any) -> Set<String> {
        Set(Mirror(reflecting: value).children.compactMap(\.label))
    }

    @Test func `the machine holds nothing that the key does not know of`() throws {
        let plan = try ExploredPlan.quick()[0]
        let machine = plan.newMachine()
        #expect(Self.names(machine) == ExploredPlan.machineFigures)
        #expect(Self.names(machine.channel(.first)) == ExploredPlan.channelFigures)
        #expect(Self.names(PulseSchedule()) == ["millionths"])
    }

    @Test func `the gate holds nothing that the key does not know of`() throws {
        let plan = try ExploredPlan.quick()[0]
        let gate = PulseGate(plan: plan.authorizedPlan)
        #expect(Self.names(gate.accounts[0]) == ExploredPlan.accountFigures)
        // Plan, two accounts, two instants or flags and a counter: a figure more would show here.
        let known =
            MemoryLayout<AuthorizedPlan>.stride + 2 * MemoryLayout<ChannelAccount>.stride + MemoryLayout<Instant>.size
            + 8 + MemoryLayout<Int64>.size
        #expect(MemoryLayout<PulseGate>.size <= known)
    }
}
