// A current and a duration are different things.
import StimulusModel

func nonsense(_ current: Current, _ duration: PhaseDuration) {
    _ = current + duration  // expected-error {{binary operator '+' cannot be applied}}
}
