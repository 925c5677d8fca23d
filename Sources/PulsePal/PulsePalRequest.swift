/// Which firmware is spoken to. Its number comes with the handshake; nothing else is supported (`pulsepal.md` 9).
public enum PulsePalFirmware: UInt8, Sendable {
    /// 2.0.1: confirms whatever it read.
    case version21 = 21
    /// Of 2026: refuses, and reads its parameters back.
    case version22 = 22

    /// By the number of the handshake; nothing for one that this program does not know.
    @_noLocks public init?(version: UInt32) {
        switch version {
        case 21: self = .version21
        case 22: self = .version22
        default: return nil
        }
    }

    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: PulsePalFirmware, b: PulsePalFirmware) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: PulsePalFirmware, b: PulsePalFirmware) -> Bool { !(a == b) }
}

/// What a host asks of a Pulse Pal (`pulsepal.md` 3 and 9). Only the layout: channels and values are not judged.
public enum PulsePalRequest: Equatable, Sendable {
    case handshake
    case programAll(PulsePalProgram)
    /// Parameter code of `pulsepal.md` 3.2, channel or trigger input from 1, value.
    case programOne(parameter: UInt8, channel: UInt8, value: UInt32)
    /// A stored train by its number from 1; firmware 21 has two.
    case customTrain(number: UInt8, PulsePalTrain)
    /// Bit 0 is channel 1. Not confirmed.
    case softTrigger(mask: UInt8)
    /// Not confirmed. A character FE begins the second line.
    case display(PulsePalText)
    /// Direct voltage at once, until something else changes that channel.
    case fixedVoltage(channel: UInt8, code: UInt16)
    /// All outputs to resting voltage. Not confirmed, and undone by a soft trigger that was kept.
    case abort
    /// As `abort`, and the display says so. Not confirmed.
    case disconnect
    /// Firmware 21 starts the train with it.
    case continuous(channel: UInt8, isOn: Bool)
    case readFile
    case writePin(pin: UInt8, level: UInt8)
    case readPin(pin: UInt8)
    /// Six characters. Not confirmed.
    case clientName(PulsePalText)
    /// 1 save, 2 load, 3 delete.
    case settingsFile(operation: UInt8, name: PulsePalText)
    /// Firmware 22: one parameter for four channels, or for two trigger inputs (code 128, the first two values).
    case programAcross(parameter: UInt8, PulsePalQuad)
    /// Firmware 22: everything, grouped by parameter, continuous flags included.
    case programGrouped(PulsePalProgram)
    /// Firmware 22: all parameters in use, answered with 178 bytes.
    case readParameters
    /// Firmware 22.
    case readHardware
    /// Firmware 22: zero-code offset, two's complement.
    case calibrateZero(channel: UInt8, offset: UInt16)
    /// Firmware 22.
    case formatCard
    /// Firmware 22: bit 0 is channel 1. Not confirmed.
    case stopChannels(mask: UInt8)

    /// The op on the wire.
    public var operation: UInt8 {
        @_noLocks get {
            switch self {
            case .handshake: return 72
            case .programAll: return 73
            case .programOne: return 74
            case .customTrain(let number, _): return number == 1 ? 75 : number == 2 ? 76 : 95
            case .softTrigger: return 77
            case .display: return 78
            case .fixedVoltage: return 79
            case .abort: return 80
            case .disconnect: return 81
            case .continuous: return 82
            case .readFile: return 85
            case .writePin: return 86
            case .readPin: return 87
            case .clientName: return 89
            case .settingsFile: return 90
            case .programAcross: return 91
            case .programGrouped: return 92
            case .readParameters: return 93
            case .readHardware: return 94
            case .calibrateZero: return 96
            case .formatCard: return 97
            case .stopChannels: return 98
            }
        }
    }

    @_noLocks public static func == (a: PulsePalRequest, b: PulsePalRequest) -> Bool {
        switch (a, b) {
        case (.handshake, .handshake), (.abort, .abort), (.disconnect, .disconnect), (.readFile, .readFile),
            (.readParameters, .readParameters), (.readHardware, .readHardware), (.formatCard, .formatCard):
            return true
        case (.programAll(let x), .programAll(let y)): return x == y
        case (.programGrouped(let x), .programGrouped(let y)): return x == y
        case (.programOne(let p, let c, let v), .programOne(let q, let d, let w)): return p == q && c == d && v == w
        case (.customTrain(let n, let x), .customTrain(let m, let y)): return n == m && x == y
        case (.softTrigger(let x), .softTrigger(let y)): return x == y
        case (.stopChannels(let x), .stopChannels(let y)): return x == y
        case (.display(let x), .display(let y)): return x == y
        case (.clientName(let x), .clientName(let y)): return x == y
        case (.fixedVoltage(let c, let x), .fixedVoltage(let d, let y)): return c == d && x == y
        case (.continuous(let c, let x), .continuous(let d, let y)): return c == d && x == y
        case (.writePin(let p, let x), .writePin(let q, let y)): return p == q && x == y
        case (.readPin(let x), .readPin(let y)): return x == y
        case (.settingsFile(let o, let x), .settingsFile(let p, let y)): return o == p && x == y
        case (.programAcross(let p, let x), .programAcross(let q, let y)): return p == q && x == y
        case (.calibrateZero(let c, let x), .calibrateZero(let d, let y)): return c == d && x == y
        default: return false
        }
    }
}

/// How wide a parameter's value is on the wire, in bytes; 0 for a code that the firmware does not know.
enum PulsePalParameter {
    @_noLocks static func width(_ parameter: UInt8, _ firmware: PulsePalFirmware) -> Int {
        switch parameter {
        case 1, 12, 13, 14, 15, 16, 128: return 1
        case 18: return firmware == .version22 ? 1 : 0
        case 2, 3, 17: return 2
        case 4...11: return 4
        default: return 0
        }
    }

    static var triggerMode: UInt8 { @_noLocks get { 128 } }
}
