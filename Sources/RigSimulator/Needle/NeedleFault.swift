// What can go wrong in the pretend needle rig, by name.

/// Every fault of the needle rig that a plan can let happen. Bytes on the line have their own: `FaultPlan`.
public enum NeedleFaultKind: UInt8, CaseIterable, Sendable {
    // On the interlock board; they last.
    case relayWelded = 0
    case relayNeverCloses
    case enableStuck
    /// The relay follows the heartbeat alone.
    case relayDriverShorted
    case heartbeatStuck
    /// The relay is held for `milliseconds` after the last edge.
    case slowDropOut
    case comparatorDead
    case comparatorStuck
    case readBackStuckOpen
    case readBackStuckClosed
    case emergencyStopWireBroken
    case buttonWireBroken
    /// The contact bounces now, and whenever it is used.
    case emergencyStopBounces
    /// The board is whole again.
    case boardRepaired
    // At the needles of `channel`.
    case needlesOut
    case needlesIn
    case needlesTouching
    // At the isolator of `channel`.
    case isolatorTripped
    case isolatorEnabled
    /// Range of 25 mA instead of 10: everything is two and a half times as strong.
    case isolatorWrongRange
    /// 60 µA at 0 V in.
    case isolatorOffset
    /// 5 % more in the negative direction.
    case isolatorImbalance
    // At the Pulse Pal.
    case joystickClicked
    /// Supply away for `milliseconds`.
    case powerInterrupted
    /// Supply away until plugged.
    case unplugged
    case plugged
    /// Both directions of the line are dead for `milliseconds`.
    case lineDead
    /// The device does not read for `milliseconds`.
    case lineBlocked
    /// What the device says is lost for `milliseconds`.
    case deviceSilent
    /// Somebody starts `channel` from the menu.
    case strayTrain
    /// Somebody sets the defaults from the menu.
    case parametersChanged
    /// The next byte from the host is lost: its command is cut short.
    case commandCut

    /// The name as a person reads it.
    public var name: String {
        var text = ""
        for character in "\(self)" {
            if character.isUppercase { text += " " }
            text += character.lowercased()
        }
        return text
    }
}

/// One fault with its figures.
public struct NeedleFault: Equatable, Sendable {
    public let kind: NeedleFaultKind
    /// 1 or 2, where it matters.
    public var channel: UInt8
    /// Where it matters: how long.
    public var milliseconds: Int64

    public init(_ kind: NeedleFaultKind, channel: UInt8 = 1, milliseconds: Int64 = 1_000) {
        self.kind = kind
        self.channel = channel
        self.milliseconds = milliseconds
    }
}

/// One needle fault that happened.
public struct FiredNeedleFault: Equatable, Sendable {
    public let kind: NeedleFaultKind
    public let atNanoseconds: Int64
}
