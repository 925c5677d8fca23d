internal import Foundation
internal import RigControl
internal import RigSimulator
internal import SessionEngine
internal import StimulatorLinks
internal import StimulusModel
internal import VirtualHost

/// What lies between the control and the pretend rig for one tick: buffers that are filled before and emptied after it.
struct Session: ~Copyable {
    /// The pretend rig: one of the two. Each is changed in place, since a copy of one takes longer than its tick.
    var p24: VirtualRig?
    var needles: VirtualNeedleRig?
    private(set) var milliseconds: Int64 = 0
    var record = TickRecord()
    private(set) var heard = [UInt8](repeating: 0, count: 8_192)
    private(set) var heardCount = 0
    var said = [UInt8](repeating: 0, count: 4_096)
    var saidCount = 0
    private(set) var room = 0
    private(set) var isGone = false
    private(set) var decisionIsLate = false
    private(set) var edgesAreLate = false
    var pins = PinDrive()
    var gaspBytes = 0
    var grown: [Int64] = []
    /// The system's own: an uncontended `Mutex` makes no call, which only the compiler sees (`Tests/CompileFail`).
    let lock = NSLock()
    private var levels: PinLevels?
    private var appearances: Int

    init(p24 rig: VirtualRig) {
        p24 = rig
        appearances = rig.appearances
    }

    init(needles rig: VirtualNeedleRig) {
        needles = rig
        appearances = rig.appearances
    }

    var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    mutating func advance(by ticks: Int64) { milliseconds += ticks }

    /// What the world has for the host.
    mutating func fillIn() {
        heardCount = 0
        let now = now
        while heardCount < heard.count, let byte = p24?.nextByteForHost(at: now) ?? needles?.nextByteForHost(at: now) {
            heard[heardCount] = byte
            heardCount += 1
        }
        isGone = !(p24?.isPresent ?? needles?.isPresent ?? false)
        if (p24?.appearances ?? needles?.appearances) != appearances { isGone = true }
        room = p24?.roomForHost(at: now) ?? needles?.roomForHost(at: now) ?? 0
        levels = needles?.pinLevels(at: now)
    }

    mutating func shell(_ hands: WalkHands) -> ShellInputs {
        var shell = ShellInputs()
        shell.elapsedTicks = 1 + hands.late
        shell.command = hands.command
        shell.commandPlace = hands.place
        shell.commandAge = TimeSpan(milliseconds: hands.isStale ? 300 : 5)
        shell.channelStops = hands.channelStops
        shell.stop = hands.stop
        shell.hostFault = hands.hostFault
        shell.pins = hands.isBlind ? nil : levels
        if hands.lineIsFull { room = 0 }
        decisionIsLate = hands.isLateToDecide
        edgesAreLate = hands.isLateForEdges
        return shell
    }

    /// What the host has for the world.
    mutating func drain() {
        let now = now
        needles?.setPins(pins, at: now)
        for index in 0..<saidCount {
            p24?.hostWrote(said[index], at: now)
            needles?.hostWrote(said[index], at: now)
        }
        if grown.count > 100_000 { grown = [] }
    }
}
