import ByteStreams
import CLinuxIO
import DeviceDrivers
import Glibc
import StimulusModel
import Testing

// Proves R-STOP-07.
@Suite struct StopSignalTests {
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGQUIT])
    func aStopSignalIsRememberedAndKillsNobody(number: Int32) async {
        await #expect(processExitsWith: .exitCode(0)) { [number] in
            try StopSignals.install()
            guard StopSignals.first == nil else { exit(2) }
            kill(getpid(), number)
            // Any thread may take it, a little later.
            guard eventually({ StopSignals.first == number }) else { exit(3) }
            kill(getpid(), number == SIGINT ? SIGTERM : SIGINT)
            SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 20)))
            guard StopSignals.first == number else { exit(4) }
            StopSignals.clear()
            exit(StopSignals.first == nil ? 0 : 5)
        }
    }

    /// A host that goes on in the background (SIGSTOP, then SIGCONT by somebody else) reads its keyboard and puts its
    /// terminal back: both would halt it again, in the middle of its stop.
    @Test(arguments: [SIGTTIN, SIGTTOU]) func theTerminalCannotHaltTheHost(number: Int32) async {
        await #expect(processExitsWith: .exitCode(0)) { [number] in
            try StopSignals.install()
            var now = sigaction()
            guard unsafe sigaction(number, nil, &now) == 0 else { exit(2) }
            // Looked at before it is tried: a halted child would be waited for without end. A handler is a C function,
            // which Swift cannot compare; SIG_IGN is the one at address 1.
            guard unsafe unsafeBitCast(now.__sigaction_handler.sa_handler, to: Int.self) == 1 else { exit(3) }
            kill(getpid(), number)
            exit(StopSignals.first == nil ? 0 : 4)
        }
    }

    /// At a question, before a session: with needles in, whoever ends it is told to count them.
    @Test(arguments: [false, true], [SIGINT, SIGQUIT])
    func anEarlyEndSpeaksOfNeedlesThatMayBeIn(needles: Bool, number: Int32) async throws {
        let ended = await #expect(processExitsWith: .failure, observing: [\.exitStatus, \.standardErrorContent]) {
            [needles, number] in
            try StopSignals.installEarly()
            if needles { StopSignals.needlesMayBeIn() }
            kill(getpid(), number)
            SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 5_000)))
            exit(0)
        }
        let words = String(decoding: try #require(ended).standardErrorContent, as: UTF8.self)
        #expect(ended?.exitStatus == .exitCode(128 + number))
        #expect(words.contains("Ended before anything was armed."))
        #expect(words.contains("take out and count what is in the patient") == needles)
    }

    @Test func aBrokenPipeKillsNobody() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try StopSignals.install()
            var readEnd: Int32 = -1
            var writeEnd: Int32 = -1
            guard unsafe mp_pipe(&readEnd, &writeEnd) == 0 else { exit(2) }
            var writer = try ByteStream(owning: writeEnd)
            mp_close(readEnd)
            let bytes: [UInt8] = [1]
            exit(writer.write(bytes.span) == .gone(Int32(MP_EPIPE)) ? 0 : 3)
        }
    }
}

// Proves R-STOP-15.
@Suite struct LastGaspTests {
    static let stopFrame: [UInt8] = [0xF0, 0x81, 0x55, 0x81, 0x4F, 0x0F]

    /// The ways to die that a process can have by a fault of its own.
    enum Death: Int, CaseIterable {
        case swiftTrap, nullPointer, abort, stackOverflow, trapOnAnotherThread, killedFromOutside
    }

