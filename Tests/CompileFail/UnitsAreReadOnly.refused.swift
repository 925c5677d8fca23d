// A checked value cannot be changed behind the check.
import StimulusModel

func lower(_ current: Current) {
    var copy = current
    copy.microamperes = 1  // expected-error {{cannot assign to property: 'microamperes' is a 'let' constant}}
}
