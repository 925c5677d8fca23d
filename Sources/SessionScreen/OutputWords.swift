internal import SafetyKernel
internal import StimulusModel

/// What stands between the stimulator and the patient, in words: a P24 has a high voltage, a needle rig a relay.
struct OutputWords {
    let isNeedleRig: Bool

    init(_ model: ScreenModel) { isNeedleRig = model.plan.capabilities.electrodeKind == .needle }

    var on: String { isNeedleRig ? "output relay closed" : "high voltage on" }
    var off: String { isNeedleRig ? "output relay open" : "high voltage off" }
    var verifiedOff: String { isNeedleRig ? "output relay read back open" : "high voltage verified off" }
    var notVerifiedOff: String { isNeedleRig ? "output relay NOT read back open" : "high voltage NOT verified off" }
    var contact: String { isNeedleRig ? "Clips on" : "Pads on" }

    func state(_ condition: StimulatorCondition) -> String {
        switch condition {
        case .absent, .identifying, .failed: return isNeedleRig ? "output relay unknown" : "high voltage unknown"
        case .off: return off
        case .energising: return isNeedleRig ? "proving both stop paths" : "high voltage rising"
        case .ready: return isNeedleRig ? "OUTPUT RELAY CLOSED" : "HIGH VOLTAGE ON"
        case .deenergising: return isNeedleRig ? "output relay opening" : "high voltage falling"
        }
    }
}
