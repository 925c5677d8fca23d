import StimulatorLinks
import StimulusModel
import Testing

/// The output relay, each path by a board in which something is broken.
@Suite struct RelayTests {
    static let boards: [(String, @Sendable (inout HandBoard) -> Void, FaultCause)] = [
        ("whole", { _ in }, .none),
        ("never closes", { $0.neverCloses = true }, .relayWouldNotClose),
        ("enable bridged", { $0.enableIsBridged = true }, .enablePathFailed),
        ("heartbeat bridged", { $0.heartbeatIsBridged = true }, .heartbeatPathFailed),
        ("welded", { $0.isWelded = true }, .relayStillClosed),
        ("both bridged", { ($0.enableIsBridged, $0.heartbeatIsBridged) = (true, true) }, .enablePathFailed),
    ]

    // Proves R-STOP-10.
    @Test(arguments: boards.indices) func `each path is proven alone before there is energy`(index: Int) throws {
        let (note, breakIt, expected) = Self.boards[index]
        let bench = try TriggerBench()
        breakIt(&bench.board)
        try bench.run(to: .off, atMost: 200)
        bench.energise = true
        try bench.run(700)
        #expect(bench.fault == expected, "\(note): \(bench.fault)")
        #expect((bench.condition == .ready) == (expected == .none), "\(note)")
        #expect(bench.drive.enable == (expected == .none), "\(note)")
        let rises = zip(bench.drives, bench.drives.dropFirst()).count { !$0.enable && $1.enable }
        #expect(rises == (expected == .none ? 3 : rises) && rises <= 3, "\(note): \(rises)")
    }

    // Proves R-STOP-03.
    @Test(arguments: [0, 20, 61, 64, 70, 90, 130, 140, 190, 210, 260, 275] as [Int64])
    func `whoever does not want the relay any more gets enable low in that very step`(moment: Int64) throws {
        let bench = try TriggerBench()
        try bench.run(to: .off)
        bench.energise = true
        try bench.run(moment)
        bench.energise = false
        try bench.tick()
        #expect(!bench.drive.enable)
        #expect(try bench.run(to: .off, atMost: 400), "\(bench.condition), \(bench.fault)")
        #expect(bench.isProvenOff)
        // And again from the beginning.
        bench.energise = true
        #expect(try bench.run(to: .ready, atMost: 700), "\(bench.fault)")
    }

    // Proves R-STOP-11.
    @Test func `a relay that opens by itself is a fault, and no edge leaves meanwhile`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        bench.board.neverCloses = true
        try bench.tick()
        for _ in 0..<10 { #expect(try !bench.tick(pulse: 500)) }
        #expect(bench.fault == .relayOpened && !bench.drive.enable)
    }

    // Proves R-STOP-11.
    @Test func `a relay that does not open after a stop is a fault 62 ms later`() throws {
        let bench = try TriggerBench()
        try bench.ready(at: 500)
        bench.board.isWelded = true
        bench.energise = false
        let from = bench.milliseconds
        while bench.fault == .none, bench.milliseconds - from < 500 { try bench.tick() }
        #expect(bench.fault == .relayStillClosed && bench.milliseconds - from <= 66)
        #expect(!bench.isProvenOff && bench.condition == .failed)
    }

    // Proves R-FLT-17.
    /// A killed host leaves a relay that is closed for C at the most; its successor waits as long as at any opening.
    @Test func `a relay that is still opening when a link first sees it is no fault`() throws {
        for start in [0, 1_000, 3_000_000] as [Int64] {
            let bench = try TriggerBench()
            bench.milliseconds = start
            bench.board.levels.relayIsClosed = true
            for _ in 0..<50 { try bench.tick() }
            #expect(bench.fault == .none, "started at \(start): \(bench.fault)")
            bench.board.levels.relayIsClosed = false
            #expect(try bench.run(to: .off), "\(bench.fault)")
        }
    }
}
