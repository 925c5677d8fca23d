// What the world may do in one step: the person, the stimulator, the board, the host's own misfortunes.
import SessionEngine
import StimulusModel

/// What became of the pulse under way.
enum News: UInt32 {
    case nothing, delivered, notDelivered, unknown
}

enum DeviceMove: UInt32 {
    case stay
    /// Known and off; energised; verified off: whatever comes next.
    case progress
    case fail
    /// It restarted, or the line went and came.
    case fallOut
}

enum BoardMove: UInt32 {
    case none, emergencyStop, button, weld
}

/// What is no step of the host.
enum Turn: UInt32 {
    case step
    /// Nobody does anything until half a second before the next slow clock rings.
    case wait
    /// Only from a final state: a new session on the same rig.
    case newSession
    /// The host is killed, and started again by somebody.
    case kill
}

/// One transition, in a word.
struct Act: Hashable {
    var command = OperatorCommand.none
    var place = ChannelPlace.first
    var isStale = false
    var stops = false
    var channelStops: UInt8 = 0
    var hostFails = false
    var oversleeps = false
    var device = DeviceMove.stay
    var first = News.nothing
    var second = News.nothing
    var board = BoardMove.none
    var turn = Turn.step

    init() {}

    init(_ turn: Turn) { self.turn = turn }

    var word: UInt32 {
        var word: UInt32 = 0
        func add(_ value: UInt32, at bit: UInt32) { word |= value << bit }
        add(UInt32(command.code), at: 0)
        add(UInt32(place.code), at: 4)
        add(isStale ? 1 : 0, at: 5)
        add(stops ? 1 : 0, at: 6)
        add(UInt32(channelStops), at: 7)
        add(hostFails ? 1 : 0, at: 9)
        add(oversleeps ? 1 : 0, at: 10)
        add(device.rawValue, at: 11)
        add(first.rawValue, at: 13)
        add(second.rawValue, at: 15)
        add(board.rawValue, at: 17)
        add(turn.rawValue, at: 19)
        return word
    }

    init(word: UInt32) {
        command = OperatorCommand(rawValue: UInt8(word & 15)) ?? .none
        place = word >> 4 & 1 == 1 ? .second : .first
        isStale = word >> 5 & 1 == 1
        stops = word >> 6 & 1 == 1
        channelStops = UInt8(word >> 7 & 3)
        hostFails = word >> 9 & 1 == 1
        oversleeps = word >> 10 & 1 == 1
        device = DeviceMove(rawValue: word >> 11 & 3) ?? .stay
        first = News(rawValue: word >> 13 & 3) ?? .nothing
        second = News(rawValue: word >> 15 & 3) ?? .nothing
        board = BoardMove(rawValue: word >> 17 & 3) ?? .none
        turn = Turn(rawValue: word >> 19 & 3) ?? .step
    }

    /// For a person to read.
    var text: String {
        guard turn == .step else {
            switch turn {
            case .wait: return "nobody does anything until a slow clock is about to ring"
            case .newSession: return "a new session begins on the same rig"
            default: return "the host is killed and started again"
            }
        }
        var parts: [String] = []
        if command != .none {
            parts.append("\(isStale ? "stale " : "")key \(command)\(place == .second ? " (second channel)" : "")")
        }
        if stops { parts.append("STOP") }
        if channelStops > 0 { parts.append("stop of channels \(channelStops)") }
        if hostFails { parts.append("the host finds a fault") }
        if oversleeps { parts.append("wakes up a second too late") }
        switch device {
        case .stay: break
        case .progress: parts.append("the stimulator gets on")
        case .fail: parts.append("the stimulator FAILS")
        case .fallOut: parts.append("the stimulator falls out")
        }
        if first != .nothing { parts.append("pulse \(first)") }
        if second != .nothing { parts.append("second pulse \(second)") }
        switch board {
        case .none: break
        case .emergencyStop: parts.append("emergency stop pressed or released")
        case .button: parts.append("patient button pressed or released")
        case .weld: parts.append("the relay welds")
        }
        return parts.isEmpty ? "nothing happens" : parts.joined(separator: ", ")
    }
}
