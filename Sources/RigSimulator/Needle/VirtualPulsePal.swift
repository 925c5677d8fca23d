// The pretend Pulse Pal: bytes, trigger levels and time in, voltage codes and bytes out. Its state machine is written
// from `pulsepal.md` 3 to 9 and knows nothing of the host.
//
// Everything happens in cycles of 50 µs, of which only those are worked off in which something can happen. One cycle:
// write what the last one decided, take over soft triggers, read at most one command, sample the trigger inputs, start
// and stop, and let each channel go on. So a decision reaches the output one cycle later; an abort and a fixed voltage
// do at once.

public import PulsePal

/// A Pulse Pal that exists only as bytes, levels and time.
public struct VirtualPulsePal: Sendable {
    public private(set) var configuration: PulsePalConfiguration
    /// The parameters in use.
    public internal(set) var program: PulsePalProgram
    /// The codes at the four outputs.
    public private(set) var outputs: [UInt16]
    /// Trains that began, by channel.
    public internal(set) var trainCount: [Int64] = [0, 0, 0, 0]
    /// Commands read, those of unknown op not counted; bytes skipped outside any.
    public internal(set) var commandCount: Int64 = 0
    public internal(set) var skippedCount: Int64 = 0
    public internal(set) var unknownCount: Int64 = 0
    public private(set) var isPowered = true
    /// "COMM. FAILURE!" on the display: a click on the joystick is awaited, the output stands still.
    public private(set) var isClickAwaited = false
    /// Channels with the continuous flag, which firmware 21 tells nobody.
    public internal(set) var isContinuous = [false, false, false, false]
    /// Every change of an output, to be taken by whoever holds the device.
    public var changes: [OutputChange] = []

    var decoder: PulsePalRequestDecoder
    var outbox = ByteRing(bits: 13)
    var inbox = ByteRing(bits: 9)
    var files: [[UInt8]: PulsePalProgram] = [:]
    var openFile = PulsePalConfiguration.defaults
    var trains = [StoredTrain](repeating: StoredTrain(), count: 2)

    var plays = [ChannelPlay](repeating: ChannelPlay(), count: 4)
    var targets = [UInt16](repeating: PulsePalCode.zero, count: 4)
    var isFlagged = [false, false, false, false]
    var isCutting = [false, false, false, false]
    var isScheduled = [false, false, false, false]
    var isSoftTriggered = [false, false, false, false]
    private var isStimulating = false
    private var wasStimulating = false
    private var inputs = [false, false]
    private var sampled = [false, false]
    private var isClicked = false
    /// Until then what arrives is thrown away (firmware 22 after a code that it does not know).
    var discardsUntil = Int64.min

    /// The number of the present cycle as the device counts: cycles in which it stood still are left out.
    var systemCycle: Int64 = 0
    private var lastCycle: Int64
    /// The last moment at which something came from outside.
    private var clock: Int64
    private let phaseNanoseconds: Int64
    /// Since when the rest of a command is awaited.
    private var waitingSince: Int64?
    private var failsNext = false
    private var readyAt: Int64
    private var darkAt = Int64.max

    static let cycleNanoseconds = Int64(PulsePalTime.cycleMicroseconds) * 1_000

    /// A device that has been powered for long. Its cycles begin at the phase, 0 to 49,999 ns.
    public init(_ configuration: PulsePalConfiguration, startingAt start: Int64, phaseNanoseconds: Int64 = 0) {
        self.configuration = configuration
        program = configuration.startUpFile ?? PulsePalConfiguration.defaults
        if configuration.firmware == .version22 { program = PulsePalConfiguration.defaults }
        outputs = [UInt16](repeating: PulsePalCode.zero, count: 4)
        decoder = PulsePalRequestDecoder(configuration.firmware)
        self.phaseNanoseconds = phaseNanoseconds
        lastCycle = start / Self.cycleNanoseconds - 1
        clock = start
        readyAt = start
    }

    /// A channel plays or waits for its delay to pass.
    public func isActive(channel: UInt8) -> Bool { (1...4).contains(channel) && plays[Int(channel) - 1].isActive }

    /// The device stands still in the middle of a command, or because it failed.
    public var isFrozen: Bool { isClickAwaited || (waitingSince != nil && readsInInterrupt) }

    /// The next byte that it says.
    public mutating func nextByte() -> UInt8? { outbox.popFirst() }

    /// Room for bytes from the line.
    var inboxRoom: Int { isPowered ? 512 - inbox.count : 0 }

    private var readsInInterrupt: Bool { configuration.firmware == .version21 }

    /// A byte comes from the line.
    public mutating func receive(_ byte: UInt8, at now: Int64) {
        clock = max(clock, now)
        if isPowered { inbox.append(byte) }
    }

    /// A trigger input's level, applied by whoever holds the device after the cycles up to now were worked off.
    public mutating func setInput(_ index: Int, isHigh: Bool, at now: Int64) {
        clock = max(clock, now)
        inputs[index] = isHigh
    }

