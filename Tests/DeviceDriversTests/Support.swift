import ByteStreams
import CLinuxIO
import Glibc
import StimulusModel
import Testing

/// Reads until `count` bytes came, the peer is gone, or two seconds passed; waits between tries.
func collect(_ count: Int, from stream: inout ByteStream) -> [UInt8] {
    let deadline = SystemClock.now().advanced(by: TimeSpan(milliseconds: 2_000))
    var bytes: [UInt8] = []
    while bytes.count < count, SystemClock.now().since(deadline).nanoseconds < 0 {
        switch readOnce(&stream) {
        case (.bytes, let some): bytes += some
        case (.nothing, _): _ = stream.waitForInput(atMostMilliseconds: 20)
        case (.gone, _): return bytes
        }
    }
    return bytes
}

/// Everything that is there, when nobody writes any more.
func drain(_ stream: inout ByteStream) -> [UInt8] {
    var bytes: [UInt8] = []
    while stream.waitForInput(atMostMilliseconds: 50) {
        let (outcome, some) = readOnce(&stream)
        guard case .bytes = outcome else { break }
        bytes += some
    }
    return bytes
}

/// One read of up to 4,096 bytes.
func readOnce(_ stream: inout ByteStream) -> (ReadOutcome, [UInt8]) {
    var block = InlineArray<4096, UInt8>(repeating: 0)
    var span = block.mutableSpan
    let outcome = stream.read(into: &span)
    guard case .bytes(let count) = outcome else { return (outcome, []) }
    return (outcome, (0..<count).map { block[$0] })
}

/// Tries until the condition holds or two seconds passed. Asserts an order of events, never a time.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = SystemClock.now().advanced(by: TimeSpan(milliseconds: 2_000))
    while SystemClock.now().since(deadline).nanoseconds < 0 {
        if condition() { return true }
        SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 1)))
    }
    return condition()
}

/// A folder of its own for one test, removed with this value. Keep it in the suite: a local reference is dropped after
/// its last use, not at the end of the test.
final class Scratch {
    let path: String

    init() throws {
        path = "/tmp/motorpoint-test-\(mp_process())-\(mp_clock_monotonic())"
        try #require(unsafe mp_private_directory(path) == 0)
    }

    deinit {
        var child = try? ChildProcess(
            "/bin/rm", arguments: ["-rf", path], environment: [:],
            on: .descriptors(input: nil, output: nil, error: nil))
        _ = child?.wait()
    }
}

func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

func setMode(_ path: String, _ mode: mode_t) -> Bool { unsafe chmod(path, mode) == 0 }

/// Gives up root, for good: only in children. Not root: nothing to give up.
func becomeNobody() {
    guard getuid() == 0 else { return }
    guard setgid(65_534) == 0, setuid(65_534) == 0 else { exit(99) }
}
