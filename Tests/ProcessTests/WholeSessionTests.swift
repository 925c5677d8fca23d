import Foundation
import Testing

extension ProcessTests {
    /// One whole demonstration session, and everything that its record is then good for.
    @Suite(.serialized) struct WholeSession {
        /// Runs once for all tests here; its data folder is copied by those who change it.
        static let demo = Result { try DemoSession() }

        // Proves R-FLT-29, R-INF-01.
        @Test func runsItsProgrammeToTheEnd() throws {
            let demo = try Self.demo.get()
            #expect(demo.screen.contains("motor threshold"))
            #expect(demo.screen.contains("completed"))
            #expect(demo.screen.contains("3 contractions, 2 of titration"))
            #expect(demo.verdict.status == 0, "\(demo.verdict.output)")
            #expect(demo.verdict.output.contains("nothing above its limits"), "\(demo.verdict.output)")
            #expect(demo.pulses > 100)
            #expect(demo.screen.contains("After-care: sit before standing up"), "\(demo.screen.suffix(1_000))")
        }

        // Proves R-REC-01, R-REC-08.
        @Test func itsRecordIsListedShownAndVerified() throws {
            let copy = try Self.demo.get().copy()
            let list = try copy.sessions("list")
            #expect(list.status == 0)
            #expect(list.output.contains("demo-relieve-surface"))
            #expect(list.output.contains("completed"))
            let verified = try copy.sessions("verify")
            #expect(verified.status == 0, "\(verified.everything)")
            #expect(verified.output.contains("closed, intact, head "))
            #expect(verified.output.contains("1 records, 0 damaged"))
            // The hash on the screen is the one in the record.
            let demo = try Self.demo.get()
            let head = demo.screen.split(separator: "head hash ").last?.prefix(64) ?? "?"
            #expect(verified.output.contains(head), "the screen showed \(head)")

            let shown = try copy.sessions("show", copy.sessionID)
            #expect(shown.status == 0)
            for words in [
                "Person P-0001, right vmo, by test", "C29a yes, because: pretended person", "Pad area 25 cm²",
                "Closed: completed", "motor threshold", "contraction 3", "intact",
            ] {
                #expect(shown.output.contains(words), "\(words) is not in:\n\(shown.output)")
            }
            let byPrefix = try copy.sessions("show", String(copy.sessionID.prefix(8)))
            #expect(byPrefix.output == shown.output)
            let unknown = try copy.sessions("show", "19990101")
            #expect(unknown.status == 66)
            #expect(unknown.errors.contains("no session 19990101"), "\(unknown.errors)")
            let twin = copy.record.replacingOccurrences(of: ".mpr", with: "0.mpr")
            try FileManager.default.copyItem(atPath: copy.record, toPath: twin)
            let ambiguous = try copy.sessions("show", String(copy.sessionID.prefix(8)))
            #expect(ambiguous.status == 66)
            #expect(ambiguous.errors.contains("is the beginning of several"), "\(ambiguous.errors)")
        }

        // Proves R-REC-01.
        /// Where, and what `verify` must say of it.
        @Test func verifyFindsOneChangedByte() throws {
            let demo = try Self.demo.get()
            let length = try demo.copy().recordBytes().count
            for place in [9, length / 3, length / 2, length - 5] {
                let copy = try demo.copy()
                var bytes = try copy.recordBytes()
                bytes[place] ^= 0x01
                try Data(bytes).write(to: URL(fileURLWithPath: copy.record))
                try copy.expectDamage("byte \(place) of \(length) changed", saying: "DAMAGED")
            }
        }

