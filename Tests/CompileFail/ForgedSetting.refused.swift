// Only the gate gives leave to set a stimulator, and the leave is for one setting of one channel.
import SafetyKernel
import StimulatorLinks
import StimulusModel

func forge(_ pulse: Pulse) -> AuthorizedSetting {
    AuthorizedSetting(place: .first, channel: .first, pulse: pulse)
    // expected-error@-1 {{'AuthorizedSetting' initializer is inaccessible due to 'fileprivate' protection level}}
}

func readdressed(_ setting: consuming AuthorizedSetting) -> AuthorizedSetting {
    setting.place = .second  // expected-error {{cannot assign to property: 'place' is a 'let' constant}}
    return setting
}

func asPulse(_ link: inout TriggerLink, _ setting: consuming AuthorizedSetting, at now: Instant) {
    _ = link.deliver(setting, at: now)
    // expected-error@-1 {{cannot convert value of type 'AuthorizedSetting' to expected argument type 'AuthorizedPulse'}}
}
