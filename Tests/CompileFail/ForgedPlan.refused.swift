// A plan is authorized, never written down, and never widened.
import SafetyKernel
import StimulusModel

func forge(_ dose: Dose, _ prescription: Prescription) -> AuthorizedPlan {
    let forged = AuthorizedDose(dose: dose, ceiling: dose.maximumAmplitude, ceilingSetBy: .absolute)
    // expected-error@-1 {{'AuthorizedDose' initializer is inaccessible due to 'fileprivate' protection level}}
    let channel = AuthorizedChannel(
        // expected-error@-1 {{'AuthorizedChannel' initializer is inaccessible due to 'fileprivate' protection level}}
        search: nil, treatment: forged, prescription: prescription.first, limits: .absoluteSurface)
    return AuthorizedPlan(
        // expected-error@-1 {{'AuthorizedPlan' initializer is inaccessible due to 'fileprivate' protection level}}
        first: channel, second: nil, arrangement: .single, capabilities: prescription.capabilities)
}

func widen(_ plan: AuthorizedPlan, _ channel: AuthorizedChannel, _ limits: LimitTable) {
    var wider = plan
    wider.limits = limits  // expected-error {{cannot assign to property: 'limits' is a get-only property}}
    wider.second = channel  // expected-error {{cannot assign to property: 'second' is a 'let' constant}}
    var wide = channel
    wide.limits = limits  // expected-error {{cannot assign to property: 'limits' is a 'let' constant}}
    wide.channel = .first  // expected-error {{cannot assign to property: 'channel' is a 'let' constant}}
}
