// What raises a trigger line does so once.
import StimulatorLinks

func twice(_ edge: consuming TriggerEdge, _ release: (consuming TriggerEdge) -> Void) {
    // expected-error@-1 {{'edge' consumed more than once}}
    release(edge)  // expected-note {{consumed here}}
    release(edge)  // expected-note {{consumed again here}}
}
