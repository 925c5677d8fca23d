// Their product is a charge.
import StimulusModel

func charge(_ current: Current, _ duration: PhaseDuration) -> Charge {
    Charge(current, for: duration)
}
