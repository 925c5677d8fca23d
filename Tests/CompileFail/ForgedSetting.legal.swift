// Leave is asked of the gate and handed to the link.
import SafetyKernel
import StimulatorLinks
import StimulusModel

func set(
    _ gate: borrowing PulseGate, _ link: inout TriggerLink, _ request: PulseRequest, _ arming: borrowing Arming,
    at now: Instant
) throws(Refusal) -> Bool {
    let setting = try gate.allowSetting(request, under: arming, condition: .ready, at: now)
    return link.set(setting)
}
