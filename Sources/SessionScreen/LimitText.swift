public import SafetyKernel

/// Who set a limit, and its figures, as people read them.
public enum LimitText {
    public static func owner(_ source: LimitSource) -> String {
        switch source {
        case .absolute: return "the absolute limit of this program"
        case .device: return "the stimulator"
        case .calibration: return "the calibration"
        case .clinic: return "the rig file"
        case .protocolFile: return "the protocol"
        case .checklist: return "a checklist answer"
        case .practitioner: return "the practitioner"
        case .firstSession: return "the rule for first sessions"
        case .needleGeometry: return "gauge and inserted length of the needle"
        case .motorThreshold: return "80 % of the motor threshold marked in this session"
        }
    }

    /// In a word, beside a bar.
    static func shortOwner(_ source: LimitSource) -> String {
        switch source {
        case .absolute: return "absolute"
        case .device: return "stimulator"
        case .calibration: return "calibration"
        case .clinic: return "rig file"
        case .protocolFile: return "protocol"
        case .checklist: return "checklist"
        case .practitioner: return "practitioner"
        case .firstSession: return "first session"
        case .needleGeometry: return "needle"
        case .motorThreshold: return "80 % of motor threshold"
        }
    }

    /// `value / unit` with up to three decimals, cut, without trailing zeros.
    public static func decimal(_ value: Int64, _ unit: Int64) -> String {
        let magnitude = value.magnitude
        let whole = magnitude / UInt64(unit)
        var rest = ""
        var remainder = magnitude % UInt64(unit)
        for _ in 0..<3 where remainder > 0 {
            remainder *= 10
            rest += "\(remainder / UInt64(unit))"
            remainder %= UInt64(unit)
        }
        while rest.hasSuffix("0") { rest.removeLast() }
        return (value < 0 ? "-" : "") + "\(whole)" + (rest.isEmpty ? "" : ".\(rest)")
    }
}
