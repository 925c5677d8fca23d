import Testing
import VirtualHost

/// A release build runs many more: `Figures swarm SEEDS`, part of `make test`.
@Suite struct SwarmScenarios {
    // Proves R-FLT-29.
    @Test func `no mixture of faults makes the meter find anything`() throws {
        var swarm = Swarm()
        for seed: UInt64 in 1...40 { try swarm.run(seed: seed) }
        print("swarm: seeds 1...40: \(swarm.summary)")
        #expect(swarm.findings.isEmpty)
        // A world in which nothing goes wrong, or nothing goes right, proves nothing.
        #expect(swarm.faultsFired > 40)
        #expect(swarm.closed > 0)
        #expect(swarm.faulted > 0)
        #expect(swarm.pulses > 1_000)
    }
}
