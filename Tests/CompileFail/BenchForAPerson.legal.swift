// Each clearance makes a plan of its own kind.
import SafetyKernel
import StimulusModel

func measure(_ order: BenchOrder) throws(Refusal) -> AuthorizedBenchPlan {
    let attested = BenchAttestation(
        assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: true, deviceIsIdentified: true)
    return try Authorization.authorize(order, clearance: BenchClearance.attest(.open, attested, for: .surface))
}

func treat(_ prescription: Prescription, _ passed: GateSet) throws(Refusal) -> AuthorizedPlan {
    try Authorization.authorize(prescription, clearance: Clearance.grant(passed: passed, for: .surface))
}
