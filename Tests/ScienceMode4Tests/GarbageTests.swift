import ScienceMode4
import Testing

// Proves R-FLT-08.
/// Anything at all on the line. Accepted must mean: exactly what an encoder would have sent was just received.
@Suite struct GarbageTests {
    /// Checks every accepted frame against the bytes just heard, and every request that is read against our encoder.
    private func checkStream(_ bytes: [UInt8]) -> (frames: Int, requests: Int, wrong: Int) {
        var decoder = FrameDecoder()
        var frames = 0
        var requests = 0
        var wrong = 0
        for (index, byte) in bytes.enumerated() where decoder.receive(byte) == .frame {
            frames += 1
            let received = Received(decoder)
            let sent = ReferenceFrame.bytes(received)
            if !bytes[...index].suffix(sent.count).elementsEqual(sent) { wrong += 1 }
            if case .request(let request) = Request.decode(decoder) {
                requests += 1
                let again = request.encode(packetNumber: decoder.packetNumber)
                if again.map(array) != sent { wrong += 1 }
            }
            if case .acknowledgement(let acknowledgement) = Acknowledgement.decode(decoder) {
                let again = acknowledgement.encode(packetNumber: decoder.packetNumber)
                if again.map(array) != sent { wrong += 1 }
            }
        }
        return (frames, requests, wrong)
    }

    private func randomPayload(_ numbers: inout SeededNumbers) -> [UInt8] {
        (0..<Int.random(in: 0...70, using: &numbers)).map { _ in UInt8.random(in: 0...255, using: &numbers) }
    }

    @Test(arguments: [UInt64(1), 20_260_101, 0xF00F_8155])
    func uniformNoiseIsNeverMisread(_ seed: UInt64) {
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        let bytes = (0..<30_000).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        #expect(checkStream(bytes).wrong == 0)
    }

    /// Noise made of the bytes that mean something, with header beginnings in between.
    @Test(arguments: [UInt64(2), 77, 0x0F0F_0F0F])
    func noiseOfMeaningfulBytesIsNeverMisread(_ seed: UInt64) {
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        let words: [[UInt8]] = [
            [0xF0], [0x0F], [0x81], [0x81, 0x55], [0x81, 0x59], [0x81, 0x58], [0x81, 0xF0], [0x81, 0x0F], [0x81, 0xA5],
            [0x81, 0x5A], [0x81, 0xD4], [0x55], [0x00], [0xF0, 0x81, 0x55, 0x81, 0x59],
        ]
        let bytes = (0..<20_000).flatMap { _ in words[Int.random(in: 0..<words.count, using: &numbers)] }
        #expect(checkStream(bytes).wrong == 0)
    }

    /// Golden frames with bytes changed, lost, doubled and put in, so that much of the stream is nearly right.
    @Test(arguments: [UInt64(3), 4_711, 0xDEAD_BEEF])
    func damagedFramesAreNeverMisread(_ seed: UInt64) {
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<3_000 {
            let goldens = FrameDecoderTests.goldens
            var frame = goldens[Int.random(in: 0..<goldens.count, using: &numbers)]
            for _ in 0..<Int.random(in: 0...3, using: &numbers) {
                let place = Int.random(in: 0..<frame.count, using: &numbers)
                switch Int.random(in: 0...3, using: &numbers) {
                case 0: frame[place] = UInt8.random(in: 0...255, using: &numbers)
                case 1: frame.remove(at: place)
                case 2: frame.insert(UInt8.random(in: 0...255, using: &numbers), at: place)
                default: frame.insert(frame[place], at: place)
                }
                if frame.isEmpty { break }
            }
            bytes += frame
        }
        let result = checkStream(bytes)
        #expect(result.wrong == 0)
        // About a quarter of the frames was left whole; a decoder that had gone deaf would hear fewer.
        #expect(result.frames > 600)
        #expect(result.requests > 200)
    }

    /// Valid frames with payloads of noise behind real command numbers: the readers of messages, not of frames.
    @Test(arguments: [UInt64(5), 1_234_567, 0xABCD_EF01])
    func validFramesWithNoiseInsideAreNeverMisread(_ seed: UInt64) {
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        let commands = [0, 1, 2, 3, 4, 5, 30, 31, 32, 33, 34, 35, 36, 37, 52, 53, 58, 59, 62, 63, 66, 67, 68, 69]
        var bytes: [UInt8] = []
        var sent = 0
        for _ in 0..<1_000 {
            let command = commands[Int.random(in: 0..<commands.count, using: &numbers)]
            bytes += ReferenceFrame.bytes(
                packetNumber: Int.random(in: 0...63, using: &numbers), command: command,
                payload: randomPayload(&numbers))
            sent += 1
        }
        let result = checkStream(bytes)
        #expect(result.frames == sent)
        #expect(result.wrong == 0)
    }
}
