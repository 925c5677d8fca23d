internal import PulsePal

/// A Pulse Pal's channel as it is, in plain numbers: for those who show it and know no wire.
public struct PulsePalChannelStatus: Equatable, Encodable, Sendable {
    /// 1 to 4.
    public let channel: UInt8
    public let isBiphasic: Bool
    public let phase1Code: UInt16
    public let phase2Code: UInt16
    public let restingCode: UInt16
    public let phase1Cycles: UInt32
    public let interphaseCycles: UInt32
    public let phase2Cycles: UInt32
    public let interpulseCycles: UInt32
    public let burstCycles: UInt32
    public let burstIntervalCycles: UInt32
    public let trainCycles: UInt32
    public let delayCycles: UInt32
    public let customTrain: UInt8
    public let customTarget: UInt8
    public let customLoops: Bool
    public let isLinkedToFirst: Bool
    public let isLinkedToSecond: Bool
    public let isContinuous: Bool
    public let isActive: Bool
    public let outputCode: UInt16
    public let trains: Int64
}

/// One stored train.
public struct StoredTrainStatus: Equatable, Encodable, Sendable {
    public let cycles: [UInt32]
    public let codes: [UInt16]
}

extension VirtualPulsePal {
    /// Channel 1 to 4; another number reads as channel 1.
    public func status(channel number: UInt8) -> PulsePalChannelStatus {
        let place = (1...4).contains(number) ? number : 1
        let channel = program[channel: place]
        let index = Int(place) - 1
        return PulsePalChannelStatus(
            channel: place, isBiphasic: channel.isBiphasic, phase1Code: channel.phase1Code,
            phase2Code: channel.phase2Code, restingCode: channel.restingCode, phase1Cycles: channel.phase1Cycles,
            interphaseCycles: channel.interphaseCycles, phase2Cycles: channel.phase2Cycles,
            interpulseCycles: channel.interpulseCycles, burstCycles: channel.burstCycles,
            burstIntervalCycles: channel.burstIntervalCycles, trainCycles: channel.trainCycles,
            delayCycles: channel.delayCycles, customTrain: channel.customTrain, customTarget: channel.customTarget,
            customLoops: channel.customLoops, isLinkedToFirst: channel.isLinkedToFirst,
            isLinkedToSecond: channel.isLinkedToSecond, isContinuous: isContinuous[index],
            isActive: plays[index].isActive, outputCode: outputs[index], trains: trainCount[index])
    }

    /// Mode of trigger input 1 and 2.
    public var triggerModes: [UInt8] { [program.firstTriggerMode, program.secondTriggerMode] }

    /// Stored train 1 or 2, as far as it was announced.
    public func storedTrain(_ number: Int) -> StoredTrainStatus {
        guard trains.indices.contains(number - 1) else { return StoredTrainStatus(cycles: [], codes: []) }
        let train = trains[number - 1]
        return StoredTrainStatus(
            cycles: Array(train.times.prefix(train.count)), codes: Array(train.codes.prefix(train.count)))
    }
}
