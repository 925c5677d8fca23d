// What is cleared on the bench serves no person, and what is cleared for a person no bench.
import SafetyKernel
import StimulusModel

func swap(_ prescription: Prescription, _ order: BenchOrder, _ passed: GateSet) throws(Refusal) {
    let attested = BenchAttestation(
        assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: true, deviceIsIdentified: true)
    let bench = try BenchClearance.attest(.open, attested, for: .surface)
    _ = try Authorization.authorize(prescription, clearance: bench)
    // expected-error@-1 {{no exact matches in call to static method 'authorize'}}
    let person = try Clearance.grant(passed: passed, for: .surface)
    _ = try Authorization.authorize(order, clearance: person)
    // expected-error@-1 {{no exact matches in call to static method 'authorize'}}
}

func treat(_ plan: AuthorizedBenchPlan) -> PulseGate {
    PulseGate(plan: plan)
    // expected-error@-1 {{cannot convert value of type 'AuthorizedBenchPlan' to expected argument type 'AuthorizedPlan'}}
}
