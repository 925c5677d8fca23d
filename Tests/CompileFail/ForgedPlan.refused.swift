// A plan is authorized, never written down, and never widened.
import SafetyKernel
import StimulusModel

func forge(_ dose: Dose, _ prescription: Prescription) -> AuthorizedPlan {
    let forged = AuthorizedDose(dose: dose, ceiling: dose.maximumAmplitude, ceilingSetBy: .absolute)
    // expected-error@-1 {{'AuthorizedDose' initializer is inaccessible due to 'fileprivate' protection level}}
    return AuthorizedPlan(search: nil, treatment: forged, prescription: prescription, limits: .absoluteSurface)
    // expected-error@-1 {{'AuthorizedPlan' initializer is inaccessible due to 'fileprivate' protection level}}
}

func widen(_ plan: AuthorizedPlan, _ limits: LimitTable) {
    var wider = plan
    wider.limits = limits  // expected-error {{cannot assign to property: 'limits' is a 'let' constant}}
}
