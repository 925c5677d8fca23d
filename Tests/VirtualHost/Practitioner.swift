internal import RigControl
internal import SafetyKernel
internal import SessionEngine
internal import StimulatorLinks
internal import StimulusModel

/// Pretend practitioners: what they do in each millisecond, from what they see.
public enum Practitioner {
    /// Arms, begins, and raises on each plateau until the set amplitude is reached.
    public static func raising(to target: Int32, every milliseconds: Int64 = 600) -> (VirtualSession) -> Hands {
        { session in
            var hands = Hands()
            switch session.state {
            case .cleared: hands.command = .arm
            case .armed where session.control.condition == .ready: hands.command = .beginTreatment
            case .holding:
                if session.milliseconds % milliseconds == 0, session.control.setAmplitude.microamperes < target {
                    hands.command = .raise
                }
            default: break
            }
            return hands
        }
    }

    /// Two channels, each raised on its own plateaus to its own target; titration ends with the first contraction.
    public static func raisingBoth(
        to first: Int32, and second: Int32, every milliseconds: Int64 = 620
    ) -> (VirtualSession) -> Hands {
        { session in
            let machine = session.control.machine
            switch session.state {
            case .cleared: return Hands(command: .arm)
            case .armed where session.control.condition == .ready: return Hands(command: .beginTreatment)
            default: break
            }
            for (place, target, offset) in [(ChannelPlace.first, first, Int64(0)), (.second, second, 310)] {
                let channel = machine.channel(place)
                guard (session.milliseconds + offset) % milliseconds == 0 else { continue }
                if channel.state == .holding, channel.setMicroamperes < target {
                    return Hands(command: .raise, at: place)
                }
                if channel.titrating, channel.state == .resting { return Hands(command: .endTitration, at: place) }
            }
            return Hands()
        }
    }

    /// Arms, searches, and raises.
    public static func searching(to target: Int32, every milliseconds: Int64 = 700) -> (VirtualSession) ->
        Hands
    {
        { session in
            var hands = Hands()
            switch session.state {
            case .cleared: hands.command = .arm
            case .armed where session.control.condition == .ready: hands.command = .beginSearch
            case .searching:
                if session.milliseconds % milliseconds == 0, session.control.setAmplitude.microamperes < target {
                    hands.command = .raise
                }
            default: break
            }
            return hands
        }
    }

    /// Presses a key every few milliseconds, whatever the state: every command but none that stops.
    public static func everything(_ session: VirtualSession) -> Hands {
        var hands = Hands()
        guard session.milliseconds % 7 == 0 else { return hands }
        let draw = UInt64(bitPattern: session.milliseconds) &* 0x9E37_79B9_7F4A_7C15 >> 40
        hands.command = OperatorCommand(rawValue: UInt8(draw % 14)) ?? .none
        // Now and then a sensible practitioner, so that the mad one gets somewhere.
        if draw % 3 == 0 { hands.command = raising(to: 15_000, every: 7)(session).command }
        return hands
    }
}
