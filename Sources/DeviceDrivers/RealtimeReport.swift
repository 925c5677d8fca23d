internal import ByteStreams
internal import CLinuxIO

/// What the machine granted to a real-time thread, and what stands in its way: printed and recorded at every start.
public struct RealtimeReport: Equatable, Sendable, CustomStringConvertible {
    public enum Scheduling: Equatable, Sendable {
        /// SCHED_FIFO at that priority, 1 to 99.
        case fifo(priority: Int32)
        /// Time-shared with every other program, and why.
        case ordinary(why: String)
    }

    public enum Memory: Equatable, Sendable {
        /// Pages stay in memory from their first touch.
        case locked
        case notAsked
        case unlocked(why: String)
    }

    public var scheduling: Scheduling
    public var memory: Memory
    /// By how much the kernel may delay a wake-up of an ordinary thread to bundle it with others, in nanoseconds.
    public var timerSlackNanoseconds: Int64
    /// The processor that the thread is pinned to; nil when it may wander.
    public var processor: Int32?
    /// `uname -r`.
    public var kernel: String
    /// How readily the kernel lets go of a processor: "PREEMPT_RT", "PREEMPT_DYNAMIC (none)" and so on.
    public var preemption: String
    /// The frequency governor of the processor; nil where there is none (virtual machines).
    public var governor: String?
    /// Processors kept free of ordinary work by the kernel's command line, such as "2-3"; empty for none.
    public var isolatedProcessors: String
    /// Minor and major page faults of the thread since its warm-up ended; nil before. 0 is the aim.
    public var pageFaultsAfterWarmUp: Int64?

    /// Whether a rig that demands real time (`real_time: required`) may be armed.
    public var meetsRequirement: Bool {
        guard case .fifo = scheduling, case .locked = memory else { return false }
        return true
    }

    /// One line.
    public var description: String {
        var parts: [String] = []
        switch scheduling {
        case .fifo(let priority): parts.append("real time: FIFO \(priority)")
        case .ordinary(let why): parts.append("real time: NOT granted (\(why))")
        }
        switch memory {
        case .locked: parts.append("memory locked")
        case .notAsked: parts.append("memory not locked")
        case .unlocked(let why): parts.append("memory NOT locked (\(why))")
        }
        parts.append("timer slack \(timerSlackNanoseconds) ns")
        if let processor { parts.append("processor \(processor)") }
        parts.append("kernel \(kernel) \(preemption)")
        parts.append("governor \(governor ?? "none")")
        if !isolatedProcessors.isEmpty { parts.append("isolated \(isolatedProcessors)") }
        if let pageFaultsAfterWarmUp { parts.append("page faults \(pageFaultsAfterWarmUp)") }
        return parts.joined(separator: ", ")
    }
}

/// Page faults of the calling thread, counted from a mark: set the mark when the warm-up is over.
public struct PageFaultMark: Sendable {
    private let total: Int64

    public init() { total = Self.now() }

    /// Minor and major faults since the mark. Makes one system call, takes no lock, allocates nothing.
    public var since: Int64 { Self.now() - total }

    private static func now() -> Int64 {
        var minor: Int64 = 0
        var major: Int64 = 0
        guard unsafe mp_page_faults(&minor, &major) >= 0 else { return 0 }
        return minor + major
    }
}

/// What can be read about the machine.
enum Machine {
    static func kernel() -> (release: String, version: String) {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            guard let base = buffer.baseAddress else { return ("", "") }
            unsafe base.initialize(repeating: 0, count: buffer.count)
            guard unsafe mp_kernel(base, base + 256, 256) >= 0 else { return ("", "") }
            return unsafe (String(cString: base), String(cString: base + 256))
        }
    }

    /// The preemption model from the build text of the kernel and, where readable, the mode that is chosen now:
    /// "none voluntary (full)" means full.
    static func preemption(version: String, realtime: String?, chosen: String?) -> String {
        if realtime == "1" || version.contains("PREEMPT_RT") { return "PREEMPT_RT" }
        let model = version.split(separator: " ").first { $0.hasPrefix("PREEMPT") }.map(String.init) ?? "no preemption"
        guard let chosen, let open = chosen.firstIndex(of: "("), let close = chosen.firstIndex(of: ")"), open < close
        else { return model }
        return "\(model) (\(chosen[chosen.index(after: open)..<close]))"
    }

    static func preemption(version: String) -> String {
        preemption(
            version: version, realtime: SystemFile.text("/sys/kernel/realtime"),
            chosen: SystemFile.text("/sys/kernel/debug/sched/preempt"))
    }

    static func governor(of processor: Int32) -> String? {
        SystemFile.text("/sys/devices/system/cpu/cpu\(processor)/cpufreq/scaling_governor")
    }

    static func isolatedProcessors() -> String { SystemFile.text("/sys/devices/system/cpu/isolated") ?? "" }
}
