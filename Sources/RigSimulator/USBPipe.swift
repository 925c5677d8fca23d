// One direction of a full-speed USB line, as the host's writes and the device's answers travel on it.

/// Bytes wait for the next frame of 1 ms and travel in packets of 64 bytes, at most 19 of them in a frame (decided,
/// P24). The line's faults happen to packets and to the bytes in them.
struct USBPipe: Sendable {
    private struct Packet {
        var due: Int64
        var count: Int32
        /// Its delay, if any, was drawn.
        var isDrawn: Bool
    }

    static let packetBytes: Int32 = 64
    private static let packetsInFrame = 19
    private static let frameNanoseconds: Int64 = 1_000_000
    /// A packet held back to be overtaken goes on by itself after this time.
    private static let overtakenNanoseconds: Int64 = 5_000_000
    private static let packetRoom = 512

    private let direction: LineDirection
    private let phaseNanoseconds: Int64
    private var waiting = ByteRing(bits: 14)
    private var arrived = ByteRing(bits: 14)
    private var packets: [Packet]
    private var packetHead = 0
    private var packetCount = 0
    private var frameDue = Int64.min
    private var packetsInThisFrame = 0
    private var held: [UInt8] = []
    private var heldUntil = Int64.max
    /// Until then the far end does not read.
    var blockedUntil = Int64.min

    /// - Parameter phaseNanoseconds: when the line's frames begin, 0 to 999,999.
    init(direction: LineDirection, phaseNanoseconds: Int64) {
        self.direction = direction
        self.phaseNanoseconds = phaseNanoseconds
        packets = [Packet](repeating: Packet(due: 0, count: 0, isDrawn: false), count: Self.packetRoom)
        held.reserveCapacity(2 * Int(Self.packetBytes))
    }

    /// When something will arrive next; the far end of time when nothing is on its way.
    var nextDue: Int64 {
        packetCount > 0 ? max(min(packets[packetHead].due, heldUntil), blockedUntil) : max(heldUntil, blockedUntil)
    }

    /// Bytes that are on their way.
    var waitingCount: Int { waiting.count }

    /// Bytes that have arrived and were not read.
    var arrivedCount: Int { arrived.count }

    /// Bytes that were written or arrived and had no room.
    var dropped: Int64 { waiting.dropped + arrived.dropped }

    /// Everything on the line is gone: the plug was pulled.
    mutating func cut() {
        waiting.removeAll()
        arrived.removeAll()
        packetCount = 0
        held.removeAll(keepingCapacity: true)
        heldUntil = Int64.max
        frameDue = Int64.min
        blockedUntil = Int64.min
    }

    /// A byte that nobody sent arrives at the far end.
    mutating func babble(_ byte: UInt8) { arrived.append(byte) }

    /// A byte enters the line.
    mutating func write(_ byte: UInt8, at now: Int64) {
        let due = frameEnd(after: now)
        if due != frameDue {
            frameDue = due
            packetsInThisFrame = 0
        }
        let last = (packetHead + packetCount - 1) % Self.packetRoom
        if packetCount > 0, packetsInThisFrame > 0, packets[last].count < Self.packetBytes, !packets[last].isDrawn {
            packets[last].count += 1
            waiting.append(byte)
            return
        }
        guard packetCount < Self.packetRoom else { return }
        let lateness = Int64(packetsInThisFrame / Self.packetsInFrame) * Self.frameNanoseconds
        packets[(packetHead + packetCount) % Self.packetRoom] = Packet(due: due + lateness, count: 1, isDrawn: false)
        packetCount += 1
        packetsInThisFrame += 1
        waiting.append(byte)
    }

    /// The next byte that has arrived.
    mutating func next() -> UInt8? { arrived.popFirst() }

    /// Moves what is due by now to the far end, through the faults of the plan.
    mutating func deliver(until now: Int64, through plan: inout FaultPlan) {
        guard now >= blockedUntil else { return }
        while packetCount > 0, packets[packetHead].due <= now {
            if !packets[packetHead].isDrawn {
                packets[packetHead].isDrawn = true
                let delay = plan.drawDelay(direction, at: packets[packetHead].due)
                if delay > 0 {
                    delayEverything(by: delay)
                    continue
                }
            }
            deliverPacket(through: &plan)
        }
        if heldUntil <= now { releaseHeld() }
    }

    /// USB keeps its order: what is late makes everything behind it late.
    private mutating func delayEverything(by delay: Int64) {
        let earliest = packets[packetHead].due + delay
        var index = 0
        while index < packetCount {
            let slot = (packetHead + index) % Self.packetRoom
            packets[slot].due = max(packets[slot].due, earliest)
            index += 1
        }
    }

    private mutating func deliverPacket(through plan: inout FaultPlan) {
        let packet = packets[packetHead]
        packetHead = (packetHead + 1) % Self.packetRoom
        packetCount -= 1
        if packetCount == 0 { frameDue = Int64.min }
        let fate = plan.drawFate(direction, packetCount: packet.count, at: packet.due)
        if fate.isOvertaken, held.isEmpty {
            var left = packet.count
            while left > 0, let byte = waiting.popFirst() {
                held.append(byte)
                left -= 1
            }
            heldUntil = packet.due + Self.overtakenNanoseconds
            return
        }
        var index: Int32 = 0
        while index < packet.count, let byte = waiting.popFirst() {
            if index < fate.keptBytes { arrive(byte, through: &plan, at: packet.due, copies: fate.copies) }
            index += 1
        }
        if fate.copies > 1 { repeatPacket() }
        if !held.isEmpty { releaseHeld() }
    }

    private mutating func arrive(_ byte: UInt8, through plan: inout FaultPlan, at now: Int64, copies: Int) {
        guard plan.touchesBytes(direction) else {
            arrived.append(byte)
            if copies > 1 { held.append(byte) }
            return
        }
        let outcome = plan.drawByte(direction, byte, at: now)
        var left = outcome.copies
        while left > 0 {
            arrived.append(outcome.byte)
            if copies > 1 { held.append(outcome.byte) }
            left -= 1
        }
    }

    /// The bytes kept aside are the copy of the packet that just arrived.
    private mutating func repeatPacket() { releaseHeld() }

    private mutating func releaseHeld() {
        for byte in held { arrived.append(byte) }
        held.removeAll(keepingCapacity: true)
        heldUntil = Int64.max
    }

    /// The end of the line's frame in which a moment lies: the wait is above 0 and at most 1 ms.
    private func frameEnd(after now: Int64) -> Int64 {
        if now < frameDue, now >= frameDue - Self.frameNanoseconds { return frameDue }
        let frames = (now - phaseNanoseconds) / Self.frameNanoseconds + 1
        return frames * Self.frameNanoseconds + phaseNanoseconds
    }
}
