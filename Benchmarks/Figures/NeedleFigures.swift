// Figures of the needle rig, in virtual time: how long after a button or key the host drives which line. What a
// wake-up is late on this computer comes on top; `wakeup` shows that beside cyclictest, and an edge is as late as its
// wake-up.
import RigControl
import RigSimulator
import SessionEngine
import StimulusModel
import VirtualHost

enum NeedleFigures {
    private static func delivering() throws -> VirtualNeedleSession {
        let plan = try NeedleDoses.plan(search: nil, treatment: NeedleDoses.treatment(millihertz: 10_000))
        let session = VirtualNeedleSession(plan: plan, rig: VirtualNeedleRigConfiguration())
        session.keepsJournal = false
        session.run(atMost: 60_000, until: { $0.control.setAmplitude.microamperes >= 1_000 }, hands: raising)
        return session
    }

    private static func raising(_ session: VirtualNeedleSession) -> Hands {
        switch session.state {
        case .cleared: return Hands(command: .arm)
        case .armed where session.control.condition == .ready: return Hands(command: .beginTreatment)
        case .holding where session.milliseconds % 400 == 0: return Hands(command: .raise)
        default: return Hands()
        }
    }

    static func show(nanoseconds: (() -> Void) -> Int64) throws {
        var toEnable: Int64 = 0
        var toRelay: Int64 = 0
        var toLastEdge: Int64 = 0
        for phase in 0..<20 {
            let pressed = try delivering()
            for _ in 0..<phase * 7 { pressed.tick() }
            let press = pressed.milliseconds
            pressed.rig.pressEmergencyStop(at: pressed.now)
            pressed.run(atMost: 200, until: { !$0.lastDrive.enable })
            toEnable = max(toEnable, pressed.milliseconds - press)
            pressed.run(atMost: 200, until: { !$0.rig.board.isClosed })
            toRelay = max(toRelay, pressed.milliseconds - press)
            let stopped = try delivering()
            for _ in 0..<phase * 7 { stopped.tick() }
            let key = stopped.milliseconds
            stopped.tick(Hands(stop: .operatorKey))
            stopped.run(atMost: 1_000, until: { $0.state.isFinal })
            toLastEdge = max(toLastEdge, (stopped.edges.last ?? 0) - key)
        }
        print("emergency stop to enable off: \(toEnable) ms at the most, to an open relay \(toRelay) ms (20 phases)")
        print("stop key to the last edge: \(max(0, toLastEdge)) ms at the most; 0 = none after it (20 phases)")
        let session = try delivering()
        let ticks = 20_000
        let wall = nanoseconds { for _ in 0..<ticks { session.tick() } }
        print("needle rig in virtual time at 10 Hz: \(Int64(ticks) * 1_000_000 / max(1, wall)) times real time")
    }
}