    private func time(of cycle: Int64) -> Int64 { phaseNanoseconds + cycle * Self.cycleNanoseconds }

    private func cycle(at moment: Int64) -> Int64 { (moment - phaseNanoseconds) / Self.cycleNanoseconds }

    /// The next cycle that can take up what came from outside.
    private var soonest: Int64 {
        max(lastCycle + 1, cycle(at: max(clock, readyAt) + Self.cycleNanoseconds - 1))
    }

    /// When the device must be looked at again; the far end of time when it waits for others.
    public var nextEvent: Int64 {
        var copy = self
        return copy.due()
    }

    /// The same. It changes nothing: where it is asked for in each tick, the device is looked at in its place, and not
    /// copied first.
    mutating func due() -> Int64 {
        guard isPowered else { return darkAt }
        if isClickAwaited { return Int64.max }
        let next = isFrozen ? (inbox.count > 0 ? clock : Int64.max) : nextCycle().map(time) ?? Int64.max
        return min(next, failureMoment ?? Int64.max)
    }

    /// When the rest of a command will have been missing for too long.
    private var failureMoment: Int64? {
        guard let waitingSince, inbox.count == 0 else { return nil }
        if configuration.firmware == .version22 { return waitingSince + 100_000_000 }
        // Op 90 waits for ever.
        guard case .failsAfter(let milliseconds) = configuration.cutCommand, decoder.currentOperation != 90 else {
            return nil
        }
        return waitingSince + milliseconds * 1_000_000
    }

    private mutating func nextCycle() -> Int64? {
        if inbox.count > 0 || failsNext || inputs != sampled || isClicked { return soonest }
        if isStimulating || wasStimulating {
            if isFlagged.contains(true) || isStimulating != wasStimulating { return soonest }
        }
        for index in 0..<4 where isScheduled[index] || (isSoftTriggered[index] && !plays[index].isActive) {
            return soonest
        }
        var next = Int64.max
        for index in 0..<4 where plays[index].isActive {
            if let transition = nextTransition(index) { next = min(next, transition) }
        }
        return next == Int64.max ? nil : max(soonest, lastCycle + (next - systemCycle))
    }

    /// Works off the cycles up to a moment.
    public mutating func step(at now: Int64) {
        while true {
            let moment = due()
            guard moment <= now else { return }
            guard isPowered else {
                goDark()
                return
            }
            if let limit = failureMoment, limit <= moment {
                fail(at: limit)
            } else if isFrozen {
                // The interrupt that stood still goes on: it counts no cycle for the time in between.
                lastCycle = max(lastCycle, cycle(at: moment))
                if readCommand(at: moment) { goOn() }
            } else {
                guard let next = nextCycle() else { return }
                systemCycle += next - lastCycle
                lastCycle = next
                run(at: moment)
            }
        }
    }

    /// One cycle.
    private mutating func run(at now: Int64) {
        begin(at: now)
        if isClickAwaited { return }
        if readCommand(at: now) { goOn() }
    }

    /// The part of a cycle behind the reading of commands.
    private mutating func goOn() {
        var edges = [Edge.none, Edge.none]
        for index in 0..<2 where inputs[index] != sampled[index] { edges[index] = inputs[index] ? .rising : .falling }
        sampled = inputs
        var hasStarted = false
        for index in 0..<4 where startOrStop(index, edges) { hasStarted = true }
        isStimulating = hasStarted
        for index in 0..<4 {
            let wasWaiting = plays[index].isWaiting
            if plays[index].isActive { isStimulating = true }
            play(index)
            if wasWaiting, plays[index].isPlaying { trainCount[index] += 1 }
        }
    }

    private enum Edge { case none, rising, falling }

    /// Up to the reading of commands.
    private mutating func begin(at now: Int64) {
        if failsNext {
            failsNext = false
            isClickAwaited = true
            return
        }
        if isStimulating || wasStimulating { write(at: now) }
        if isClicked {
            isClicked = false
            if isStimulating {
                for index in 0..<4 { kill(index, isCut: true) }
                write(at: now)
            }
        }
        for index in 0..<4 where isScheduled[index] {
            isSoftTriggered[index] = true
            isScheduled[index] = false
        }
        wasStimulating = isStimulating
    }

    /// Reads at most one command; false when its rest is missing and the device stands still.
    private mutating func readCommand(at now: Int64) -> Bool {
        while let byte = inbox.popFirst() {
            waitingSince = now
            if now < discardsUntil {
                discardsUntil = now + 100_000_000
                continue
            }
            let event = decoder.receive(byte)
            if let point = decoder.point { keep(point) }
            switch event {
            case .more: continue
            case .skipped: skippedCount += 1
            case .unknownOperation: unknownCount += 1
            case .request:
                commandCount += 1
                if let request = decoder.request() { obey(request, at: now) }
            }
            waitingSince = nil
            return true
        }
        guard decoder.isInside else {
            waitingSince = nil
            return true
        }
        return !readsInInterrupt
    }

