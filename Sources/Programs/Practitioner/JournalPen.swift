// The record writer's thread: takes blocks from the loop's ring, writes them, makes them durable in groups, and passes
// events on to the screen. The loop never waits for it; if it cannot write, the loop is told and stops the session.
import ByteStreams
import DeviceDrivers
import SessionEngine
import SessionRecords
import StimulusModel
import Synchronization

/// What the console wants written, on its way to the pen.
final class NoteDesk: Sendable {
    private let waiting = Mutex<[SessionNote]>([])

    func leave(_ note: SessionNote) { waiting.withLock { $0.append(note) } }

    func take() -> [SessionNote] {
        waiting.withLock { list in
            let taken = list
            list = []
            return taken
        }
    }
}

struct JournalPen: ~Copyable, Sendable {
    private var consumer: WordRing.Consumer
    private(set) var record: SafetyRecordWriter
    private let feed: EventFeed
    private let notes: NoteDesk
    private let health: JournalHealth
    private var lastCommit = SystemClock.now()

    /// Events are durable within this time (proposal): a crash loses at most so much of the journal.
    private static let commitMilliseconds: Int64 = 100

    init(
        consumer: consuming WordRing.Consumer, record: consuming SafetyRecordWriter, feed: EventFeed,
        notes: NoteDesk, health: JournalHealth
    ) {
        self.consumer = consumer
        self.record = record
        self.feed = feed
        self.notes = notes
        self.health = health
    }

    /// Runs until the loop is gone and the ring is empty.
    mutating func run() {
        while true {
            let isLast = consumer.producerIsGone
            let wrote = turn()
            health.alive()
            if isLast, !wrote { break }
            if !wrote {
                SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 5)))
            }
        }
        commit()
    }

    /// - Returns: whether there was anything.
    private mutating func turn() -> Bool {
        var wrote = false
        do throws(RecordFailure) {
            while let block = consumer.pop() {
                wrote = true
                tell(block)
                try record.append(journal: block, at: JournalPen.time())
            }
            for note in notes.take() {
                wrote = true
                try record.append(.note, try note.encode(), at: JournalPen.time())
            }
        } catch {
            health.fail()
        }
        if SystemClock.now().since(lastCommit).milliseconds >= JournalPen.commitMilliseconds { commit() }
        return wrote
    }

    private func tell(_ block: WordBlock) {
        guard JournalEntry.kind(block) == .events else { return }
        for index in 2..<8 {
            guard let event = SessionEvent(word: block.words[index]), event.kind != .none else { continue }
            feed.add(tick: JournalEntry.tick(block), event)
        }
    }

    private mutating func commit() {
        lastCommit = SystemClock.now()
        do throws(RecordFailure) {
            try record.commit()
        } catch {
            health.fail()
        }
    }

    /// Closes the record.
    mutating func close(_ closing: SessionClosing) throws(RecordFailure) -> String? {
        try record.close(closing, at: JournalPen.time())
        return record.committedHead?.hex
    }

    static func time() -> RecordTime {
        RecordTime(
            monotonicNanoseconds: SystemClock.now().nanoseconds, wallNanoseconds: SystemClock.wallNanoseconds())
    }
}
