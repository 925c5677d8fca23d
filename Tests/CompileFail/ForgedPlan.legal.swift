// A prescription and a clearance make a plan, if every limit is kept.
import SafetyKernel
import StimulusModel

func authorize(_ prescription: Prescription, _ passed: GateSet) throws(Refusal) -> AuthorizedPlan {
    try Authorization.authorize(prescription, clearance: Clearance.grant(passed: passed, for: .surface))
}
