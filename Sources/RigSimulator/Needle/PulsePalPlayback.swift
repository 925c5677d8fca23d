internal import PulsePal

/// Where one channel is in its train. Transitions are tested by equality with the cycle's number, as in the device:
/// one that is missed never comes. (In the device it comes again after 2³² cycles, 59.6 hours.)
struct ChannelPlay: Sendable {
    enum Phase: UInt8, Sendable { case between, first, gap, second }
    var isWaiting = false
    var isPlaying = false
    var isInBurst = false
    var phase = Phase.between
    var waitingSince: Int64 = 0
    var trainStart: Int64 = 0
    var trainEnd: Int64 = 0
    var nextPulse: Int64 = 0
    var nextBurst: Int64 = 0
    var customIndex = 0

    var isActive: Bool { isWaiting || isPlaying }

    mutating func start(at cycle: Int64) {
        isWaiting = true
        isInBurst = true
        waitingSince = cycle
        phase = .between
    }

    mutating func stop() {
        isWaiting = false
        isPlaying = false
        isInBurst = false
        phase = .between
        customIndex = 0
    }
}

/// A stored train. What was never loaded reads as 0.
struct StoredTrain: Sendable {
    static let longest = 5_000
    var count = 0
    var times = [UInt32](repeating: 0, count: longest + 1)
    var codes = [UInt16](repeating: 0, count: longest + 1)

    func time(_ index: Int) -> UInt32 { times.indices.contains(index) ? times[index] : 0 }
    func code(_ index: Int) -> UInt16 { codes.indices.contains(index) ? codes[index] : 0 }
}

extension PulsePalChannel {
    var usesBursts: Bool {
        if customTrain > 0 { return customTarget == 1 }
        return customTarget == 1 || (burstCycles != 0 && burstIntervalCycles != 0)
    }
}

/// The pulse side of one cycle.
extension VirtualPulsePal {
    /// The next cycle in which a channel does something by itself; nothing when it will not.
    mutating func nextTransition(_ index: Int) -> Int64? {
        let play = plays[index]
        let channel = program[channel: UInt8(index + 1)]
        let present = systemCycle
        var next = Int64.max
        func consider(_ cycle: Int64) { if cycle > present { next = min(next, cycle) } }
        if play.isWaiting { consider(play.waitingSince + Int64(channel.delayCycles)) }
        if play.isPlaying {
            if play.isInBurst { consider(play.nextPulse) }
            if channel.usesBursts { consider(play.nextBurst) }
            consider(play.trainEnd)
        }
        return next == Int64.max ? nil : next
    }

    mutating func drive(_ index: Int, _ code: UInt16) {
        targets[index] = code
        isFlagged[index] = true
    }

    mutating func rest(_ index: Int) { drive(index, program[channel: UInt8(index + 1)].restingCode) }

    /// Stops a channel; its output follows with the next write. `isCut`: from outside, not by its own end.
    mutating func kill(_ index: Int, isCut: Bool = false) {
        if isCut, plays[index].isPlaying, targets[index] != program[channel: UInt8(index + 1)].restingCode {
            isCutting[index] = true
        }
        plays[index].stop()
        rest(index)
    }

    mutating func play(_ index: Int) {
        let channel = program[channel: UInt8(index + 1)]
        beginTrain(index, channel)
        guard plays[index].isPlaying else { return }
        if plays[index].isInBurst {
            switch plays[index].phase {
            case .between: betweenPulses(index, channel)
            case .first: if systemCycle == plays[index].nextPulse { endFirstPhase(index, channel) }
            case .gap: if systemCycle == plays[index].nextPulse { beginSecondPhase(index, channel) }
            case .second: if systemCycle == plays[index].nextPulse { endSecondPhase(index, channel) }
            }
        }
        if plays[index].isPlaying, channel.usesBursts, systemCycle == plays[index].nextBurst {
            turnBurst(index, channel)
        }
        guard plays[index].isPlaying, systemCycle == plays[index].trainEnd else { return }
        // A stored train that does not loop ends with its last pulse.
        let endsByTime = channel.customTrain == 0 || channel.customLoops
        if endsByTime, !isContinuous[index] { kill(index) }
    }

    private mutating func beginTrain(_ index: Int, _ channel: PulsePalChannel) {
        guard plays[index].isWaiting, systemCycle == plays[index].waitingSince + Int64(channel.delayCycles) else {
            return
        }
        plays[index].isWaiting = false
        plays[index].isPlaying = true
        plays[index].phase = .between
        plays[index].customIndex = 0
        plays[index].trainStart = systemCycle
        plays[index].trainEnd = systemCycle + Int64(channel.trainCycles)
        let first = Int64(train(channel).time(0))
        if channel.customTarget == 1 {
            plays[index].nextBurst = systemCycle + first
            plays[index].isInBurst = false
        } else {
            plays[index].nextBurst = systemCycle + Int64(channel.burstCycles)
        }
        if channel.customTrain == 0 {
            plays[index].nextPulse = systemCycle
            drive(index, channel.phase1Code)
        } else {
            plays[index].nextPulse = systemCycle + first
        }
    }

