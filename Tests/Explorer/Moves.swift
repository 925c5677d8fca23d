// What may happen next: every combination that the rig and a person have, and the one that a willing pair would choose.
import SessionEngine
import StimulusModel

enum Moves {
    /// Every transition out of a state.
    static func all(_ host: Host, _ explored: ExploredPlan, _ acts: inout [Act]) {
        acts.removeAll(keepingCapacity: true)
        if host.isFinal { acts.append(Act(.newSession)) }
        if host.world.turn == 0, !host.isFinal { acts.append(Act(.kill)) }
        if mayWait(host, explored) { acts.append(Act(.wait)) }
        let world = host.world
        for device in devices(world, explored.rig) {
            for first in news(world, 0, device, explored.rig) {
                for second in news(world, 1, device, explored.rig) {
                    var base = Act()
                    base.device = device
                    base.first = first
                    base.second = second
                    people(base, host, explored, &acts)
                }
            }
        }
    }

    private static func devices(_ world: World, _ rig: ExploredRig) -> [DeviceMove] {
        let board = world.board
        switch world.condition {
        case .absent, .identifying: return [.stay, .progress, .fail]
        case .off: return [.stay, .fail]
        case .energising:
            // The two proofs of the relay find one that is welded.
            if rig == .triggers, board.isWelded { return world.turn == 0 ? [.stay, .fail] : [.fail] }
            let isReady = world.turn == 0 && (rig == .p24 || board.isClosed)
            return isReady ? [.stay, .progress, .fail] : [.stay, .fail]
        case .ready:
            let mustSet = world.channels[0].settingSteps > 0 || world.channels[1].settingSteps > 0
            guard rig == .triggers, mustSet else { return [.stay, .fail, .fallOut] }
            let isLate = max(world.channels[0].settingSteps, world.channels[1].settingSteps) > 2
            return isLate ? [.progress, .fail, .fallOut] : [.stay, .progress, .fail, .fallOut]
        case .deenergising:
            return rig == .triggers && board.isClosed ? [.stay, .fail] : [.stay, .progress, .fail]
        case .failed: return [.stay]
        }
    }

    private static func news(_ world: World, _ index: Int, _ device: DeviceMove, _ rig: ExploredRig) -> [News] {
        let channel = world.channels[index]
        guard channel.flying > 0 else { return [.nothing] }
        // A P24 that does not answer has failed; an edge may go unseen once.
        let isGone = device == .fail || device == .fallOut || world.condition == .failed
        if isGone { return [.delivered, .unknown] }
        // An answer may take a whole tick more; the link waits for none longer.
        let mayWait = channel.flyingSteps < 2
        let known: [News] = rig == .p24 ? [.delivered, .notDelivered] : [.delivered, .notDelivered, .unknown]
        return mayWait ? [.nothing] + known : known
    }

    private static func people(
        _ base: Act, _ host: Host, _ explored: ExploredPlan, _ acts: inout [Act]
    ) {
        acts.append(base)
        var act = base
        act.stops = true
        acts.append(act)
        // A fault comes before everything else in the step: with it the keys are not all tried.
        let isFault = base.device == .fail || host.world.condition == .failed
        if isFault || host.isFinal {
            act.stops = false
            act.command = host.world.state == .paused ? .resume : .raise
            acts.append(act)
            act.command = .arm
            acts.append(act)
        }
        misfortunes(base, host, explored, &acts)
        guard !isFault, !host.isFinal, host.world.turn == 0 || explored.options.commandsWhenLate else { return }
        keys(base, explored, &acts)
    }

    private static func misfortunes(
        _ base: Act, _ host: Host, _ explored: ExploredPlan, _ acts: inout [Act]
    ) {
        var act = base
        act.hostFails = true
        acts.append(act)
        act = base
        act.oversleeps = true
        acts.append(act)
        for stops in explored.channelCount == 1 ? [UInt8(1)] : [UInt8(1), 2, 3] {
            act = base
            act.channelStops = stops
            acts.append(act)
        }
        guard explored.rig == .triggers else { return }
        for move in [BoardMove.emergencyStop, .button, .weld] where move != .weld || !host.world.board.isWelded {
            act = base
            act.board = move
            acts.append(act)
        }
    }

