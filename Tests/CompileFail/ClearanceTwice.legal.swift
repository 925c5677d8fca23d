// Each session with a clearance of its own.
import SafetyKernel
import StimulusModel

func twice(_ prescription: Prescription, _ first: GateSet, _ second: GateSet) throws(Refusal) {
    _ = try Authorization.authorize(prescription, clearance: Clearance.grant(passed: first, for: .surface))
    _ = try Authorization.authorize(prescription, clearance: Clearance.grant(passed: second, for: .surface))
}
