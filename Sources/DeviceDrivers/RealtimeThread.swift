public import ByteStreams
internal import CLinuxIO
internal import StimulusModel
internal import Synchronization

/// What a loop asks of the machine.
public struct RealtimeRequest: Equatable, Sendable {
    /// Whether to run without it.
    public enum Need: Equatable, Sendable {
        /// Refuse to start without SCHED_FIFO and locked memory.
        case required
        /// Run anyway; the report says what is missing.
        case bestEffort
    }

    public var need: Need
    /// SCHED_FIFO priority, 1 to 98. 80 is above the kernel's interrupt threads (50) and below its own 99.
    public var priority: Int32
    /// The processor to run on; nil leaves it to the kernel.
    public var processor: Int32?
    public var locksMemory: Bool
    /// Stack of the thread in bytes, and how much of it is touched beforehand.
    public var stackBytes: Int
    public var prefaultedBytes: Int

    public init(
        _ need: Need, priority: Int32 = 80, processor: Int32? = nil, locksMemory: Bool = true,
        stackBytes: Int = 1 << 20, prefaultedBytes: Int = 512 << 10
    ) {
        self.need = need
        self.priority = priority
        self.processor = processor
        self.locksMemory = locksMemory
        self.stackBytes = stackBytes
        self.prefaultedBytes = prefaultedBytes
    }
}

/// Why a real-time thread was not started. Nothing ran.
public enum RealtimeRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rig file demands real time and the machine does not grant it.
    case notGranted(RealtimeReport)
    case failed(SystemError)

    public var description: String {
        switch self {
        case .notGranted(let report):
            "this rig demands real time, which this machine does not grant: \(report). Allow it for this user in "
                + "/etc/security/limits.d (`rtprio 90`, `memlock unlimited`) and log in again"
        case .failed(let error): "\(error)"
        }
    }
}

/// A thread that wakes on time, as far as this machine allows: SCHED_FIFO, memory locked as it is touched, stack
/// touched beforehand, timer slack 1 ns. It owns what it works on, and gives it back when joined.
public struct RealtimeThread<Owner: ~Copyable>: ~Copyable {
    /// What was granted.
    public let report: RealtimeReport
    private let thread: OwnedThread<Owner>

    /// Starts the thread and returns once it is set up and `body` is about to run.
    ///
    /// Memory is locked for the whole process and stays so. When this throws, `body` was not called and `owner` was
    /// dropped.
    ///
    /// - Parameter body: gets the owner and the report. It has to return by itself: nothing here can stop it.
    public init(
        named name: String, asking request: RealtimeRequest, owner: consuming sending Owner,
        body: @escaping @Sendable (inout Owner, RealtimeReport) -> Void
    ) throws(RealtimeRefusal) {
        let memory = Self.lockMemory(request)
        let setUp = SetUp()
        let started: OwnedThread<Owner>
        do {
            started = try OwnedThread(named: name, stackBytes: request.stackBytes, owner: owner) { owner in
                let report = Self.setUp(request, memory)
                setUp.publish(report)
                if request.need == .bestEffort || report.meetsRequirement { body(&owner, report) }
            }
        } catch {
            throw .failed(error)
        }
        let granted = setUp.wait()
        guard request.need == .bestEffort || granted.meetsRequirement else { throw .notGranted(granted) }
        thread = started
        report = granted
    }

    /// Waits until `body` has returned and takes the owner back.
    public consuming func join() -> Owner { thread.join() }

    private static func lockMemory(_ request: RealtimeRequest) -> RealtimeReport.Memory {
        guard request.locksMemory else { return .notAsked }
        let result = mp_lock_memory()
        return result < 0 ? .unlocked(why: SystemError.name(of: -result)) : .locked
    }

    /// On the new thread itself.
    private static func setUp(_ request: RealtimeRequest, _ memory: RealtimeReport.Memory) -> RealtimeReport {
        var pinned: Int32?
        if let processor = request.processor, mp_pin_to_processor(processor) >= 0 { pinned = processor }
        _ = mp_set_timer_slack(1)
        mp_prefault_stack(min(request.prefaultedBytes, request.stackBytes - (64 << 10)))
        let (release, version) = Machine.kernel()
        var report = RealtimeReport(
            scheduling: .ordinary(why: ""), memory: memory, timerSlackNanoseconds: mp_timer_slack(),
            processor: pinned, kernel: release, preemption: Machine.preemption(version: version),
            governor: Machine.governor(of: pinned ?? mp_current_processor()),
            isolatedProcessors: Machine.isolatedProcessors())
        // Last: from here on this thread may keep others from running.
        let result = mp_schedule_fifo(request.priority)
        report.scheduling =
            result < 0 ? .ordinary(why: SystemError.name(of: -result)) : .fifo(priority: request.priority)
        return report
    }

    /// How the new thread tells the starting one what it was granted.
    private final class SetUp: Sendable {
        private let report = Mutex<RealtimeReport?>(nil)

        func publish(_ value: RealtimeReport) { report.withLock { $0 = value } }

        /// Looks every 0.1 ms: once per session, before anything is armed.
        func wait() -> RealtimeReport {
            while true {
                if let value = report.withLock({ $0 }) { return value }
                SystemClock.sleep(until: SystemClock.now().advanced(by: .init(microseconds: 100)))
            }
        }
    }
}
