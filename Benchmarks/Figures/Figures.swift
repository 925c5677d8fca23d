// Figures for `make bench`: what a tick costs, how fast frames go, how much faster than life the virtual rig runs, how
// punctual this computer's loop is. Figures and ratios only; nothing here passes or fails.
import ByteStreams
import DeviceDrivers
import Glibc
import RigControl
import RigSimulator
import SafetyKernel
import ScienceMode4
import SessionEngine
import StimulatorLinks
import StimulusModel
import VirtualHost

@main struct Figures {
    static func main() throws {
        switch CommandLine.arguments.dropFirst().first {
        case "step": try step()
        case "frames": frames()
        case "virtual": try virtual()
        case "wakeup": try wakeUp(seconds: Int64(CommandLine.arguments.last ?? "") ?? 10)
        case "calibration": try CalibrationFigures.show { body in try nanoseconds(body) }
        case "calibration-faults":
            if !(try CalibrationFigures.findFaults()) { exit(1) }
        case "needle": try NeedleFigures.show { body in nanoseconds(body) }
        case "bit-errors":
            if !BitErrorFigures.show(seed: 1, longestTriples: Int(CommandLine.arguments.last ?? "") ?? 32) { exit(1) }
        default:
            print(
                "usage: Figures step | frames | virtual | needle | calibration | calibration-faults | "
                    + "wakeup SECONDS | bit-errors LONGEST-FOR-TRIPLES"
            )
        }
    }

    /// Nanoseconds that `body` takes, once.
    private static func nanoseconds(_ body: () throws -> Void) rethrows -> Int64 {
        let start = SystemClock.now()
        try body()
        return SystemClock.now().since(start).nanoseconds
    }

    /// The whole control tick, of a session that is holding, without a rig: inputs, machine, gate, link.
    private static func step() throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve(plateau: 100_000, maximum: 15_000))
        let session = VirtualSession(plan: plan, rig: VirtualRigConfiguration())
        session.keepsJournal = false
        session.run(
            atMost: 60_000, until: { $0.control.machine.setMicroamperes == 10_000 },
            hands: Practitioner.raising(to: 10_000))
        var machine = session.control.machine
        var inputs = StepInputs()
        inputs.condition = .ready
        let steps = 20_000
        var pulses = 0
        let taken = nanoseconds {
            for _ in 0..<steps { if machine.step(inputs).request != nil { pulses += 1 } }
        }
        print("session machine: \(taken / Int64(steps)) ns a step (\(steps) steps, \(pulses) pulses asked for)")
    }

    private static func frames() {
        var configuration = ChannelConfiguration(channel: .first)
        guard let first = PulsePoint(durationMicroseconds: 300, current: Current(microamperes: 10_000)),
            let second = PulsePoint(durationMicroseconds: 300, current: Current(microamperes: -10_000)),
            configuration.append(first), configuration.append(second)
        else { return }
        let request = Request.lowLevelChannelConfig(configuration)
        let count = 200_000
        var good = 0
        let taken = nanoseconds {
            var decoder = FrameDecoder()
            for index in 0..<count {
                guard var bytes = request.encode(packetNumber: UInt8(index & 63)) else { continue }
                var event = FrameEvent.none
                for position in 0..<bytes.count { event = decoder.receive(bytes.byte(at: position)) }
                if event == .frame, case .request(let read) = Request.decode(decoder), read == request { good += 1 }
            }
        }
        print("frames: \(Int64(good) * 1_000_000_000 / max(1, taken)) a second encoded and decoded")
    }

    /// A session of 12 contractions of 10 s with 50 s of rest, 1 kHz, whole world, every tick executed.
    private static func virtual() throws {
        let dose = Doses.relieve(
            count: 10, rampUp: 2_000, plateau: 7_000, rampDown: 1_000, rest: 50_000, maximum: 30_000,
            frequency: 50_000)
        let plan = try Doses.plan(search: nil, treatment: dose)
        var best = Int64.max
        var simulated: Int64 = 0
        var pulses: Int64 = 0
        for _ in 0..<5 {
            let session = VirtualSession(plan: plan, rig: VirtualRigConfiguration(seed: 1))
            session.keepsJournal = false
            let taken = nanoseconds {
                session.run(atMost: 2_000_000, until: { $0.state.isFinal }, hands: hands)
            }
            best = min(best, taken)
            simulated = session.milliseconds
            pulses = session.rig.meter.pulseCount
        }
        let ratio = simulated * 1_000_000 / max(1, best)
        print(
            "virtual: \(simulated / 1_000) s of a session of 12 contractions (2 of them titration), \(pulses) pulses, "
                + "in \(best / 1_000_000) ms: \(ratio) times real time, \(best / max(1, simulated)) ns a tick")
    }

    private static func hands(_ session: VirtualSession) -> Hands {
        var hands = Practitioner.raising(to: 20_000)(session)
        // In the second titration contraction.
        if hands.command == .none, session.milliseconds == 65_000 { hands.command = .endTitration }
        return hands
    }

    /// How late the loop's thread wakes from absolute deadlines 1 ms apart.
    private static func wakeUp(seconds: Int64) throws {
        let request = RealtimeRequest(.bestEffort)
        let thread = try RealtimeThread(named: "figures", asking: request, owner: Lateness(seconds: seconds)) {
            owner, _ in owner.measure()
        }
        let report = thread.report
        let owner = thread.join()
        print(report)
        print("wakeup: \(owner.summary)")
    }
}

/// Lateness of each wake-up, in a histogram of microseconds.
struct Lateness: ~Copyable {
    let seconds: Int64
    private var bins = [Int64](repeating: 0, count: 100_001)
    private var count: Int64 = 0

    init(seconds: Int64) { self.seconds = seconds }

    mutating func measure() {
        var deadline = SystemClock.now()
        for _ in 0..<(seconds * 1_000) {
            deadline = deadline.advanced(by: TimeSpan(milliseconds: 1))
            SystemClock.sleep(until: deadline)
            let late = SystemClock.now().since(deadline)
            bins[min(100_000, Int(max(0, late.nanoseconds / 1_000)))] += 1
            count += 1
            if late.milliseconds > 0 { deadline = deadline.advanced(by: TimeSpan(milliseconds: late.milliseconds)) }
        }
    }

    private func quantile(perMille: Int64) -> Int {
        var seen: Int64 = 0
        for (microseconds, number) in bins.enumerated() {
            seen += number
            if seen * 1_000 >= count * perMille { return microseconds }
        }
        return bins.count - 1
    }

    var summary: String {
        "p50 \(quantile(perMille: 500)) us, p99 \(quantile(perMille: 990)) us, p99.9 \(quantile(perMille: 999)) us, "
            + "max \(quantile(perMille: 1_000)) us, n \(count)"
    }
}
