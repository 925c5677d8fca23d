internal import SessionEngine
internal import StimulusModel

/// Keys that the loop has taken and not yet followed: one command a tick, what lowers before everything else.
struct PendingKeys {
    private var keys = InlineArray<2, UInt32>(repeating: 0)
    private var lowers = InlineArray<2, UInt32>(repeating: 0)

    /// What asks for more (`OperatorCommand.asksForMore`, one by one: nothing is made ready in the loop).
    static var rising: UInt32 {
        OperatorCommand.arm.bit | OperatorCommand.beginSearch.bit | OperatorCommand.beginTreatment.bit
            | OperatorCommand.raise.bit | OperatorCommand.resume.bit
    }
    private static var falling: UInt32 {
        OperatorCommand.zero.bit | OperatorCommand.pause.bit | OperatorCommand.endSearch.bit
    }
    /// As many presses that lower may wait, one a tick. More are a key that was held over a line that hung, and lead to
    /// 0 mA at once, so that they hold up nothing that falls on the other channel (proposal).
    private static let mostLowers: UInt32 = 20

    /// Takes what was pressed since the last tick.
    mutating func take(_ mailbox: ControlMailbox) {
        let (first, second) = mailbox.takePressed()
        keys[0] |= first
        keys[1] |= second
        let fresh = mailbox.takeLowers()
        lowers[0] &+= fresh.first
        lowers[1] &+= fresh.second
        // A pause is the last word on everything that came with it: nothing that asks for more follows it.
        let pauses = pressed & OperatorCommand.pause.bit != 0
        for place in 0..<2 {
            if keys[place] & OperatorCommand.lower.bit != 0 {
                keys[place] &= ~OperatorCommand.lower.bit
                lowers[place] &+= 1
            }
            if lowers[place] > PendingKeys.mostLowers { keys[place] |= OperatorCommand.zero.bit }
            // At 0 mA there is nothing left to lower.
            if pauses || keys[place] & OperatorCommand.zero.bit != 0 { lowers[place] = 0 }
        }
        // Whatever lowers, pauses or ends a search takes back what came with it and asks for more.
        if lowers[0] > 0 || lowers[1] > 0 || pressed & PendingKeys.falling != 0 {
            keys[0] &= ~PendingKeys.rising
            keys[1] &= ~PendingKeys.rising
        }
    }

    /// The command of this tick; those that lower come first, whichever channel they are for, and what does not fit
    /// waits for the next millisecond.
    mutating func next() -> (command: OperatorCommand, place: ChannelPlace) {
        // A pause first: after the end of a search it would be refused, and high voltage would stay on.
        let falling =
            pressed & OperatorCommand.pause.bit != 0 ? OperatorCommand.pause.bit : PendingKeys.falling
        for place in 0..<2 where keys[place] & falling != 0 {
            return (takeFirst(of: keys[place] & falling, at: place), PendingKeys.place(place))
        }
        for place in 0..<2 where lowers[place] > 0 {
            lowers[place] -= 1
            return (.lower, PendingKeys.place(place))
        }
        for place in 0..<2 where keys[place] != 0 {
            return (takeFirst(of: keys[place], at: place), PendingKeys.place(place))
        }
        return (.none, .first)
    }

    /// What waits on either channel.
    private var pressed: UInt32 { keys[0] | keys[1] }

    private mutating func takeFirst(of some: UInt32, at place: Int) -> OperatorCommand {
        let index = UInt8(truncatingIfNeeded: some.trailingZeroBitCount)
        keys[place] &= ~(1 << UInt32(index))
        return OperatorCommand(rawValue: index) ?? .none
    }

    private static func place(_ index: Int) -> ChannelPlace { index == 0 ? .first : .second }
}
