import Foundation
import ScienceMode4
import StimulusModel
import Testing

/// Random requests as the unmodified MIT-licensed client encoded them (`Tests/Clients/wire_vectors.py` says how).
@Suite struct ClientVectorTests {
    struct Unreadable: Error { var line: Substring }

    private static func integers<T: FixedWidthInteger>(_ text: Substring, _ separator: Character) throws -> [T] {
        try text.split(separator: separator).map { word in
            guard let number = T(word) else { throw Unreadable(line: text) }
            return number
        }
    }

    private static func points(_ text: Substring) throws -> [(microseconds: Int32, halfMilliamperes: Int32)] {
        try text.split(separator: ",").map { word in
            let pair: [Int32] = try integers(word, ":")
            guard pair.count == 2 else { throw Unreadable(line: text) }
            return (pair[0], pair[1])
        }
    }

    private static func pattern(_ words: [Substring]) throws -> MidLevelUpdate {
        var update = MidLevelUpdate()
        for word in words {
            let fields = word.split(separator: ";")
            guard fields.count == 4, let number = UInt8(fields[0]), let ramp = UInt8(fields[1]),
                let period = Int32(fields[2])
            else { throw Unreadable(line: word) }
            update[try channel(number)] = try train(
                ramp: ramp, periodMicroseconds: period * 1_000, try points(fields[3]))
        }
        return update
    }

    private static func request(_ words: [Substring]) throws -> Request {
        switch (words[0], words.count) {
        case ("device_id", 1): return .getDeviceID
        case ("stim_status", 1): return .getStimStatus
        case ("version", 1): return .getExtendedVersion
        case ("reset", 1): return .reset
        case ("stop", 1): return .lowLevelStop
        case ("pattern_stop", 1): return .midLevelStop
        case ("pattern_data", 1): return .midLevelGetCurrentData(selection: 4)
        case ("pattern_init", 2): return .midLevelInit(stopAllOnError: words[1] == "1")
        case ("pattern", _): return .midLevelUpdate(try pattern(Array(words.dropFirst())))
        case ("init", 3):
            guard let mode = UInt8(words[1]), let voltage = UInt8(words[2]), let measurement = Measurement(code: mode)
            else { throw Unreadable(line: words[1]) }
            return .lowLevelInit(measurement: measurement, highVoltage: HighVoltage(rawValue: voltage))
        case ("pulse", 4):
            guard let number = UInt8(words[1]) else { throw Unreadable(line: words[1]) }
            let pulse = try configuration(number, execute: words[2] == "1", try points(words[3]))
            return .lowLevelChannelConfig(pulse)
        default: throw Unreadable(line: words[0])
        }
    }

    /// Checks one line in both directions; true when our encoder wrote the frame, false when it is one that the client
    /// makes too long for the vendor's microcontroller code and ours therefore refuses.
    private static func check(_ line: Substring) throws -> Bool {
        let words = line.split(separator: " ")
        guard let sign = words.firstIndex(of: "="), sign >= 2, words.count == sign + 2,
            let packetNumber = UInt8(words[0])
        else { throw Unreadable(line: line) }
        let request = try request(Array(words[1..<sign]))
        let hexadecimal = Array(words[sign + 1].utf8)
        let golden = stride(from: 0, to: hexadecimal.count - 1, by: 2).compactMap {
            UInt8(String(decoding: hexadecimal[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        try #require(golden.count * 2 == hexadecimal.count)
        let read = try decoder(after: golden)
        #expect(read.packetNumber == packetNumber, "\(line)")
        #expect(Request.decode(read) == .request(request), "\(line)")
        let frame = request.encode(packetNumber: packetNumber)
        if golden.count <= FrameBytes.longestWritten {
            #expect(frame.map(array) == golden, "\(line)")
        } else {
            #expect(frame == nil, "\(line)")
        }
        return frame != nil
    }

    private static func checkFile(_ url: URL) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        let encoded = try text.split(whereSeparator: \.isNewline).map(check)
        print("\(url.lastPathComponent): \(encoded.count) requests, \(encoded.count { $0 }) within our longest frame")
        #expect(encoded.count >= 200)
        #expect(encoded.count { $0 } * 2 > encoded.count)
    }

    @Test func ourFramesAreThoseOfTheMITClient() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        try Self.checkFile(tests.appending(path: "Clients/wire_vectors.txt"))
        if let fresh = ProcessInfo.processInfo.environment["MP_WIRE_VECTORS"] {
            try Self.checkFile(URL(filePath: fresh))
        }
    }
}
