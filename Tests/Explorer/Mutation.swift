// Defects to be found: each is what a mistake in the machine would look like from outside. The search must find every
// one of them, or it proves nothing.
import SessionEngine
import StimulusModel

public enum Mutation: String, CaseIterable, Sendable {
    case none
    case dropsAStop
    case queuesAStop
    case dropsAButton
    case raisesByTwo
    case raisesAboveTheCeiling
    case raisesInRest
    case raisesTooFast
    case resumesAtTheOldAmplitude
    case keepsTheAmplitudeInAPause
    case forgivesAFault
    case energisesAfterAFault
    case armsByItself
    case staysArmedInAPause
    case followsAStaleKey
    case ignoresLateness
    case neverEnds
    case leavesTheRelayClosed

    /// What the machine is told.
    func tamper(_ inputs: inout StepInputs, _ world: inout World) {
        switch self {
        case .dropsAStop where world.state == .rampingUp || world.state == .holding: inputs.stop = .none
        case .dropsAButton where inputs.stop == .patientButton: inputs.stop = .none
        case .forgivesAFault where inputs.hostFault == .journalFailed: inputs.hostFault = .none
        case .armsByItself where world.state == .cleared && inputs.condition == .off: inputs.command = .arm
        case .followsAStaleKey: inputs.commandIsStale = false
        case .neverEnds where inputs.command == .resume: inputs.command = .none
        case .ignoresLateness where inputs.elapsedTicks > 1_000: inputs.elapsedTicks = 1
        case .queuesAStop:
            let waited = world.memory == 1
            world.memory = inputs.stop != .none && world.state.isDelivering ? 1 : 0
            inputs.stop = waited ? .operatorKey : .none
        default: break
        }
    }

    /// What comes out of it.
    func tamper(_ out: inout StepOutputs, _ inputs: StepInputs, _ world: inout World) {
        let set = out.setAmplitude.microamperes
        switch self {
        case .raisesByTwo where set > world.channels[0].set:
            raise(&out, to: set + set - world.channels[0].set)
        case .raisesAboveTheCeiling
        where inputs.command == .raise && set == 2_000 && world.channels[0].set == set
            && world.channels[0].state == .holding && world.channels[0].sinceRaise >= 500:
            raise(&out, to: set + 1_000)
        case .raisesInRest where inputs.command == .raise && world.channels[0].state == .resting:
            raise(&out, to: set + 1_000)
        case .raisesTooFast
        where inputs.command == .raise && set > 0 && set == world.channels[0].set
            && world.channels[0].sinceRaise < 500 && world.channels[0].state == .holding:
            raise(&out, to: set + 1_000)
        case .resumesAtTheOldAmplitude:
            if out.state == .paused, world.state != .paused { world.memory = world.channels[0].set }
            if world.state == .paused, out.state.isDelivering { raise(&out, to: world.memory) }
        case .keepsTheAmplitudeInAPause where out.state == .paused: raise(&out, to: world.channels[0].set)
        case .staysArmedInAPause where out.state == .paused: out.demand = .energised
        case .energisesAfterAFault where out.state == .faulted: out.demand = .energised
        default: break
        }
    }

    /// What the board sees.
    func tamper(_ world: inout World, _ act: Act) {
        if self == .leavesTheRelayClosed, world.board.enable, act.stops { world.isArmed = true }
    }

    private func raise(_ out: inout StepOutputs, to microamperes: Int32) {
        out.setAmplitude = Current(microamperes: microamperes)
    }
}
