// They have a distance, and a distance can be added to one.
import StimulusModel

func later(_ first: Instant, _ second: Instant) -> Instant {
    second.advanced(by: second.since(first))
}
