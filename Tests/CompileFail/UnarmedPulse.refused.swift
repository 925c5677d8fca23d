// Without an arming there is no way to ask for a pulse.
import SafetyKernel
import StimulusModel

func unarmed(_ gate: inout PulseGate, _ request: PulseRequest, at now: Instant) throws(Refusal) {
    _ = try gate.authorize(request, condition: .ready, at: now)
    // expected-error@-1 {{missing argument for parameter 'under' in call}}
}