    /// The limit for the rest of a command is over.
    private mutating func fail(at now: Int64) {
        waitingSince = nil
        guard configuration.firmware == .version21 else {
            decoder.abandon()
            isClickAwaited = true
            return
        }
        // What is missing reads as 0, and the command is carried out and confirmed all the same.
        let isTrain = [75, 76].contains(decoder.currentOperation)
        var left = isTrain && decoder.missing > 6 * StoredTrain.longest ? 0 : 512 + 6 * StoredTrain.longest
        while left > 0, decoder.isInside {
            if decoder.receive(0) == .request, let request = decoder.request() {
                commandCount += 1
                obey(request, at: now)
            }
            if let point = decoder.point { keep(point) }
            left -= 1
        }
        decoder.abandon()
        failsNext = true
        // It stood still until now.
        lastCycle = max(lastCycle, cycle(at: now))
        clock = max(clock, now)
    }

    /// True when the channel was started.
    private mutating func startOrStop(_ index: Int, _ edges: [Edge]) -> Bool {
        let channel = program[channel: UInt8(index + 1)]
        let isLinked = [channel.isLinkedToFirst, channel.isLinkedToSecond]
        let modes = [program.firstTriggerMode, program.secondTriggerMode]
        guard !plays[index].isActive else {
            for input in 0..<2 where isLinked[input] {
                let other = 1 - input
                let isHeldByOther = isLinked[other] && modes[other] == 2 && inputs[other]
                let isToggled = modes[input] == 1 && edges[input] == .rising
                let isReleased = modes[input] == 2 && edges[input] == .falling && !isHeldByOther
                if isToggled || isReleased { kill(index, isCut: true) }
            }
            return false
        }
        let isTriggered = (0..<2).contains { isLinked[$0] && edges[$0] == .rising }
        guard isTriggered || isSoftTriggered[index] else { return false }
        isSoftTriggered[index] = false
        plays[index].start(at: systemCycle)
        return true
    }

    /// Writes what was decided to the converter.
    mutating func write(at now: Int64) {
        for index in 0..<4 where isFlagged[index] {
            isFlagged[index] = false
            let isCut = isCutting[index]
            isCutting[index] = false
            guard outputs[index] != targets[index] else { continue }
            outputs[index] = targets[index]
            changes.append(
                OutputChange(
                    atNanoseconds: now, channel: UInt8(index + 1), code: targets[index], isCut: isCut))
        }
    }
}

/// Hands and plugs.
extension VirtualPulsePal {
    /// Somebody clicks the joystick.
    public mutating func click(at now: Int64) {
        guard isPowered else { return }
        clock = max(clock, now)
        guard isClickAwaited else {
            isClicked = isStimulating
            return
        }
        isClickAwaited = false
        let resumesAt = now + configuration.recoveryMilliseconds * 1_000_000
        program = PulsePalConfiguration.defaults
        if configuration.firmware == .version22 {
            for index in 0..<4 { kill(index, isCut: true) }
            write(at: now)
        }
        // The waiting is none of its cycles.
        lastCycle = max(lastCycle, cycle(at: resumesAt) - 1)
        readyAt = resumesAt
    }

    /// Somebody starts a channel, by its index, in the menu.
    public mutating func startByHand(_ index: Int, at now: Int64) {
        guard isPowered, !isClickAwaited else { return }
        clock = max(clock, now)
        isScheduled[index] = true
    }

    /// Somebody sets the parameters in the menu; nobody is told.
    public mutating func setByHand(_ program: PulsePalProgram) { self.program = program }

    /// The supply goes: outputs fall to 0 V, after a transient where one was asked for.
    public mutating func losePower(at now: Int64) {
        guard isPowered else { return }
        isPowered = false
        inbox.removeAll()
        outbox.removeAll()
        decoder.abandon()
        waitingSince = nil
        isClickAwaited = false
        failsNext = false
        let transient = configuration.powerTransientMicroseconds
        for index in 0..<4 {
            isCutting[index] = plays[index].isPlaying
            plays[index].stop()
            drive(index, transient > 0 ? configuration.powerTransientCode : PulsePalCode.zero)
        }
        write(at: now)
        darkAt = transient > 0 ? now + transient * 1_000 : Int64.max
    }

    private mutating func goDark() {
        for index in 0..<4 { drive(index, PulsePalCode.zero) }
        write(at: darkAt)
        darkAt = Int64.max
    }

    /// The supply comes back: 0 V, then the settings file or the defaults; ready after its start-up.
    public mutating func restorePower(at now: Int64) {
        guard !isPowered else { return }
        if darkAt != Int64.max { goDark() }
        let before = (outputs, commandCount, skippedCount, unknownCount, trainCount, files, inputs)
        self = VirtualPulsePal(configuration, startingAt: now, phaseNanoseconds: phaseNanoseconds)
        (outputs, commandCount, skippedCount, unknownCount, trainCount, files, inputs) = before
        sampled = inputs
        readyAt = now + configuration.startUpMilliseconds * 1_000_000
        lastCycle = cycle(at: readyAt) - 1
    }
}
