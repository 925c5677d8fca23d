/// What this computer granted to a trial real-time thread, and how it is set up.
public struct RealTimeFacts: Equatable, Sendable {
    /// Why SCHED_FIFO was refused, such as "EPERM"; nothing when it was granted.
    public var schedulingRefusal: String?
    /// Why memory could not be locked; nothing when it was.
    public var memoryRefusal: String?
    /// The text of /proc/self/limits.
    public var limits: String
    public var kernel: String
    /// "PREEMPT_RT", "PREEMPT_DYNAMIC (full)" and so on.
    public var preemption: String
    /// The frequency governor; nothing where the processor has none.
    public var governor: String?
    /// What /dev/cpu_dma_latency holds, in µs; nothing where it cannot be read.
    public var wakeUpLatencyMicroseconds: Int32?
    /// Whether the rig file demands real time.
    public var isRequired: Bool

    public init(
        schedulingRefusal: String?, memoryRefusal: String?, limits: String, kernel: String, preemption: String,
        governor: String?, wakeUpLatencyMicroseconds: Int32?, isRequired: Bool
    ) {
        self.schedulingRefusal = schedulingRefusal
        self.memoryRefusal = memoryRefusal
        self.limits = limits
        self.kernel = kernel
        self.preemption = preemption
        self.governor = governor
        self.wakeUpLatencyMicroseconds = wakeUpLatencyMicroseconds
        self.isRequired = isRequired
    }
}

public enum RealTimeChecks {
    public static func findings(_ facts: RealTimeFacts, user: UserFacts) -> [Finding] {
        [scheduling(facts, user), memory(facts, user), preemption(facts), governor(facts), wakeUp(facts)]
    }

    /// The value in force of one line of /proc/self/limits, such as "Max realtime priority".
    public static func softLimit(_ name: String, in limits: String) -> String? {
        guard let line = limits.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        return line.dropFirst(name.count).split(separator: " ").first.map(String.init)
    }

    private static let file = "/etc/security/limits.d/motorpoint.conf"

    private static func grant(_ line: String, _ user: UserFacts) -> String {
        "echo '\(user.name) - \(line)' | sudo tee -a \(file), then log out and in again"
    }

    private static func scheduling(_ facts: RealTimeFacts, _ user: UserFacts) -> Finding {
        let limit = softLimit("Max realtime priority", in: facts.limits) ?? "unknown"
        guard let refusal = facts.schedulingRefusal else {
            return .ok(.realTime, "real-time scheduling (SCHED_FIFO) is granted; RLIMIT_RTPRIO \(limit)")
        }
        let text = "no real-time scheduling (\(refusal); RLIMIT_RTPRIO \(limit)): "
        let remedy =
            user.isRoot
            ? "root is refused too, so a container forbids it: start it with --cap-add SYS_NICE --ulimit rtprio=90"
            : grant("rtprio 90", user)
        if facts.isRequired {
            return .failure(.realTime, text + "the rig file demands it, so nothing would be armed", type: remedy)
        }
        return .warning(
            .realTime, text + "other programs can make a session late, which thins a train or stops it", type: remedy)
    }

    private static func memory(_ facts: RealTimeFacts, _ user: UserFacts) -> Finding {
        let limit = softLimit("Max locked memory", in: facts.limits) ?? "unknown"
        guard let refusal = facts.memoryRefusal else {
            return .ok(.realTime, "memory can be locked; RLIMIT_MEMLOCK \(limit)")
        }
        let text = "memory cannot be locked (\(refusal); RLIMIT_MEMLOCK \(limit)): "
        let remedy =
            user.isRoot
            ? "root is refused too, so a container forbids it: start it with --cap-add IPC_LOCK --ulimit memlock=-1"
            : grant("memlock unlimited", user)
        if facts.isRequired {
            return .failure(.realTime, text + "the rig file demands it, so nothing would be armed", type: remedy)
        }
        return .warning(.realTime, text + "a computer short of memory makes a session late", type: remedy)
    }

    private static func preemption(_ facts: RealTimeFacts) -> Finding {
        let name = "kernel \(facts.kernel), \(facts.preemption)"
        let isPatient = ["no preemption", "(none)", "(voluntary)", "(lazy)"].contains { facts.preemption.contains($0) }
        guard isPatient else { return .ok(.realTime, name) }
        return .warning(
            .realTime, "\(name): the kernel lets go of a processor late",
            type: "boot with preempt=full on the kernel's command line, or install linux-image-rt-amd64")
    }

    private static func governor(_ facts: RealTimeFacts) -> Finding {
        guard let governor = facts.governor else {
            return .ok(.realTime, "no frequency governor: this processor's clock is not the kernel's to change")
        }
        if governor == "performance" { return .ok(.realTime, "frequency governor performance") }
        return .warning(
            .realTime, "frequency governor \(governor): a slow processor wakes later",
            type: "sudo cpupower frequency-set --governor performance (Debian: linux-cpupower)")
    }

    private static func wakeUp(_ facts: RealTimeFacts) -> Finding {
        // 2,000 s is the kernel's word for "nobody asks for anything" (PM_QOS_CPU_LATENCY_DEFAULT_VALUE).
        switch facts.wakeUpLatencyMicroseconds {
        case nil:
            return .ok(
                .realTime,
                "/dev/cpu_dma_latency is not readable here: how deep the processor may sleep is not known; motorpoint "
                    + "does not change it")
        case .some(let value) where value >= 2_000_000_000:
            return .ok(.realTime, "nobody limits how deep the processor sleeps (/dev/cpu_dma_latency)")
        case .some(let value):
            return .ok(.realTime, "somebody keeps waking up within \(value) µs (/dev/cpu_dma_latency)")
        }
    }
}

public enum LibraryChecks {
    /// - Parameter version: nothing when the library cannot be loaded.
    public static func finding(_ name: String, version: String?, package: String) -> Finding {
        guard let version else {
            return .failure(
                .libraries, "\(name) cannot be loaded: hashes or the index of the records would be missing",
                type: "sudo apt-get install \(package)")
        }
        return .ok(.libraries, "\(name) \(version)")
    }
}
