import ScienceMode4
import Testing

/// Flipped bits on the line: how many of one, two and three pass for a frame. The checksum does not cover the length
/// field, and header and stop byte are structure, so the sum of all three guards is counted here, not assumed: in
/// release every pair and every triple of bits in every golden frame of up to 64 bytes, in debug in a few of them.
///
/// Three flipped bits are not impossible to miss: one in the length field and one or two that make a stop byte where
/// it then says so leave a shorter frame that passes whenever its checksum happens to fit, about once in 65,536 such
/// places. A pulse cut like that announces more points than it has and is refused behind the frame
/// (`MalformedRequestTests`).
@Suite struct BitErrorTests {
    /// What all errors of one kind in one frame led to.
    struct Tally {
        var tried = 0
        /// Errors after which some frame was accepted, which can never be the sent one.
        var accepted = 0
        /// Errors after which a good frame right behind was not heard.
        var deafened = 0
    }

    private static let following = GoldenFrames.r13

    /// Sends the frame, then a good one; counts frames from the first, and whether the second was heard.
    private static func send(_ bytes: [UInt8], _ decoder: inout FrameDecoder, _ tally: inout Tally) {
        tally.tried += 1
        var accepted = 0
        for byte in bytes where decoder.receive(byte) == .frame { accepted += 1 }
        var heard = false
        for byte in following where decoder.receive(byte) == .frame { heard = true }
        tally.accepted += accepted
        if !heard {
            tally.deafened += 1
            decoder = FrameDecoder()
        }
    }

    private static func flip(_ bytes: inout [UInt8], _ bit: Int) { bytes[bit >> 3] ^= 1 << UInt8(bit & 7) }

    private static func singles(_ golden: [UInt8]) -> Tally {
        var tally = Tally()
        var decoder = FrameDecoder()
        var bytes = golden
        for bit in 0..<golden.count * 8 {
            flip(&bytes, bit)
            send(bytes, &decoder, &tally)
            flip(&bytes, bit)
        }
        return tally
    }

    private static func pairs(_ golden: [UInt8]) -> Tally {
        var tally = Tally()
        var decoder = FrameDecoder()
        var bytes = golden
        for first in 0..<golden.count * 8 {
            flip(&bytes, first)
            for second in (first + 1)..<max(first + 1, golden.count * 8) {
                flip(&bytes, second)
                send(bytes, &decoder, &tally)
                flip(&bytes, second)
            }
            flip(&bytes, first)
        }
        return tally
    }

    private static func triples(_ golden: [UInt8]) -> Tally {
        var tally = Tally()
        var decoder = FrameDecoder()
        var bytes = golden
        let count = golden.count * 8
        for first in 0..<count {
            flip(&bytes, first)
            for second in (first + 1)..<max(first + 1, count) {
                flip(&bytes, second)
                for third in (second + 1)..<max(second + 1, count) {
                    flip(&bytes, third)
                    send(bytes, &decoder, &tally)
                    flip(&bytes, third)
                }
                flip(&bytes, second)
            }
            flip(&bytes, first)
        }
        return tally
    }

    private static func sum(_ frames: [[UInt8]], _ errors: ([UInt8]) -> Tally) -> Tally {
        frames.reduce(into: Tally()) { total, golden in
            let tally = errors(golden)
            total.tried += tally.tried
            total.accepted += tally.accepted
            total.deafened += tally.deafened
        }
    }

    private static var short: [[UInt8]] { FrameDecoderTests.goldens.filter { $0.count <= 64 } }

    @Test func noSingleFlippedBitMakesAnotherFrame() {
        let tally = Self.sum(FrameDecoderTests.goldens, Self.singles)
        print("1-bit errors in \(FrameDecoderTests.goldens.count) frames: \(tally)")
        #expect(tally.tried == FrameDecoderTests.goldens.map { $0.count * 8 }.reduce(0, +))
        #expect(tally.accepted == 0)
        #expect(tally.deafened == 0)
    }

    @Test func noTwoFlippedBitsMakeAnotherFrame() {
        #if DEBUG
            let frames = [GoldenFrames.r02, GoldenFrames.r09, GoldenFrames.r22, GoldenFrames.a10, GoldenFrames.a18]
        #else
            let frames = Self.short
        #endif
        let tally = Self.sum(frames, Self.pairs)
        print("2-bit errors in \(frames.count) frames of up to 64 bytes: \(tally)")
        #expect(tally.tried > 50_000)
        #expect(tally.accepted == 0)
        #expect(tally.deafened == 0)
    }

    @Test func threeFlippedBits() {
        #if DEBUG
            let frames = [GoldenFrames.r02]
        #else
            let frames = Self.short
        #endif
        let tally = Self.sum(frames, Self.triples)
        print("3-bit errors in \(frames.count) frames of up to 64 bytes: \(tally)")
        #expect(tally.tried > 100_000)
        #expect(tally.accepted == 0)
    }
}
