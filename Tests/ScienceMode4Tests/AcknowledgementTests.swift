import ScienceMode4
import StimulusModel
import Testing

/// What a host makes of answers that are not as documented.
@Suite struct AcknowledgementTests {
    private func reading(_ command: UInt16, _ payload: [UInt8]) throws -> AcknowledgementReading {
        let bytes = ReferenceFrame.bytes(packetNumber: 5, command: Int(command), payload: payload)
        return Acknowledgement.decode(try decoder(after: bytes))
    }

    private static let resultOnlyCommands: [UInt16] = [1, 5, 31, 33, 35, 59, 66, 67]

    @Test func everyResultKeepsItsRawNumber() throws {
        for command in Self.resultOnlyCommands + [53, 63, 69, 3] {
            for raw in UInt8(0)...255 {
                let payload: [UInt8]
                switch command {
                case 53: payload = [raw] + [UInt8](repeating: 0x41, count: 10)
                case 63: payload = [raw, 0, 1]
                case 69: payload = [raw] + [UInt8](repeating: 1, count: 12)
                case 3: payload = [raw, 0, 0]
                default: payload = [raw]
                }
                guard case .acknowledgement(let acknowledgement) = try reading(command, payload) else {
                    Issue.record("command \(command), result \(raw) was not read")
                    continue
                }
                #expect(acknowledgement.result.rawValue == raw)
                #expect(acknowledgement.commandNumber == command)
            }
        }
    }

    @Test func onlyDocumentedResultsAreNamed() {
        let named: Set<UInt8> = [0, 1, 2, 3, 4, 7, 8, 10, 11, 16, 28]
        for raw in UInt8(0)...255 { #expect(ResultCode(rawValue: raw).isNamed == named.contains(raw)) }
    }

    /// A level or voltage without a name must not pass for "off".
    @Test func anUnknownStatusEqualsNoKnownOne() throws {
        for level in UInt8(0)...255 {
            for voltage in UInt8(0)...255 where level < 4 || voltage < 8 || level == voltage {
                let status = Acknowledgement.stimStatus(
                    .ok, StimulationLevel(rawValue: level), HighVoltage(rawValue: voltage))
                let frame = try #require(status.encode(packetNumber: 5))
                let read = Acknowledgement.decode(try decoder(after: array(frame)))
                let isOff = read == .acknowledgement(.stimStatus(.ok, .none, .off))
                #expect(isOff == (level == 0 && voltage == 1))
            }
        }
    }

    @Test func onlyTheDocumentedLengthIsRead() throws {
        for golden in GoldenFrames.acknowledgements {
            let received = Received(try decoder(after: golden))
            for count in 0..<received.payload.count {
                let read = try reading(received.commandNumber, Array(received.payload.prefix(count)))
                #expect(read == .unreadable(.length), "command \(received.commandNumber), \(count) bytes")
            }
            for extra in 1...3 {
                let payload = received.payload + [UInt8](repeating: 0, count: extra)
                #expect(try reading(received.commandNumber, payload) == .unreadable(.length))
            }
        }
    }

    @Test func aChannelOrMeasurementThatDoesNotExistIsUnreadable() throws {
        for place in UInt8(0)...255 {
            let read = try reading(3, [0, place, 0])
            if place >> 4 <= 1, place & 0xF <= 3 {
                let number = (place >> 4) * 4 + (place & 0xF) + 1
                #expect(read == .acknowledgement(.lowLevelChannelConfig(.ok, try channel(number), nil)))
            } else {
                #expect(read == .unreadable(.value))
            }
        }
        for measurement in UInt8(4)...255 { #expect(try reading(3, [0, 0, measurement]) == .unreadable(.value)) }
        for selection in UInt8(0)...255 where !(2...4).contains(selection) {
            #expect(try reading(37, [0, selection, 0, 0, 0, 0, 0]) == .unreadable(.value))
        }
    }

    @Test func noOtherNumberIsAnAcknowledgement() throws {
        let known = Set(Self.resultOnlyCommands + [3, 37, 53, 63, 69])
        for command in UInt16(0)..<1024 {
            let isUnknown = try reading(command, [0]) == .unreadable(.commandNumber)
            #expect(isUnknown == !known.contains(command), "command \(command)")
        }
    }

    @Test func samplesOfNoMeasurementCannotBeMade() {
        #expect(MeasuredSamples(measurement: .none, samplingTimeMicroseconds: 10) == nil)
    }

    @Test func samplesArriveAsTheyWereSentWhateverTheirBytes() throws {
        let seed: UInt64 = 0x5A3B_1E55
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        for _ in 0..<50 {
            let kind = try #require(Measurement(code: UInt8.random(in: 1...3, using: &numbers)))
            var samples = try #require(
                MeasuredSamples(
                    measurement: kind, samplingTimeMicroseconds: UInt16.random(in: 0...65_535, using: &numbers)))
            for index in 0..<MeasuredSamples.count {
                samples[index] = [0x0F0F, 0xF0F0, 0x8181, UInt16.random(in: 0...65_535, using: &numbers)][index % 4]
            }
            let sent = Acknowledgement.lowLevelChannelConfig(.ok, try channel(5), samples)
            let frame = try #require(sent.encode(packetNumber: 9))
            #expect(Acknowledgement.decode(try decoder(after: array(frame))) == .acknowledgement(sent))
        }
    }
}
