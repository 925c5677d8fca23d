import Testing

extension ProcessTests {
    /// Both electrode sites on the line in real time: VMO and gluteus medius in one session, each in the other's rest.
    @Suite(.serialized) struct TwoMuscles {
        private static let script = """
            expect "CLEARED" within 10s
            wait 500ms
            type "a"
            expect "ARMED" within 5s
            wait 700ms
            type "b"
            expect "HOLD" within 10s
            wait 300ms
            repeat 3 every 640ms type "+"
            expect "raised to 3 mA" within 5s
            type "]-[-"
            expect "lowered to 2 mA" within 5s
            expect "REST" within 10s
            type "t"
            type "]"
            expect "HOLD" within 20s
            wait 300ms
            repeat 3 every 640ms type "+"
            expect "REST" within 10s
            type "t"
            expect "completed" within 320s
            expect-exit 0 within 20s
            """

        @Test func vmoAndGluteusMediusAreTreatedToTheEnd() throws {
            try MachineStall.told("two muscles") {
                let bench = try Bench("--pad", "1:vmo", "--pad", "2:gluteus-medius")
                let seat = try bench.session(Self.script) { command in
                    command.protocolID = "vmo-relieve-surface"
                    command.more = ["--with", "gmed-relieve-surface", "--arrangement", "alternating"]
                }
                let screen = try seat.end("two muscles", atMostSeconds: 420)
                #expect(screen.contains("channel 1: 10 contractions, 1 of titration"), "\(screen.suffix(2_000))")
                #expect(screen.contains("channel 2: 10 contractions, 1 of titration"), "\(screen.suffix(2_000))")
                #expect(bench.rig.pulseNanoseconds().count > 1_000)
                try bench.rig.expectQuiet("two muscles")
                try bench.expectRecord("completed")
                let replay = try bench.sessions("replay", "last")
                #expect(replay.status == 0, "\(replay.everything)")
                #expect(replay.output.contains("0 differ"), "\(replay.everything)")
                // The other muscle, too, rests now: its own history holds.
                let again = try Seat(
                    in: bench.sandbox, bench.command.with { $0.protocolID = "gmed-relieve-surface" },
                    script: "expect-exit 31 within 30s"
                ).end("the second muscle again")
                #expect(again.contains("rest since the last session on this muscle"))
            }
        }
    }
}

extension SessionCommand {
    func with(_ change: (inout SessionCommand) -> Void) -> SessionCommand {
        var copy = self
        change(&copy)
        return copy
    }
}
