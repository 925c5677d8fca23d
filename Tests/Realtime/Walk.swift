// One session after the other, each under its own seed: a plan, a rig with what goes wrong with it, and hands. Only
// what the control loop does in a tick runs inside the realtime context; the pretend world allocates as it likes.
internal import CRealtimeSanitizer
internal import Foundation
internal import RigControl
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulatorLinks
internal import StimulusModel
internal import VirtualHost

/// What is put into the context on purpose, to see that it is reported.
enum Planted: String {
    case nothing
    /// An array that grows.
    case allocation
    /// A lock of the system that is taken.
    case lock
}

struct Walk {
    private(set) var ticks: Int64 = 0
    private(set) var sessions = 0
    private(set) var seen = Seen()
    let planted: Planted
    /// Whether the tick runs inside the context; not while warming up.
    var isWatched = true

    init(planted: Planted) { self.planted = planted }

    /// One session of at most so many ticks.
    mutating func run(_ script: Script, atMost limit: Int64) throws {
        // Drawn once: neighbouring states of this generator are one stream, shifted.
        var first = SplitMix64(seed: script.seed)
        var random = SplitMix64(seed: first.next())
        var session = Worlds.session(script)
        var control = ControlTick(plan: try Plans.plan(script), link: Plans.link(script))
        // In one of eight the device is found only after a while.
        let opensAt: Int64 = script.seed % 8 == 5 ? 30 : 1
        var isOpen = false
        var lastState = SessionState.idle
        var entered: Int64 = 0
        var left = limit
        var after = 600
        while left > 0, after > 0 {
            left -= 1
            if control.state.isFinal { after -= 1 }
            if control.state != lastState { (lastState, entered) = (control.state, session.milliseconds) }
            let hands = Hand.hands(
                script, control, at: session.milliseconds, inState: session.milliseconds - entered, &random)
            session.advance(by: 1 + Int64(hands.late))
            session.fillIn()
            Worlds.disturb(&session, script, &random)
            let shell = session.shell(hands)
            if !isOpen, session.milliseconds >= opensAt {
                isOpen = true
                control.lineOpened(at: session.now)
            }
            tick(&control, &session, shell)
            seen.look(at: control, shell, session.record)
            session.drain()
            ticks += 1
        }
        sessions += 1
    }

    /// Everything that the loop calls of the control in one tick, in its order.
    private mutating func tick(_ control: inout ControlTick, _ session: inout Session, _ shell: ShellInputs) {
        if isWatched { realtime_enter() }
        for index in 0..<session.heardCount { control.receive(session.heard[index], at: session.now) }
        if session.isGone { control.lineGone(at: session.now) }
        control.step(shell, at: session.now, &session.record)
        if session.decisionIsLate { control.decisionExpired(at: session.now) }
        if control.hasPins {
            if session.edgesAreLate { control.pulsesExpired() }
            session.pins = control.takePins().drive
            if session.pins.firstTrigger || session.pins.secondTrigger { control.edgesReleased(at: session.now) }
        }
        session.saidCount = 0
        var room = session.room
        while control.hasFrame, var frame = control.takeFrame() {
            let taken = min(room, frame.count, session.said.count - session.saidCount)
            for index in 0..<taken { session.said[session.saidCount + index] = frame.byte(at: index) }
            session.saidCount += taken
            room -= taken
            if taken < frame.count {
                control.lineBlocked(at: session.now)
                if taken == 0 { break }
            }
        }
        _ = control.status(.first)
        _ = control.status(.second)
        if let gasp = control.lastGaspFrame() { session.gaspBytes &+= gasp.count }
        switch planted {
        case .nothing: break
        case .allocation: session.grown.append(session.milliseconds)
        case .lock:
            session.lock.lock()
            session.lock.unlock()
        }
        if isWatched { realtime_exit() }
    }
}