        // Proves R-REC-01.
        @Test func verifyFindsATruncationAndAMissingFile() throws {
            let demo = try Self.demo.get()
            let truncated = try demo.copy()
            let bytes = try truncated.recordBytes()
            try Data(bytes.dropLast(1)).write(to: URL(fileURLWithPath: truncated.record))
            try truncated.expectDamage("the last byte is gone", saying: "DAMAGED")

            let halved = try demo.copy()
            try Data(bytes.prefix(bytes.count / 2)).write(to: URL(fileURLWithPath: halved.record))
            try halved.expectDamage("half of it is gone", saying: "cut short")

            let unanchored = try demo.copy()
            try FileManager.default.removeItem(atPath: unanchored.anchor)
            try unanchored.expectDamage("the anchor is gone", saying: "the anchor is missing")

            let removed = try demo.copy()
            try FileManager.default.removeItem(atPath: removed.record)
            try removed.expectDamage("the record is gone", saying: "the record file is missing")
        }

        // Proves R-REC-06.
        @Test func noSessionStartsOnDamagedRecords() throws {
            let copy = try Self.demo.get().copy()
            try FileManager.default.removeItem(atPath: copy.anchor)
            let rig = try Rig(in: copy.sandbox)
            let seat = try copy.start(on: rig, side: "left", script: #"expect-exit 40 within 30s"#)
            let screen = try seat.end()
            #expect(screen.contains(copy.sessionID))
            #expect(screen.contains("sessions verify"))
        }

        // Proves R-REC-08.
        @Test func theRecordNamesTheCalibrationAndWhoSignedIt() throws {
            let copy = try Self.demo.get().copy()
            let list = try copy.sandbox.host("sessions", "list", "--json", "--data", copy.data)
            let id = try #require(list.output.firstMatch(of: /[0-9]{8}-[0-9]{6}-[0-9a-f]{6}/)).output
            let shown = try copy.sandbox.host("sessions", "show", String(id), "--data", copy.data)
            let words = shown.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains("Calibration SIMULATED1-1 of "), "\(shown.everything)")
            #expect(words.contains("signed by demo-technician"), "\(shown.everything)")
        }

        // Proves R-DUR-04.
        @Test func theSameMuscleRestsAndTheOtherSideMayBegin() throws {
            let copy = try Self.demo.get().copy()
            let rig = try Rig(in: copy.sandbox)
            let same = try copy.start(on: rig, side: "right", script: #"expect-exit 31 within 30s"#).end("same side")
            #expect(same.contains("rest since the last session on this muscle: asked "))
            #expect(same.contains("limit at least "))
            #expect(same.contains("next possible in "))
            #expect(!same.contains("I01"), "the checklist was begun for a session that cannot be")

            let script = """
                expect "First session on this muscle and side" within 30s
                expect "I01" within 10s
                type "quit\\n"
                expect-exit 30 within 10s
                """
            try copy.start(on: rig, side: "left", script: script).end("other side")
            try rig.expectQuiet("after both")
        }

        // Proves R-REC-09, R-CAL-02.
        /// The rest between sessions is judged by the calendar: a clock that was set back is no reason to be generous.
        @Test func aClockThatWasSetBackIsRefused() throws {
            let copy = try Self.demo.get().copy()
            let rig = try Rig(in: copy.sandbox)
            let shim = try ClockShim(in: copy.sandbox)
            let seat = try copy.start(
                on: rig, side: "left", script: #"expect-exit 31 within 30s"#, adding: shim.setBack(seconds: 86_400))
            let screen = try seat.end()
            // By the papers first, and by the records should those ever be silent (`LedgerTests`).
            let words = screen.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains("clock is refused (clock set back)"), "\(screen)")
            #expect(words.contains("set the clock right"), "\(screen)")
            // The same through the shim without a shift: it is the shift that is refused.
            let script = "expect \"I01\" within 30s\ntype \"quit\\n\"\nexpect-exit 30 within 10s"
            try copy.start(on: rig, side: "left", script: script, adding: shim.setBack(seconds: 0)).end()
        }
    }
}

/// The demonstration as `make demo` runs it.
final class DemoSession: Sendable {
    let screen: String
    let verdict: Ended
    let pulses: Int
    /// Every file of the data folder, by its path in it.
    private let files: [String: Data]

