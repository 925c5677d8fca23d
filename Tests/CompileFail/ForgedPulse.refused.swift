// Only the gate makes an authorized pulse, and it stays with its channel.
import SafetyKernel
import StimulusModel

func forge(_ pulse: Pulse) -> AuthorizedPulse {
    AuthorizedPulse(place: .first, channel: .first, pulse: pulse, periodMicroseconds: 1, serial: 1)
    // expected-error@-1 {{'AuthorizedPulse' initializer is inaccessible due to 'fileprivate' protection level}}
}

func readdressed(_ pulse: consuming AuthorizedPulse) -> AuthorizedPulse {
    pulse.place = .second  // expected-error {{cannot assign to property: 'place' is a 'let' constant}}
    return pulse
}
