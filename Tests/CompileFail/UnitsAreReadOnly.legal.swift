// A new value says where it comes from.
import StimulusModel

func lower(_ current: Current) -> Current {
    current.rounded(towardZeroInStepsOf: Current(microamperes: 500))
}
