/// One output channel's settings, as they are on the wire (`pulsepal.md` 3.1, 3.2). Times are in cycles of 50 µs,
/// voltages are codes (see `PulsePalCode`). Nothing is checked here: what a host may ask for is the link's affair.
public struct PulsePalChannel: Hashable, Sendable {
    /// Phase 1, or the whole pulse of a monophasic train. 0 makes the device hold phase 1 to the end of the train.
    public var phase1Cycles: UInt32
    /// At resting voltage between the phases; 0 is none.
    public var interphaseCycles: UInt32
    /// 0 makes the device hold phase 2 to the end of the train.
    public var phase2Cycles: UInt32
    /// From the end of one pulse to the start of the next.
    public var interpulseCycles: UInt32
    /// Bursts are used when both their times are above 0.
    public var burstCycles: UInt32
    public var burstIntervalCycles: UInt32
    /// The train ends when this is over, in the middle of a pulse if need be.
    public var trainCycles: UInt32
    public var delayCycles: UInt32
    public var phase1Code: UInt16
    public var phase2Code: UInt16
    public var restingCode: UInt16
    public var isBiphasic: Bool
    /// 0 none, else which stored train is played.
    public var customTrain: UInt8
    /// 0: its times start pulses, 1: bursts.
    public var customTarget: UInt8
    public var customLoops: Bool
    /// Which trigger inputs start this channel.
    public var isLinkedToFirst: Bool
    public var isLinkedToSecond: Bool
    /// Carried by op 92 of firmware 22 alone.
    public var isContinuous: Bool

    /// Silent: all voltages 0 V, no link, not continuous; the shortest biphasic pulse once, with a pause before the
    /// next that is longer than the train. No duration that the device would hold for ever is 0.
    @_noLocks public init() {
        phase1Cycles = 1
        interphaseCycles = 0
        phase2Cycles = 1
        interpulseCycles = 200
        burstCycles = 0
        burstIntervalCycles = 0
        trainCycles = 160
        delayCycles = 0
        phase1Code = PulsePalCode.zero
        phase2Code = PulsePalCode.zero
        restingCode = PulsePalCode.zero
        isBiphasic = true
        customTrain = 0
        customTarget = 0
        customLoops = false
        isLinkedToFirst = false
        isLinkedToSecond = false
        isContinuous = false
    }

    @_noLocks public static func == (a: PulsePalChannel, b: PulsePalChannel) -> Bool {
        a.phase1Cycles == b.phase1Cycles && a.interphaseCycles == b.interphaseCycles
            && a.phase2Cycles == b.phase2Cycles && a.interpulseCycles == b.interpulseCycles
            && a.burstCycles == b.burstCycles && a.burstIntervalCycles == b.burstIntervalCycles
            && a.trainCycles == b.trainCycles && a.delayCycles == b.delayCycles && a.phase1Code == b.phase1Code
            && a.phase2Code == b.phase2Code && a.restingCode == b.restingCode && a.isBiphasic == b.isBiphasic
            && a.customTrain == b.customTrain && a.customTarget == b.customTarget && a.customLoops == b.customLoops
            && a.isLinkedToFirst == b.isLinkedToFirst && a.isLinkedToSecond == b.isLinkedToSecond
            && a.isContinuous == b.isContinuous
    }

    @_noLocks public static func != (a: PulsePalChannel, b: PulsePalChannel) -> Bool { !(a == b) }

    /// The eight times in the order of the wire.
    subscript(time index: Int) -> UInt32 {
        @_noLocks get {
            switch index {
            case 0: return phase1Cycles
            case 1: return interphaseCycles
            case 2: return phase2Cycles
            case 3: return interpulseCycles
            case 4: return burstCycles
            case 5: return burstIntervalCycles
            case 6: return trainCycles
            default: return delayCycles
            }
        }
        @_noLocks set {
            switch index {
            case 0: phase1Cycles = newValue
            case 1: interphaseCycles = newValue
            case 2: phase2Cycles = newValue
            case 3: interpulseCycles = newValue
            case 4: burstCycles = newValue
            case 5: burstIntervalCycles = newValue
            case 6: trainCycles = newValue
            default: delayCycles = newValue
            }
        }
    }

    /// The three voltages in the order of the wire.
    subscript(code index: Int) -> UInt16 {
        @_noLocks get { index == 0 ? phase1Code : index == 1 ? phase2Code : restingCode }
        @_noLocks set {
            switch index {
            case 0: phase1Code = newValue
            case 1: phase2Code = newValue
            default: restingCode = newValue
            }
        }
    }

    /// Takes one parameter of op 74 or 91 by its code; a value too large for its field is cut to the field's width,
    /// which the wire has done before. False for a code that is none of a channel.
    @_noLocks public mutating func set(_ parameter: UInt8, to value: UInt32) -> Bool {
        switch parameter {
        case 1: isBiphasic = value != 0
        case 2: phase1Code = UInt16(truncatingIfNeeded: value)
        case 3: phase2Code = UInt16(truncatingIfNeeded: value)
        case 4...11: self[time: Int(parameter) - 4] = value
        case 12: isLinkedToFirst = value != 0
        case 13: isLinkedToSecond = value != 0
        case 14: customTrain = UInt8(truncatingIfNeeded: value)
        case 15: customTarget = UInt8(truncatingIfNeeded: value)
        case 16: customLoops = value != 0
        case 17: restingCode = UInt16(truncatingIfNeeded: value)
        case 18: isContinuous = value != 0
        default: return false
        }
        return true
    }
}

/// Everything that a Pulse Pal can be told at once: four output channels and two trigger inputs.
public struct PulsePalProgram: Hashable, Sendable {
    public var first: PulsePalChannel
    public var second: PulsePalChannel
    public var third: PulsePalChannel
    public var fourth: PulsePalChannel
    /// 0 normal, 1 toggle, 2 pulse gated.
    public var firstTriggerMode: UInt8
    public var secondTriggerMode: UInt8

    @_noLocks private init(_ channel: PulsePalChannel) {
        first = channel
        second = channel
        third = channel
        fourth = channel
        firstTriggerMode = 0
        secondTriggerMode = 0
    }

    /// No channel gives a voltage and no trigger starts anything: where every program begins.
    public static var silent: PulsePalProgram { @_noLocks get { PulsePalProgram(PulsePalChannel()) } }

    /// A channel by the number on the case, 1 to 4. Another number reads as a silent one and changes nothing.
    public subscript(channel number: UInt8) -> PulsePalChannel {
        @_noLocks get {
            switch number {
            case 1: return first
            case 2: return second
            case 3: return third
            case 4: return fourth
            default: return PulsePalChannel()
            }
        }
        @_noLocks set {
            switch number {
            case 1: first = newValue
            case 2: second = newValue
            case 3: third = newValue
            case 4: fourth = newValue
            default: break
            }
        }
    }

    @_noLocks public static func == (a: PulsePalProgram, b: PulsePalProgram) -> Bool {
        a.first == b.first && a.second == b.second && a.third == b.third && a.fourth == b.fourth
            && a.firstTriggerMode == b.firstTriggerMode && a.secondTriggerMode == b.secondTriggerMode
    }

    @_noLocks public static func != (a: PulsePalProgram, b: PulsePalProgram) -> Bool { !(a == b) }
}
