// Two points in time have no sum.
import StimulusModel

func nonsense(_ first: Instant, _ second: Instant) {
    _ = first + second  // expected-error {{binary operator '+' cannot be applied to two 'Instant' operands}}
    _ = first.advanced(by: second)  // expected-error {{cannot convert value of type 'Instant'}}
}
