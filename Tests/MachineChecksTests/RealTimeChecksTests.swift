import MachineChecks
import Testing

@Suite struct RealTimeChecksTests {
    static let limits = """
        Limit                     Soft Limit           Hard Limit           Units
        Max locked memory         8388608              8388608              bytes
        Max realtime priority     0                    0
        Max realtime timeout      unlimited            unlimited            us
        """
    static let good = RealTimeFacts(
        schedulingRefusal: nil, memoryRefusal: nil, limits: limits, kernel: "6.1.0", preemption: "PREEMPT_RT",
        governor: "performance", wakeUpLatencyMicroseconds: 2_000_000_000, isRequired: true)
    static let anna = SerialChecksTests.anna

    @Test func limitsAreReadFromTheKernelsTable() {
        #expect(RealTimeChecks.softLimit("Max realtime priority", in: Self.limits) == "0")
        #expect(RealTimeChecks.softLimit("Max locked memory", in: Self.limits) == "8388608")
        #expect(RealTimeChecks.softLimit("Max realtime timeout", in: Self.limits) == "unlimited")
        #expect(RealTimeChecks.softLimit("Max processes", in: Self.limits) == nil)
    }

    @Test func aWellSetUpComputerHasNothingToMend() {
        let found = RealTimeChecks.findings(Self.good, user: Self.anna)
        #expect(found.count == 5)
        #expect(found.allSatisfy { $0.verdict == .ok && $0.remedy == nil })
    }

    @Test func whatIsRefusedFailsOnlyWhereTheRigDemandsIt() {
        var facts = Self.good
        facts.schedulingRefusal = "EPERM"
        facts.memoryRefusal = "ENOMEM"
        let demanded = RealTimeChecks.findings(facts, user: Self.anna)
        #expect(demanded.map(\.verdict) == [.failure, .failure, .ok, .ok, .ok])
        #expect(
            demanded[0].remedy
                == "echo 'anna - rtprio 90' | sudo tee -a /etc/security/limits.d/motorpoint.conf, then log out and in "
                + "again")
        #expect(demanded[1].remedy?.contains("'anna - memlock unlimited'") == true)
        #expect(demanded[0].text.contains("EPERM; RLIMIT_RTPRIO 0"))
        facts.isRequired = false
        #expect(RealTimeChecks.findings(facts, user: Self.anna).map(\.verdict).prefix(2) == [.warning, .warning])
        let root = UserFacts(name: "root", isRoot: true, groups: [], groupsAtNextLogin: [])
        #expect(RealTimeChecks.findings(facts, user: root)[0].remedy?.contains("--cap-add SYS_NICE") == true)
    }

    @Test(arguments: [
        ("PREEMPT_RT", Finding.Verdict.ok), ("PREEMPT_DYNAMIC (full)", .ok), ("PREEMPT_DYNAMIC", .ok),
        ("PREEMPT_DYNAMIC (none)", .warning), ("PREEMPT_DYNAMIC (voluntary)", .warning), ("no preemption", .warning),
    ]) func aPatientKernelIsWarnedOf(model: String, verdict: Finding.Verdict) {
        var facts = Self.good
        facts.preemption = model
        #expect(RealTimeChecks.findings(facts, user: Self.anna)[2].verdict == verdict)
    }

    @Test func aSavingGovernorIsWarnedOf() {
        var facts = Self.good
        facts.governor = "powersave"
        #expect(RealTimeChecks.findings(facts, user: Self.anna)[3].remedy?.contains("cpupower") == true)
        facts.governor = nil
        #expect(RealTimeChecks.findings(facts, user: Self.anna)[3].verdict == .ok)
    }

    @Test func theWakeUpLatencyIsTold() {
        var facts = Self.good
        facts.wakeUpLatencyMicroseconds = 10
        #expect(RealTimeChecks.findings(facts, user: Self.anna)[4].text.contains("within 10 µs"))
        facts.wakeUpLatencyMicroseconds = nil
        #expect(RealTimeChecks.findings(facts, user: Self.anna)[4].text.contains("not readable"))
    }

    @Test func aLibraryThatDoesNotLoadFails() {
        #expect(
            LibraryChecks.finding("libsodium", version: "1.0.18", package: "libsodium23").text == "libsodium 1.0.18")
        let missing = LibraryChecks.finding("SQLite", version: nil, package: "libsqlite3-0")
        #expect(missing.verdict == .failure)
        #expect(missing.remedy == "sudo apt-get install libsqlite3-0")
    }
}
