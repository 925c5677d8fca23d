import ByteStreams
import DeviceDrivers
import Glibc
import StimulusModel
import Testing

private func block(_ number: Int64) -> WordBlock {
    var block = WordBlock()
    for index in 0..<8 { block.words[index] = number &* Int64(index + 1) }
    return block
}

/// What one thread of the two-thread test owns.
private struct Reader: ~Copyable {
    var ring: WordRing.Consumer
    var received: Int64 = 0
    var wrong: Int64 = 0
}

private struct Writer: ~Copyable {
    var ring: WordRing.Producer
    var refused: Int64 = 0
}

@Suite struct WordRingTests {
    @Test func blocksComeOutInOrderAndAFullRingRefuses() {
        let ring = WordRing(capacity: 4)
        ring.split { producer, consumer in
            var producer = producer
            var consumer = consumer
            let first = consumer.pop()
            #expect(first == nil)
            for number in 1...4 { #expect(producer.push(block(Int64(number))) == true) }
            #expect(producer.freeSlots == 0)
            #expect(producer.push(block(5)) == false)
            for number in 1...4 { #expect(consumer.pop().map { $0 == block(Int64(number)) } == true) }
            #expect(producer.freeSlots == 4)
            let last = consumer.pop()
            #expect(last == nil)
        }
    }

    @Test func capacityIsRoundedUp() {
        for (asked, given) in [(0, 2), (1, 2), (2, 2), (3, 4), (1_000, 1_024)] {
            let ring = WordRing(capacity: asked)
            #expect(ring.producer.freeSlots == given)
        }
    }

    @Test func theConsumerLearnsThatNothingWillCome() {
        let ring = WordRing(capacity: 4)
        ring.split { producer, consumer in
            var consumer = consumer
            #expect(consumer.producerIsGone == false)
            Self.pushOneAndEnd(producer)
            #expect(consumer.producerIsGone == true)
            #expect(consumer.pop().map { $0 == block(1) } == true)
            let after = consumer.pop()
            #expect(after == nil)
        }
    }

    private static func pushOneAndEnd(_ producer: consuming WordRing.Producer) {
        var producer = producer
        #expect(producer.push(block(1)) == true)
    }

    @Test func twoThreadsLoseAndTearNothing() throws {
        let total: Int64 = 2_000_000
        let ring = WordRing(capacity: 256)
        try ring.split { producer, consumer throws(SystemError) in
            let reader = try OwnedThread(
                named: "ring-reader", stackBytes: 512 << 10, owner: Reader(ring: consumer)
            ) { (owner: inout Reader) in
                while true {
                    let ended = owner.ring.producerIsGone
                    if let found = owner.ring.pop() {
                        owner.received += 1
                        if !(found == block(owner.received)) { owner.wrong += 1 }
                    } else if ended {
                        return
                    } else {
                        sched_yield()
                    }
                }
            }
            let writer = try OwnedThread(
                named: "ring-writer", stackBytes: 512 << 10, owner: Writer(ring: producer)
            ) { (owner: inout Writer) in
                for number in 1...total {
                    while !owner.ring.push(block(number)) {
                        owner.refused += 1
                        sched_yield()
                    }
                }
            }
            let refused = Self.end(writer.join())
            let result = reader.join()
            #expect(result.received == total)
            #expect(result.wrong == 0)
            print("ring: \(result.received) blocks, found full \(refused) times")
        }
    }

    /// Dropping the writing end is what ends the reader.
    private static func end(_ writer: consuming Writer) -> Int64 { writer.refused }
}