    init() throws {
        (screen, verdict, pulses, files) = try MachineStall.told("the demonstration") {
            let bench = try Bench()
            let script = try House.script("demo-session")
            let screen = try bench.session(script).end("demonstration", atMostSeconds: 180)
            let pulses = bench.rig.pulseNanoseconds().count
            let verdict = try bench.rig.end()
            var files: [String: Data] = [:]
            for folder in ["sessions", "anchors"] {
                for name in try FileManager.default.contentsOfDirectory(atPath: "\(bench.data)/\(folder)") {
                    files["\(folder)/\(name)"] = FileManager.default.contents(atPath: "\(bench.data)/\(folder)/\(name)")
                }
            }
            return (screen, verdict, pulses, files)
        }
    }

    func copy() throws -> RecordCopy {
        let sandbox = try Sandbox()
        for folder in ["data/sessions", "data/anchors"] { _ = try sandbox.makeFolder(folder) }
        for (path, data) in files { try sandbox.write("data/" + path, Array(data)) }
        guard let name = files.keys.first(where: { $0.hasPrefix("sessions/") && $0.hasSuffix(".mpr") }) else {
            throw Trouble("the demonstration left no record: \(files.keys)")
        }
        return RecordCopy(sandbox: sandbox, sessionID: String(name.dropFirst("sessions/".count).dropLast(4)))
    }
}

/// The demonstration's record in a data folder of its own.
struct RecordCopy {
    let sandbox: Sandbox
    let sessionID: String

    var data: String { sandbox.file("data") }
    var record: String { "\(data)/sessions/\(sessionID).mpr" }
    var anchor: String { "\(data)/anchors/\(sessionID).anchor" }

    func recordBytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: record))) }

    func sessions(_ words: String...) throws -> Ended {
        try sandbox.run([House.host, "sessions"] + words + ["--data", data])
    }

    func start(
        on rig: Rig, side: String, script: String, adding settings: [String: String] = [:]
    ) throws -> Seat {
        let command = SessionCommand(side: side, line: rig.link, data: data)
        return try Seat(in: sandbox, command, script: script, adding: settings)
    }

    func expectDamage(
        _ what: String, saying words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let verified = try sessions("verify")
        #expect(verified.status == 40, "\(what): \(verified.everything)", sourceLocation: sourceLocation)
        #expect(verified.output.contains(sessionID), "\(what)", sourceLocation: sourceLocation)
        #expect(verified.output.contains(words), "\(what): \(verified.everything)", sourceLocation: sourceLocation)
        #expect(!verified.isCrash, "\(what)", sourceLocation: sourceLocation)
    }
}

/// Another calendar time for one program, by a library that is loaded before the system's own.
struct ClockShim {
    private let library: String

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <time.h>
        static long shift(void) { const char *text = getenv("CLOCK_SHIFT_SECONDS"); return text ? atol(text) : 0; }
        int clock_gettime(clockid_t clock, struct timespec *time) {
            static int (*real)(clockid_t, struct timespec *);
            if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
            int result = real(clock, time);
            if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift();
            return result;
        }
        int gettimeofday(struct timeval *time, void *zone) {
            struct timespec now;
            (void)zone;
            if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        """

    init(in sandbox: Sandbox) throws {
        library = sandbox.file("clock.so")
        let source = try sandbox.write("clock.c", Self.source)
        // The Swift toolchain brings it.
        let built = try sandbox.run(["/usr/bin/env", "clang", "-shared", "-fPIC", "-o", library, source, "-ldl"])
        guard built.status == 0 else { throw Trouble("the clock's library was not built: \(built.errors)") }
    }

    func setBack(seconds: Int) -> [String: String] {
        ["LD_PRELOAD": library, "CLOCK_SHIFT_SECONDS": "-\(seconds)"]
    }
}