    @Test(arguments: Death.allCases) func aDyingHostStillWritesItsStopFrame(death: Death) async throws {
        var rig = try PseudoTerminal(.raw)
        let path = rig.slavePath
        let way = death.rawValue
        await #expect(processExitsWith: .failure) { [path = path as String, way = way as Int] in
            try LastGasp.install()
            let line = try ByteStream(path: path, for: .both)
            try LastGasp.arm(line, frame: [1, 2, 3].span)
            try LastGasp.arm(line, frame: LastGaspTests.stopFrame.span)
            LastGaspTests.die(way)
            exit(0)
        }
        #expect(collect(Self.stopFrame.count, from: &rig.master) == Self.stopFrame)
        #expect(readOnce(&rig.master).0 == .nothing)
    }

    @Test func aDisarmedHostDiesSilently() async throws {
        var rig = try PseudoTerminal(.raw)
        let path = rig.slavePath
        await #expect(processExitsWith: .failure) { [path = path as String] in
            try LastGasp.install()
            let line = try ByteStream(path: path, for: .both)
            try LastGasp.arm(line, frame: LastGaspTests.stopFrame.span)
            LastGasp.disarm()
            trapNow()
            exit(line.isClosed ? 1 : 0)
        }
        #expect(readOnce(&rig.master).0 == .nothing)
    }

    @Test func aFullLineIsEmptiedForTheStopFrame() async throws {
        var rig = try PseudoTerminal(.raw)
        let path = rig.slavePath
        await #expect(processExitsWith: .failure) { [path = path as String] in
            try LastGasp.install()
            var line = try ByteStream(path: path, for: .both)
            let block = [UInt8](repeating: 7, count: 4_096)
            while case .wrote = line.write(block.span) {}
            try LastGasp.arm(line, frame: LastGaspTests.stopFrame.span)
            trapNow()
            exit(0)
        }
        let arrived = drain(&rig.master)
        #expect(arrived.suffix(Self.stopFrame.count) == Self.stopFrame[...])
    }

    /// Another thread sees its write refused, takes that for a lost line and disarms, while the dying one is about to
    /// write. A race, with a full line to widen it: eight tries.
    @Test func aThreadThatIsTurnedAwayCannotDisarmTheDying() async throws {
        for _ in 0..<8 {
            var rig = try PseudoTerminal(.raw)
            let path = rig.slavePath
            await #expect(processExitsWith: .failure) { [path = path as String] in
                try LastGasp.install()
                var line = try ByteStream(path: path, for: .both)
                let block = [UInt8](repeating: 7, count: 4_096)
                while case .wrote = line.write(block.span) {}
                try LastGasp.arm(line, frame: LastGaspTests.stopFrame.span)
                let elsewhere = try ByteStream(path: "/dev/null", for: .writing)
                let other = try OwnedThread(named: "turned-away", stackBytes: 512 << 10, owner: elsewhere) {
                    (stream: inout ByteStream) in
                    let bytes: [UInt8] = [1]
                    while case .wrote = stream.write(bytes.span) {}
                    LastGasp.disarm()
                }
                SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 10)))
                trapNow()
                _ = other.join()
                exit(line.isClosed ? 1 : 0)
            }
            #expect(drain(&rig.master).suffix(Self.stopFrame.count) == Self.stopFrame[...])
        }
    }

    @Test func theDeathKeepsItsName() async {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            try LastGasp.install()
            abort()
        }
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            try LastGasp.install()
            LastGaspTests.die(Death.nullPointer.rawValue)
        }
    }

    @Test func aFrameThatIsEmptyOrTooLongIsRefused() throws {
        let rig = try PseudoTerminal(.raw)
        let line = try ByteStream(path: rig.slavePath, for: .both)
        let tooLong = [UInt8](repeating: 0, count: LastGasp.capacity + 1)
        let none: [UInt8] = []
        #expect(throws: SystemError.self) { try LastGasp.arm(line, frame: tooLong.span) }
        #expect(throws: SystemError.self) { try LastGasp.arm(line, frame: none.span) }
    }

    static func die(_ way: Int) {
        switch Death(rawValue: way) {
        case .swiftTrap: trapNow()
        case .nullPointer: unsafe UnsafeMutablePointer<Int>(bitPattern: Int(mp_process()) & 0 | 8)?.pointee = 1
        case .abort: abort()
        case .stackOverflow: _ = deeper(1)
        case .trapOnAnotherThread:
            var thread: UInt64 = 0
            _ = unsafe mp_thread_start(&thread, "dying", 256 << 10, { _ in trapNow() }, nil)
            _ = mp_thread_join(thread)
        case .killedFromOutside:
            kill(getpid(), SIGSEGV)
            // Any thread may take it, a little later.
            SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 2_000)))
        case nil: break
        }
    }

    /// Far deeper than any stack, and cannot be turned into a loop.
    static func deeper(_ depth: Int) -> Int {
        depth == Int.max ? 0 : depth &+ deeper(depth &+ 1) &* Int(mp_process())
    }
}
