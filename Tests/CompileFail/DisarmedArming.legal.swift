// Used while it is held, then given back.
import SafetyKernel
import StimulusModel

func before(
    _ gate: inout PulseGate, _ request: PulseRequest, _ arming: consuming Arming, at now: Instant
) throws(Refusal) {
    _ = try gate.authorize(request, under: arming, condition: .ready, at: now)
    arming.disarm()
}
