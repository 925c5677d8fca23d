// A pulse is asked for, and the gate decides.
import SafetyKernel
import StimulusModel

func ask(
    _ gate: inout PulseGate, _ request: PulseRequest, _ arming: borrowing Arming, at now: Instant
) throws(Refusal) -> AuthorizedPulse {
    try gate.authorize(request, under: arming, condition: .ready, at: now)
}
