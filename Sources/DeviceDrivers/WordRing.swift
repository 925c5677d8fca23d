public import StimulusModel
internal import Synchronization

/// The one-way path from the real-time loop to the record writer: a ring of `WordBlock` with exactly one producer and
/// one consumer, each a value that cannot be copied. `push` never waits: a full ring is told, and is a fault to the
/// caller.
///
/// The storage lives at a heap address of its own, since atomics inside a value that is passed around `inout` are read
/// as an access race by ThreadSanitizer; whichever end goes last frees it.
public struct WordRing: ~Copyable {
    /// The writing end, for the real-time loop.
    public var producer: Producer
    /// The reading end, for the writer.
    public var consumer: Consumer

    /// Makes a ring that holds at least `capacity` blocks (rounded up to a power of two, at least 2).
    public init(capacity: Int) {
        var slots = 2
        while slots < capacity { slots *= 2 }
        let storage = UnsafeMutablePointer<Storage>.allocate(capacity: 1)
        unsafe storage.initialize(to: Storage(slots: slots))
        producer = unsafe Producer(storage: storage)
        consumer = unsafe Consumer(storage: storage)
    }

    /// Takes the ring apart, so that each end can go to its own thread.
    public consuming func split<Failure: Error>(
        _ use: (consuming Producer, consuming Consumer) throws(Failure) -> Void
    ) throws(Failure) {
        try use(producer, consumer)
    }

    /// Shared by both ends. `head` is written by the producer only, `tail` by the consumer only; both only grow.
    @safe struct Storage: ~Copyable {
        // Plain words, copied one by one: ThreadSanitizer sees each of them, while on this toolchain it does not look
        // into the copy of a whole block (seen with a planted race).
        let words: UnsafeMutablePointer<Int64>
        let slots: Int
        let head = Atomic<Int>(0)
        let tail = Atomic<Int>(0)
        let ends = Atomic<Int>(2)

        init(slots: Int) {
            self.slots = slots
            unsafe words = .allocate(capacity: slots * 8)
            // Written now, so that no push is the first to touch a page.
            unsafe words.initialize(repeating: 0, count: slots * 8)
        }

        deinit { unsafe words.deallocate() }

        static func drop(_ storage: UnsafeMutablePointer<Storage>) {
            let left = unsafe storage.pointee.ends.subtract(1, ordering: .acquiringAndReleasing).newValue
            guard left == 0 else { return }
            unsafe storage.deinitialize(count: 1)
            unsafe storage.deallocate()
        }
    }

    /// The writing end. Sendable by hand: it may move to another thread, and there is only one.
    @safe public struct Producer: ~Copyable, @unchecked Sendable {
        private let storage: UnsafeMutablePointer<Storage>

        init(storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = storage }
        deinit { unsafe Storage.drop(storage) }

        /// Appends one block. False, and nothing happened, when the ring is full.
        @_noLocks public mutating func push(_ block: WordBlock) -> Bool {
            let slots = unsafe storage.pointee.slots
            let head = unsafe storage.pointee.head.load(ordering: .relaxed)
            let tail = unsafe storage.pointee.tail.load(ordering: .acquiring)
            guard head &- tail < slots else { return false }
            let first = (head & (slots &- 1)) &* 8
            var index = 0
            while index < 8 {
                unsafe storage.pointee.words[first &+ index] = block.words[index]
                index &+= 1
            }
            unsafe storage.pointee.head.store(head &+ 1, ordering: .releasing)
            return true
        }

        /// How many blocks can be pushed now; the consumer can only make it more.
        public var freeSlots: Int {
            @_noLocks get {
                let head = unsafe storage.pointee.head.load(ordering: .relaxed)
                let tail = unsafe storage.pointee.tail.load(ordering: .acquiring)
                return unsafe storage.pointee.slots &- (head &- tail)
            }
        }
    }

    /// The reading end.
    @safe public struct Consumer: ~Copyable, @unchecked Sendable {
        private let storage: UnsafeMutablePointer<Storage>

        init(storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = storage }
        deinit { unsafe Storage.drop(storage) }

        /// The oldest block, nil when there is none.
        @_noLocks public mutating func pop() -> WordBlock? {
            let tail = unsafe storage.pointee.tail.load(ordering: .relaxed)
            let head = unsafe storage.pointee.head.load(ordering: .acquiring)
            guard head != tail else { return nil }
            let slots = unsafe storage.pointee.slots
            let first = (tail & (slots &- 1)) &* 8
            var block = WordBlock()
            var index = 0
            while index < 8 {
                block.words[index] = unsafe storage.pointee.words[first &+ index]
                index &+= 1
            }
            unsafe storage.pointee.tail.store(tail &+ 1, ordering: .releasing)
            return block
        }

        /// True once the producer was dropped: when `pop` then gives nothing, nothing will ever come.
        public var producerIsGone: Bool {
            @_noLocks get { unsafe storage.pointee.ends.load(ordering: .acquiring) < 2 }
        }
    }
}
