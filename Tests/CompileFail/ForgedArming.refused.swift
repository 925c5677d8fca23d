// Only the gate arms.
import SafetyKernel
import StimulusModel

func forge() -> Arming {
    Arming(since: Instant(nanoseconds: 0))
    // expected-error@-1 {{'Arming' initializer is inaccessible due to 'fileprivate' protection level}}
}
