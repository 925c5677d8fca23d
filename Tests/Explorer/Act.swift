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
        var word = UInt32(command.code) | UInt32(place.code) << 4 | (isStale ? 1 : 0) << 5 | (stops ? 1 : 0) << 6
        word |= UInt32(channelStops) << 7 | (hostFails ? 1 : 0) << 9 | (oversleeps ? 1 : 0) << 10
        word |= device.rawValue << 11 | first.rawValue << 13 | second.rawValue << 15
        return word | board.rawValue << 17 | turn.rawValue << 19
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
