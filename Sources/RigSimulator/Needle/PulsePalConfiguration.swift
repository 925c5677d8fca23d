public import PulsePal

/// What the firmware does with a command whose rest does not come (`pulsepal.md` 7).
public enum CutCommandBehaviour: Equatable, Sendable {
    /// Its clock stands still inside the interrupt, so it waits for ever with the output frozen (infer).
    case waitsForEver
    /// Its limit works: after so long it goes on with whatever it has, and then waits for the joystick.
    case failsAfter(milliseconds: Int64)
}

/// What firmware 21 does with a channel outside 1 to 4: it writes outside its arrays.
public enum BadChannelBehaviour: Equatable, Sendable {
    /// What it hits is not seen (infer).
    case hitsNothing
    /// It hits another channel's setting (infer).
    case hitsAnotherChannel
}

/// What a pretend Pulse Pal is made of. Every "(infer)" and "(unverified)" of `pulsepal.md` is a switch here.
public struct PulsePalConfiguration: Sendable {
    public var firmware: PulsePalFirmware
    public var cutCommand: CutCommandBehaviour
    public var badChannel: BadChannelBehaviour
    /// After the click on the joystick, in milliseconds (`pulsepal.md` 7: 2 s).
    public var recoveryMilliseconds: Int64
    /// From power to the first command, in milliseconds (proposal).
    public var startUpMilliseconds: Int64
    /// The settings file of firmware 21's start; nothing is an invalid one, so that the defaults hold.
    public var startUpFile: PulsePalProgram?
    /// What the outputs do when the supply goes (unverified): this code for so many microseconds, then 0 V.
    public var powerTransientCode: UInt16
    public var powerTransientMicroseconds: Int64
    /// Kept soft triggers in firmware 22, which was read and not run (infer).
    public var keepsSoftTriggers: Bool

    public init(firmware: PulsePalFirmware = .version21) {
        self.firmware = firmware
        cutCommand = .waitsForEver
        badChannel = .hitsNothing
        recoveryMilliseconds = 2_000
        startUpMilliseconds = 1_000
        startUpFile = nil
        powerTransientCode = PulsePalCode.zero
        powerTransientMicroseconds = 0
        keepsSoftTriggers = true
    }

    /// By the firmware's number, 21 or 22; nothing for another.
    public init?(version: UInt32) {
        guard let firmware = PulsePalFirmware(version: version) else { return nil }
        self.init(firmware: firmware)
    }

    /// The firmware's number as the handshake tells it.
    public var version: UInt32 { UInt32(firmware.rawValue) }

    /// Monophasic +5 V, 100 µs every 1.1 ms for 1 s, input 1 linked to all four outputs (`pulsepal.md` 7). The times of
    /// the second phase and its voltage are those of the wiki's parameter guide.
    public static var defaults: PulsePalProgram {
        var program = PulsePalProgram.silent
        for number in UInt8(1)...4 {
            var channel = PulsePalChannel()
            channel.isBiphasic = false
            channel.phase1Code = 49_152
            channel.phase2Code = 16_384
            channel.phase1Cycles = 2
            channel.interphaseCycles = 2
            channel.phase2Cycles = 2
            channel.interpulseCycles = 20
            channel.trainCycles = 20_000
            channel.isLinkedToFirst = true
            program[channel: number] = channel
        }
        return program
    }
}

/// One change of one output.
public struct OutputChange: Equatable, Sendable {
    public let atNanoseconds: Int64
    /// 1 to 4.
    public let channel: UInt8
    public let code: UInt16
    /// A running train was stopped from outside by this change: abort, click, gate, loss of power.
    public let isCut: Bool
}
