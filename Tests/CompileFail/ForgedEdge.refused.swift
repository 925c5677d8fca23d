// A trigger edge is made of an authorized pulse, by the link alone.
import SafetyKernel
import StimulatorLinks

func forge(_ pulse: consuming AuthorizedPulse) -> TriggerEdge {
    TriggerEdge(pulse)  // expected-error {{'TriggerEdge' initializer is inaccessible due to 'internal' protection level}}
}

func twice(_ edge: consuming TriggerEdge, _ release: (consuming TriggerEdge) -> Void) {
    // expected-error@-1 {{'edge' consumed more than once}}
    release(edge)  // expected-note {{consumed here}}
    release(edge)  // expected-note {{consumed again here}}
}
