/// What a request is answered with.
public enum PulsePalReplyKind: UInt8, Sendable {
    case none = 0
    /// 4B and the firmware's number, 5 bytes.
    case handshake = 1
    /// One byte: 1, or 0 from firmware 22 when it refused.
    case confirmation = 2
    /// 178 bytes of parameters in use, in the order of op 92 without the continuous flags.
    case parameters = 3
    /// Of an op that a host of this house does not use.
    case other = 4

    public var code: UInt8 { @_noLocks get { rawValue } }

    /// Bytes, as far as they are fixed.
    public var length: Int {
        @_noLocks get {
            switch self {
            case .none, .other: return 0
            case .handshake: return 5
            case .confirmation: return 1
            case .parameters: return 178
            }
        }
    }

    @_noLocks public static func == (a: PulsePalReplyKind, b: PulsePalReplyKind) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: PulsePalReplyKind, b: PulsePalReplyKind) -> Bool { !(a == b) }
}

extension PulsePalRequest {
    /// Trigger, abort and stop are not confirmed: a handshake after them proves that they were read.
    public var replyKind: PulsePalReplyKind {
        @_noLocks get {
            switch self {
            case .handshake: return .handshake
            case .programAll, .programOne, .customTrain, .fixedVoltage, .continuous, .programAcross, .programGrouped,
                .calibrateZero, .formatCard:
                return .confirmation
            case .readParameters: return .parameters
            case .softTrigger, .display, .abort, .disconnect, .writePin, .clientName, .stopChannels: return .none
            case .readFile, .readPin, .settingsFile, .readHardware: return .other
            }
        }
    }
}

/// What one received byte led to, at the host.
public enum PulsePalReplyEvent: UInt8, Sendable {
    /// The reply is not complete.
    case more = 0
    /// The reply is complete and reads as one.
    case complete = 1
    /// This is no such reply.
    case wrong = 2

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: PulsePalReplyEvent, b: PulsePalReplyEvent) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: PulsePalReplyEvent, b: PulsePalReplyEvent) -> Bool { !(a == b) }
}

/// Reads the one reply that is awaited. Replies carry no name: only the order of the questions tells them apart.
public struct PulsePalReplyReader: Sendable {
    public let awaited: PulsePalReplyKind
    private var bytes = PulsePalBytes()

    @_noLocks public init(awaiting kind: PulsePalReplyKind) { awaited = kind }

    @_noLocks public mutating func receive(_ byte: UInt8) -> PulsePalReplyEvent {
        guard bytes.count < awaited.length else { return .wrong }
        bytes.put(byte)
        switch awaited {
        case .handshake where bytes.count == 1 && byte != 0x4B: return .wrong
        case .confirmation where byte > 1: return .wrong
        default: break
        }
        guard bytes.count == awaited.length else { return .more }
        guard awaited == .parameters else { return .complete }
        var reader = PulsePalReader(bytes)
        _ = PulsePalProgram.readByParameter(&reader, withContinuous: false)
        return reader.isStrict ? .complete : .wrong
    }

    /// Bytes of it so far.
    public var count: Int { @_noLocks get { bytes.count } }

    /// The firmware's number; nothing before the handshake's reply is complete.
    @_noLocks public mutating func version() -> UInt32? {
        guard awaited == .handshake, bytes.count == 5 else { return nil }
        var reader = PulsePalReader(bytes, from: 1)
        return reader.long()
    }

    /// Done or, by firmware 22, refused; nothing before the byte has come.
    @_noLocks public mutating func isConfirmed() -> Bool? {
        guard awaited == .confirmation, bytes.count == 1 else { return nil }
        return bytes.byte(at: 0) == 1
    }

    /// The parameters in use, not continuous on any channel since that is not told; nothing before all bytes have come,
    /// or if one that can only be 0 or 1 is another.
    @_noLocks public mutating func parameters() -> PulsePalProgram? {
        guard awaited == .parameters, bytes.count == 178 else { return nil }
        var reader = PulsePalReader(bytes)
        let program = PulsePalProgram.readByParameter(&reader, withContinuous: false)
        return reader.isStrict ? program : nil
    }
}

/// Replies as a device sends them.
public enum PulsePalReply {
    @_noLocks public static func handshake(version: UInt32) -> PulsePalBytes {
        var bytes = PulsePalBytes()
        bytes.put(UInt8(0x4B))
        bytes.put(version)
        return bytes
    }

    @_noLocks public static func parameters(_ program: PulsePalProgram) -> PulsePalBytes {
        var bytes = PulsePalBytes()
        program.writeByParameter(withContinuous: false, to: &bytes)
        return bytes
    }

    /// Op 90's answer to a load, by firmware 21.
    @_noLocks public static func loaded(_ program: PulsePalProgram) -> PulsePalBytes {
        var bytes = PulsePalBytes()
        program.writeByChannel(to: &bytes)
        return bytes
    }

    /// Op 85.
    @_noLocks public static func file(_ program: PulsePalProgram) -> PulsePalBytes {
        var bytes = PulsePalBytes()
        program.writeAsFile(to: &bytes)
        return bytes
    }

    /// Op 94: hardware version, timer period in µs, stored trains, pulses in each.
    @_noLocks public static func hardware(
        version: UInt8, cycleMicroseconds: UInt32, trains: UInt8, pulses: UInt32
    ) -> PulsePalBytes {
        var bytes = PulsePalBytes()
        bytes.put(version)
        bytes.put(cycleMicroseconds)
        bytes.put(trains)
        bytes.put(pulses)
        return bytes
    }
}
