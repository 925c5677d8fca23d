// Nothing on the step's path may wait for a lock.
import Synchronization

final class Shared: Sendable { let count = Mutex(0) }

@_noLocks func step(_ shared: Shared) {
    shared.count.withLock { $0 += 1 }
    // expected-error@-1 {{called function is not available in this module and can have unpredictable performance}}
}
