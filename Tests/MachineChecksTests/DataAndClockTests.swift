import MachineChecks
import Testing

@Suite struct DataAndClockTests {
    static let good = DataFacts(
        folder: "/home/anna/.local/share/motorpoint", exists: true, trialProblem: nil, freeBytes: 50 << 30,
        fileSystem: "ext4", neededBytes: 256 << 20)
    static let anna = SerialChecksTests.anna

    @Test func aGoodFolderIsInOrder() {
        let found = DataChecks.findings(Self.good, user: Self.anna)
        #expect(found.map(\.verdict) == [.ok, .ok, .ok])
        #expect(found[1].text == "50 GiB free, a session needs 256 MiB")
    }

    @Test func aFolderThatTakesNothingFails() {
        var facts = Self.good
        facts.folder = "/srv/my records"
        facts.trialProblem = "no permission"
        let found = DataChecks.findings(facts, user: Self.anna)
        #expect(found[0].verdict == .failure)
        #expect(found[0].remedy?.hasPrefix("mkdir -p '/srv/my records' && sudo chown anna '/srv/my records'") == true)
    }

    /// The bound is the session's: 256 MiB fail below, a GiB warns.
    @Test(arguments: [
        (Int64(256 << 20) - 1, Finding.Verdict.failure), (256 << 20, .warning), ((1 << 30) - 1, .warning),
        (1 << 30, .ok),
    ]) func roomIsMeasuredInSessions(free: Int64, verdict: Finding.Verdict) {
        var facts = Self.good
        facts.freeBytes = free
        #expect(DataChecks.findings(facts, user: Self.anna)[1].verdict == verdict)
    }

    @Test(arguments: [
        ("ext4", Finding.Verdict.ok), ("btrfs", .ok), ("tmpfs", .warning), ("overlay", .warning), ("nfs4", .warning),
        ("fuseblk", .warning), ("vfat", .warning),
    ]) func someFileSystemsDoNotKeepRecords(kind: String, verdict: Finding.Verdict) {
        var facts = Self.good
        facts.fileSystem = kind
        #expect(DataChecks.findings(facts, user: Self.anna)[2].verdict == verdict)
    }

    @Test func theLongestMountPointCountsAndTheLaterOfTwo() {
        let table = """
            22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
            30 22 0:26 / /home rw - btrfs /dev/sda2 rw
            31 22 0:27 / /home/my\\040data rw,nosuid shared:9 master:2 - nfs4 server:/x rw
            32 22 0:28 / /tmp rw - ext4 /dev/sda3 rw
            33 22 0:29 / /tmp rw - tmpfs tmpfs rw
            a broken line
            """
        #expect(MountTable.fileSystem(of: "/home/anna", mountInfo: table) == "btrfs")
        #expect(MountTable.fileSystem(of: "/home", mountInfo: table) == "btrfs")
        #expect(MountTable.fileSystem(of: "/homes", mountInfo: table) == "ext4")
        #expect(MountTable.fileSystem(of: "/home/my data/x", mountInfo: table) == "nfs4")
        #expect(MountTable.fileSystem(of: "/tmp/x", mountInfo: table) == "tmpfs")
        #expect(MountTable.fileSystem(of: "/tmp", mountInfo: "") == nil)
    }

    private func clock(_ wall: Int64, _ synchronised: Bool?, _ newer: String? = nil) -> [Finding] {
        ClockChecks.findings(
            ClockFacts(wallNanoseconds: wall, isSynchronised: synchronised, newerSession: newer))
    }

    @Test func aClockThatWasNeverSetOrWasSetBackFails() {
        let now: Int64 = 1_795_000_000_000_000_000
        #expect(clock(now, true).map(\.verdict) == [.ok])
        #expect(clock(now, false).map(\.verdict) == [.warning])
        #expect(clock(now, nil).map(\.verdict) == [.ok])
        #expect(clock(0, true).map(\.verdict) == [.failure, .ok])
        let back = clock(now, true, "20261122-093512-4f3a91")
        #expect(back.map(\.verdict) == [.failure, .ok])
        #expect(back[0].text.contains("20261122-093512-4f3a91"))
    }

    private func terminal(_ environment: [String: String], columns: Int? = 100, isTerminal: Bool = true)
        -> TerminalFacts
    {
        TerminalFacts(
            inputIsTerminal: isTerminal, outputIsTerminal: isTerminal, columns: columns, rows: columns.map { $0 / 3 },
            environment: environment)
    }

    @Test func theLocaleDecidesAsInTheCLibrary() {
        #expect(terminal(["LC_ALL": "C.UTF-8"]).isUTF8)
        #expect(terminal(["LC_ALL": "", "LANG": "de_AT.utf8@euro"]).isUTF8)
        #expect(!terminal(["LC_ALL": "C", "LANG": "de_AT.UTF-8"]).isUTF8)
        #expect(!terminal([:]).isUTF8)
        #expect(terminal(["TERM": "xterm"]).hasColour)
        #expect(!terminal(["TERM": "xterm", "NO_COLOR": "1"]).hasColour)
        #expect(!terminal(["TERM": "dumb"]).hasColour)
        #expect(!terminal(["TERM": "xterm"], isTerminal: false).hasColour)
    }

    @Test func whatATerminalLacksIsWarnedOf() {
        let good = TerminalChecks.findings(terminal(["TERM": "xterm", "LANG": "C.UTF-8"]))
        #expect(good.map(\.verdict) == [.ok, .ok, .ok])
        #expect(TerminalChecks.findings(terminal([:], columns: 70)).map(\.verdict) == [.warning, .warning, .ok])
        #expect(TerminalChecks.findings(terminal([:], columns: nil))[0].text.contains("does not tell its size"))
        #expect(TerminalChecks.findings(terminal([:], isTerminal: false)).map(\.verdict) == [.warning])
    }
}
