// Armed first.
import SafetyKernel
import StimulusModel

func armed(_ gate: inout PulseGate, _ request: PulseRequest, at now: Instant) throws(Refusal) -> AuthorizedPulse {
    let arming = try gate.arm(condition: .off, at: now)
    return try gate.authorize(request, under: arming, condition: .ready, at: now)
}