    private static func keys(_ base: Act, _ explored: ExploredPlan, _ acts: inout [Act]) {
        var code: UInt8 = 1
        while let command = OperatorCommand(rawValue: code) {
            code += 1
            guard explored.options.allCommands || moving.contains(command.code) else { continue }
            var act = base
            act.command = command
            acts.append(act)
            if command.asksForMore {
                act.isStale = true
                acts.append(act)
                act.isStale = false
            }
            guard explored.channelCount > 1, ofOneChannel.contains(command.code) else { continue }
            act.place = .second
            acts.append(act)
        }
    }

    private static let moving: [UInt8] = [
        OperatorCommand.arm, .beginSearch, .beginTreatment, .endTitration, .raise, .lower, .pause, .resume, .present,
        .checkedIn,
    ].map(\.code)
    private static let ofOneChannel: [UInt8] = [
        OperatorCommand.beginSearch, .endTitration, .raise, .lower, .zero, .markSensory, .markMotor,
    ].map(\.code)

    // MARK: - Time passes

    private static func mayWait(_ host: Host, _ explored: ExploredPlan) -> Bool {
        guard explored.options.letsTimePass, host.world.turn == 0 else { return false }
        let world = host.world
        guard world.channels[0].flying == 0, world.channels[0].settingSteps == 0 else { return false }
        guard !world.board.emergencyStopIsPressed, !world.board.buttonIsPressed else { return false }
        switch host.machine.course {
        case .cleared: return world.condition == .off && untilRing(host) > StateKey.near
        case .armed, .delivering: return world.condition == .ready && untilRing(host) > StateKey.near
        default: return false
        }
    }

    /// Milliseconds until the next slow clock rings.
    static func untilRing(_ host: Host) -> Int32 {
        var next =
            host.machine.untilPresenceMissed > 0 ? host.machine.untilPresenceMissed : host.machine.untilPresenceAsked
        guard host.machine.course == .delivering else { return next }
        if host.machine.asksCheckIns, host.world.state != .searching {
            next = min(
                next,
                host.machine.untilCheckInMissed > 0 ? host.machine.untilCheckInMissed : host.machine.untilCheckInAsked)
        }
        for index in 0..<host.machine.channelCount where host.machine.channels[index].state.isRunning {
            next = min(next, host.machine.channels[index].phaseRemaining)
        }
        return next
    }

    // MARK: - A willing person and a sound stimulator

    static func willing(_ host: Host, _ explored: ExploredPlan) -> Act {
        let world = host.world
        var act = Act()
        if world.channels[0].flying > 0 { act.first = .delivered }
        if world.channels[1].flying > 0 { act.second = .delivered }
        let moves = devices(world, explored.rig)
        if moves.contains(.progress) {
            act.device = .progress
        } else if world.board.isWelded, moves.contains(.fail), world.condition != .off {
            act.device = .fail
        }
        guard world.turn == 0 else { return act }
        act.command = key(host, explored)
        return act.command == .none && mayWait(host, explored) ? Act(.wait) : act
    }

    private static func key(_ host: Host, _ explored: ExploredPlan) -> OperatorCommand {
        switch host.machine.course {
        case .cleared: return .arm
        case .paused: return .resume
        case .armed:
            guard host.world.condition == .ready else { return .none }
            if explored.bounds.needsThreshold, host.machine.channels[0].motorThreshold.microamperes == 0 {
                return .beginSearch
            }
            return host.machine.channels[0].treatment == nil ? .beginSearch : .beginTreatment
        case .delivering:
            // Who is willing answers: the patient was asked, or the practitioner.
            if host.machine.untilCheckInMissed > 0 { return .checkedIn }
            if host.machine.untilPresenceMissed > 0 { return .present }
            guard host.world.state == .searching, explored.bounds.needsThreshold else { return .none }
            if host.machine.channels[0].motorThreshold.microamperes > 0 { return .endSearch }
            if host.machine.channels[0].setMicroamperes == 0 { return .raise }
            return host.machine.channels[0].lastFeltMicroamperes == host.machine.channels[0].setMicroamperes
                ? .markMotor : .none
        default: return .none
        }
    }
}
