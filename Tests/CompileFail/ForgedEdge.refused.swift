// A trigger edge is made of an authorized pulse, by the link alone.
import SafetyKernel
import StimulatorLinks

func forge(_ pulse: consuming AuthorizedPulse) -> TriggerEdge {
    TriggerEdge(pulse)
    // expected-error@-1 {{'TriggerEdge' initializer is inaccessible due to 'internal' protection level}}
}
