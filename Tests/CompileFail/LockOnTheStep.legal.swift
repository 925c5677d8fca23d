// Counted without one.
import Synchronization

final class Shared: Sendable { let count = Atomic(0) }

@_noLocks func step(_ shared: Shared) {
    shared.count.add(1, ordering: .relaxed)
}
