import SessionEngine
import Synchronization

/// Events on their way from the record writer to the screen.
final class EventFeed: Sendable {
    private let waiting = Mutex<[(tick: Int64, event: SessionEvent)]>([])

    func add(tick: Int64, _ event: SessionEvent) { waiting.withLock { $0.append((tick, event)) } }

    func take() -> [(tick: Int64, event: SessionEvent)] {
        waiting.withLock { list in
            let taken = list
            list = []
            return taken
        }
    }
}

/// Set once, by the loop's thread, when the loop has ended.
final class Finished: Sendable {
    private let flag = Atomic<Bool>(false)
    func set() { flag.store(true, ordering: .releasing) }
    var isSet: Bool { flag.load(ordering: .acquiring) }
}
