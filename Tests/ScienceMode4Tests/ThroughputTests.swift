import ScienceMode4
import StimulusModel
import Testing

/// How many frames a second, as a figure to read in a release build; what is asserted is that they arrive.
@Suite(.serialized) struct ThroughputTests {
    private func report(_ what: String, _ count: Int, _ duration: Duration) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        print("\(what): \(Int(Double(count) / seconds)) frames/s")
    }

    @Test func pulsesAreEncodedAndDecoded() throws {
        #if DEBUG
            let count = 1_000
        #else
            let count = 200_000
        #endif
        var pulses: [Request] = []
        for step in Int32(1)...64 {
            pulses.append(.lowLevelChannelConfig(try configuration(1, [(250, step), (100, 0), (250, -step)])))
        }
        var decoder = FrameDecoder()
        var arrived = 0
        var encoding: Duration = .zero
        var decoding: Duration = .zero
        let clock = ContinuousClock()
        for number in 0..<count / 1_000 {
            var frames: [FrameBytes] = []
            frames.reserveCapacity(1_000)
            encoding += clock.measure {
                for index in 0..<1_000 {
                    let packetNumber = UInt8((number + index) % 64)
                    if let frame = pulses[index % 64].encode(packetNumber: packetNumber) { frames.append(frame) }
                }
            }
            decoding += clock.measure {
                for index in frames.indices {
                    var frame = frames[index]
                    for byte in 0..<frame.count where decoder.receive(frame.byte(at: byte)) == .frame {
                        if Request.decode(decoder) == .request(pulses[index % 64]) { arrived += 1 }
                    }
                }
            }
        }
        #expect(arrived == count)
        report("pulses encoded and read back", count, encoding)
        report("pulses decoded and compared", count, decoding)
        report("pulses encoded, then decoded", count, encoding + decoding)
    }

    @Test func pulseAcknowledgementsAreDecoded() throws {
        #if DEBUG
            let count = 1_000
        #else
            let count = 1_000_000
        #endif
        let bytes = GoldenFrames.a09
        var decoder = FrameDecoder()
        var arrived = 0
        let expected = AcknowledgementReading.acknowledgement(.lowLevelChannelConfig(.ok, try channel(1), nil))
        let duration = ContinuousClock().measure {
            for _ in 0..<count {
                for byte in bytes where decoder.receive(byte) == .frame {
                    if Acknowledgement.decode(decoder) == expected { arrived += 1 }
                }
            }
        }
        #expect(arrived == count)
        report("acknowledgements decoded", count, duration)
    }
}
