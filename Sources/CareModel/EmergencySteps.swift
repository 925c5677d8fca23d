/// What to do after an emergency key: the output was stopped first, these steps come second. Paraphrase of usual
/// teaching where no source stands (`clinical.md` 3.2, 3.6; unverified).
public enum EmergencySteps: String, Sendable, CaseIterable {
    case fainting
    case brokenNeedle = "broken_needle"
    case strongPain = "strong_pain"

    public var title: String {
        switch self {
        case .fainting: return "Fainting or dizziness"
        case .brokenNeedle: return "Broken, bent or stuck needle"
        case .strongPain: return "Strong pain"
        }
    }

    public var steps: [String] {
        switch self {
        case .fainting:
            return [
                "Take the leads off. Take the needles out if that is safe, and count them.",
                "Lay the patient flat, legs raised. Do not leave them alone.",
                "Loosen clothing; look at breathing, pulse and colour.",
                "Not better within minutes, not breathing normally, or chest pain: call for emergency care.",
                "No further stimulation today. Record what happened.",
            ]
        case .brokenNeedle:
            return [
                "The patient stays still. Take the leads off.",
                "Mark the spot on the skin.",
                "End visible: take it out with forceps. Do not press or massage.",
                "End not visible: refer for imaging at once, with the rest of the needle and its package.",
                "Count every needle. The session cannot close with one missing; report an incident.",
            ]
        case .strongPain:
            return [
                "Take the leads off. Ask where and what kind of pain.",
                "Look at the skin and at each needle or pad: burn, bleeding, bent needle.",
                "Take needles out if they lie where it hurts.",
                "Pain that stays, numbness or weakness: no further stimulation, refer.",
                "Record what happened.",
            ]
        }
    }
}
