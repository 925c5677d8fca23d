// A second session needs a second checklist.
import SafetyKernel
import StimulusModel

func twice(_ prescription: Prescription, _ passed: GateSet) throws(Refusal) {
    let clearance = try Clearance.grant(passed: passed, for: .surface)
    // expected-error@-1 {{'clearance' consumed more than once}}
    _ = try Authorization.authorize(prescription, clearance: clearance)  // expected-note {{consumed here}}
    _ = try Authorization.authorize(prescription, clearance: clearance)  // expected-note {{consumed again here}}
}