    private func train(_ channel: PulsePalChannel) -> StoredTrain {
        let slot = Int(channel.customTrain) - 1
        return trains.indices.contains(slot) ? trains[slot] : trains[0]
    }

    private mutating func betweenPulses(_ index: Int, _ channel: PulsePalChannel) {
        guard systemCycle == plays[index].nextPulse else { return }
        guard channel.customTrain > 0, channel.customTarget == 0 else {
            plays[index].nextPulse = systemCycle + Int64(channel.phase1Cycles)
            // A pulse whose first phase would not fit into the burst is not started.
            guard !(channel.usesBursts && plays[index].nextPulse >= plays[index].nextBurst) else { return }
            plays[index].phase = .first
            drive(index, firstPhaseCode(index, channel))
            return
        }
        nextStoredPulse(index, channel)
    }

    private func firstPhaseCode(_ index: Int, _ channel: PulsePalChannel) -> UInt16 {
        channel.customTrain == 0 ? channel.phase1Code : train(channel).code(plays[index].customIndex)
    }

    private mutating func nextStoredPulse(_ index: Int, _ channel: PulsePalChannel) {
        let train = train(channel)
        if channel.customLoops, plays[index].customIndex == train.count {
            plays[index].customIndex = 0
            plays[index].trainStart = systemCycle
        }
        let place = plays[index].customIndex
        // Onsets closer than the pulse width join into a waveform. Behind the last one the difference wraps to a long
        // time.
        let gap = train.time(place + 1) &- train.time(place)
        if place < train.count, gap <= channel.phase1Cycles {
            plays[index].nextPulse = plays[index].trainStart + Int64(train.time(place + 1))
        } else {
            if place < train.count { plays[index].nextPulse = systemCycle + Int64(channel.phase1Cycles) }
            plays[index].phase = .first
        }
        drive(index, train.code(place))
        if !channel.isBiphasic { plays[index].customIndex += 1 }
    }

    private mutating func endFirstPhase(_ index: Int, _ channel: PulsePalChannel) {
        guard !channel.isBiphasic else {
            if channel.interphaseCycles == 0 {
                beginSecondPhase(index, channel)
            } else {
                plays[index].nextPulse = systemCycle + Int64(channel.interphaseCycles)
                plays[index].phase = .gap
                rest(index)
            }
            return
        }
        endPulse(index, channel)
    }

    private mutating func beginSecondPhase(_ index: Int, _ channel: PulsePalChannel) {
        plays[index].nextPulse = systemCycle + Int64(channel.phase2Cycles)
        plays[index].phase = .second
        guard channel.customTrain > 0 else {
            drive(index, channel.phase2Code)
            return
        }
        // The mirror image around 0 V; code 0 has none and mirrors to itself.
        drive(index, 0 &- firstPhaseCode(index, channel))
        if channel.customTarget == 0 { plays[index].customIndex += 1 }
    }

    private mutating func endSecondPhase(_ index: Int, _ channel: PulsePalChannel) {
        guard channel.customTrain == 0, channel.interpulseCycles == 0 else {
            endPulse(index, channel)
            return
        }
        plays[index].phase = .first
        plays[index].nextPulse = systemCycle + Int64(channel.phase1Cycles)
        drive(index, channel.phase1Code)
    }

    /// The pulse is over: when the next one comes, and whether there is one.
    private mutating func endPulse(_ index: Int, _ channel: PulsePalChannel) {
        plays[index].phase = .between
        guard channel.customTrain > 0, channel.customTarget == 0 else {
            plays[index].nextPulse = systemCycle + Int64(channel.interpulseCycles)
            rest(index)
            return
        }
        let train = train(channel)
        let place = plays[index].customIndex
        guard place >= train.count else {
            plays[index].nextPulse = plays[index].trainStart + Int64(train.time(place))
            rest(index)
            return
        }
        guard channel.customLoops, !channel.isBiphasic else {
            kill(index)
            return
        }
        plays[index].customIndex = 0
        plays[index].trainStart = systemCycle
        plays[index].nextPulse = systemCycle
        nextStoredPulse(index, channel)
    }

    private mutating func turnBurst(_ index: Int, _ channel: PulsePalChannel) {
        guard plays[index].isInBurst else {
            plays[index].nextBurst = systemCycle + Int64(channel.burstCycles)
            plays[index].nextPulse = systemCycle + Int64(channel.phase1Cycles)
            plays[index].phase = .first
            plays[index].isInBurst = true
            drive(index, firstPhaseCode(index, channel))
            return
        }
        if channel.customTrain == 0 {
            plays[index].nextBurst = systemCycle + Int64(channel.burstIntervalCycles)
        } else {
            plays[index].customIndex += 1
            let train = train(channel)
            guard plays[index].customIndex < train.count else {
                kill(index)
                return
            }
            plays[index].nextBurst = plays[index].trainStart + Int64(train.time(plays[index].customIndex))
        }
        plays[index].nextPulse = plays[index].nextBurst
        plays[index].isInBurst = false
        rest(index)
    }
}
