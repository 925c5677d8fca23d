// Nobody clears himself: the gates have to be passed.
import SafetyKernel
import StimulusModel

func forge() -> Clearance {
    Clearance(gates: .consent, electrodeKind: .surface)
    // expected-error@-1 {{'Clearance' initializer is inaccessible due to 'fileprivate' protection level}}
}
