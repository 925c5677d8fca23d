internal import ScienceMode4

/// Accepted must mean: exactly what an encoder would have sent was just received.
enum P24Properties {
    /// Any bytes on the line.
    static func stream(_ bytes: [UInt8]) -> String? {
        var decoder = FrameDecoder()
        for (index, byte) in bytes.enumerated() where decoder.receive(byte) == .frame {
            let sent = PlainFrame(decoder).bytes
            guard bytes[...index].suffix(sent.count).elementsEqual(sent) else {
                return "the frame that ends at byte \(index) is not what an encoder sends"
            }
            if let broken = reading(decoder, sent: sent) { return "at byte \(index): \(broken)" }
        }
        return nil
    }

    /// Two bytes of packet and command number, then the payload, in a frame of their own.
    static func payload(_ bytes: [UInt8]) -> String? {
        var reader = InputReader(bytes)
        let prefix = reader.short()
        let frame = PlainFrame(prefix: prefix, payload: reader.rest()).bytes
        var decoder = FrameDecoder()
        var isRead = false
        for (index, byte) in frame.enumerated() where decoder.receive(byte) == .frame {
            guard index == frame.count - 1 else { return "a frame ended at byte \(index) of \(frame.count)" }
            isRead = true
        }
        // 1200 bytes are the longest that a receiver takes.
        guard frame.count <= 1_200 else { return isRead ? "a frame of \(frame.count) bytes was read" : nil }
        guard isRead else { return "a whole frame of \(frame.count) bytes was not read: \(decoder.defect)" }
        guard PlainFrame(decoder).bytes == frame else { return "the frame was read as another" }
        return reading(decoder, sent: frame)
    }

    /// What is read as a request or an acknowledgement encodes to the very bytes that it was read from.
    private static func reading(_ decoder: FrameDecoder, sent: [UInt8]) -> String? {
        if case .request(let request) = Request.decode(decoder) {
            guard let again = request.encode(packetNumber: decoder.packetNumber) else {
                // The one kind that can be longer than what this house writes.
                return sent.count > FrameBytes.longestWritten ? nil : "a request cannot be encoded again"
            }
            if !matches(again, sent) { return "a request is encoded differently" }
        }
        if case .acknowledgement(let acknowledgement) = Acknowledgement.decode(decoder) {
            guard let again = acknowledgement.encode(packetNumber: decoder.packetNumber) else {
                return "an acknowledgement cannot be encoded again"
            }
            if !matches(again, sent) { return "an acknowledgement is encoded differently" }
        }
        return nil
    }

    private static func matches(_ frame: FrameBytes, _ sent: [UInt8]) -> Bool {
        var frame = frame
        guard frame.count == sent.count else { return false }
        for index in 0..<sent.count where frame.byte(at: index) != sent[index] { return false }
        return true
    }
}

/// The frame layout once more, written from the description alone with other means (in arrays, bit by bit).
struct PlainFrame {
    var prefix: Int
    var payload: [UInt8]

    init(prefix: Int, payload: [UInt8]) {
        self.prefix = prefix
        self.payload = payload
    }

    init(_ decoder: FrameDecoder) {
        var decoder = decoder
        prefix = Int(decoder.packetNumber) << 10 | Int(decoder.commandNumber)
        payload = []
        payload.reserveCapacity(decoder.payloadCount)
        for index in 0..<decoder.payloadCount { payload.append(decoder.byte(at: index)) }
    }

    var bytes: [UInt8] {
        var stuffed: [UInt8] = []
        for byte in [UInt8(prefix >> 8 & 255), UInt8(prefix & 255)] + payload {
            if byte == 0xF0 || byte == 0x0F || byte == 0x81 {
                stuffed += [0x81, byte ^ 0x55]
            } else {
                stuffed.append(byte)
            }
        }
        let length = stuffed.count + 10
        let code = PlainFrame.remainder(stuffed)
        var frame: [UInt8] = [0xF0]
        for value in [length >> 8 & 255, length & 255, code >> 8, code & 255] { frame += [0x81, UInt8(value) ^ 0x55] }
        return frame + stuffed + [0x0F]
    }

    /// Division by x^16 + x^12 + x^5 + 1, one bit at a time.
    static func remainder(_ bytes: [UInt8]) -> Int {
        var rest = 0
        for byte in bytes {
            for bit in (0..<8).reversed() {
                let carry = (rest >> 15) ^ (Int(byte) >> bit & 1)
                rest = (rest << 1) & 0xFFFF
                if carry == 1 { rest ^= 0x1021 }
            }
        }
        return rest
    }
}
