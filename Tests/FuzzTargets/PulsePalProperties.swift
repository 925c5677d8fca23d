internal import PulsePal

/// The Pulse Pal's wire has no checksum, so any bytes are a command sooner or later. What must hold: the same request
/// comes back when it is sent again, and no command is longer than it says.
enum PulsePalProperties {
    /// First byte: firmware, and whether a request is sent again behind its own.
    static func requests(_ bytes: [UInt8]) -> String? {
        let firmware: PulsePalFirmware = (bytes.first ?? 0) & 1 == 0 ? .version21 : .version22
        var decoder = PulsePalRequestDecoder(firmware)
        for (index, byte) in bytes.dropFirst().enumerated() {
            let expected = decoder.missing
            let wasInside = decoder.isInside
            let event = decoder.receive(byte)
            guard decoder.isInside == (event == .more) else { return "byte \(index): inside and \(event)" }
            if event == .skipped, wasInside { return "byte \(index): skipped inside a command" }
            if wasInside, expected <= 0 { return "byte \(index): inside, but \(expected) bytes are missing" }
            if decoder.isInside, decoder.missing <= 0 { return "byte \(index): nothing is missing" }
            guard event == .request else { continue }
            guard let request = decoder.request() else { return "byte \(index): complete, and no request" }
            if let broken = again(request, firmware) { return "byte \(index): \(broken)" }
        }
        return nil
    }

    /// A request that can be sent is the one that the device reads.
    private static func again(_ request: PulsePalRequest, _ firmware: PulsePalFirmware) -> String? {
        guard var bytes = request.encode(for: firmware) else { return nil }
        var decoder = PulsePalRequestDecoder(firmware)
        for index in 0..<bytes.count {
            let event = decoder.receive(bytes.byte(at: index))
            guard event == (index == bytes.count - 1 ? .request : .more) else {
                return "sent again, byte \(index) of \(bytes.count) led to \(event)"
            }
        }
        return decoder.request() == request ? nil : "sent again, it is another request"
    }

    /// First byte: which reply is awaited.
    static func replies(_ bytes: [UInt8]) -> String? {
        let kinds: [PulsePalReplyKind] = [.none, .handshake, .confirmation, .parameters, .other]
        let kind = kinds[Int(bytes.first ?? 0) % kinds.count]
        var reader = PulsePalReplyReader(awaiting: kind)
        var isOver = false
        for (index, byte) in bytes.dropFirst().enumerated() {
            let before = reader.count
            let event = reader.receive(byte)
            if isOver, event != .wrong { return "byte \(index): \(event) behind a complete reply" }
            if event == .complete {
                guard reader.count == kind.length, before == kind.length - 1 else {
                    return "byte \(index): complete with \(reader.count) bytes"
                }
                if let broken = complete(&reader, kind, bytes) { return broken }
                isOver = true
            }
            if event == .more, reader.count >= kind.length { return "byte \(index): more than \(kind.length) bytes" }
            if event == .wrong { return nil }
        }
        return nil
    }

    private static func complete(
        _ reader: inout PulsePalReplyReader, _ kind: PulsePalReplyKind, _ bytes: [UInt8]
    ) -> String? {
        let own = Array(bytes.dropFirst().prefix(kind.length))
        func same(_ sent: PulsePalBytes) -> Bool {
            var sent = sent
            guard sent.count == own.count else { return false }
            for index in 0..<own.count where sent.byte(at: index) != own[index] { return false }
            return true
        }
        switch kind {
        case .handshake:
            guard let version = reader.version() else { return "a handshake without a version" }
            return same(PulsePalReply.handshake(version: version)) ? nil : "another handshake"
        case .confirmation: return reader.isConfirmed() == nil ? "no word in a confirmation" : nil
        case .parameters:
            guard let program = reader.parameters() else { return "complete, and no parameters" }
            return same(PulsePalReply.parameters(program)) ? nil : "other parameters"
        case .none, .other: return "a reply that has no bytes is complete"
        }
    }
}
