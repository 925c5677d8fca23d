// An arming that was given back arms nothing.
import SafetyKernel
import StimulusModel

func after(_ gate: inout PulseGate, _ request: PulseRequest, _ arming: consuming Arming, at now: Instant) throws {
    // expected-error@-1 {{'arming' used after consume}}
    arming.disarm()  // expected-note {{consumed here}}
    _ = try gate.authorize(request, under: arming, condition: .ready, at: now)  // expected-note {{used here}}
}
