// Where the motor point was found, asked when output is off and before the record is closed: while current may flow a
// space stops the session, so nobody could type a sentence.
import ByteStreams
import CareModel
import Foundation
import StimulusModel

struct MotorPointQuestion {
    let prompter: Prompter
    let order: SessionOrder

    /// How long an open record waits for an answer (proposal): the record is worth more than the place.
    private static let patienceMilliseconds: Int64 = 60_000

    /// - Returns: the practitioner's words; empty where none came.
    func ask() -> String {
        let muscles = order.channels.map { MotorPointQuestion.landmarks($0.treated.muscle) }
        prompter.say("")
        let question =
            "Where was the motor point? In your words and by landmarks (\(muscles.joined(separator: "; "))). ENTER for "
            + "nothing, \(MotorPointQuestion.patienceMilliseconds / 1_000) s to answer:"
        let text = prompter.ask(question, withinMilliseconds: MotorPointQuestion.patienceMilliseconds) ?? ""
        return String(text.prefix(200))
    }

    /// What the sources measure from (`clinical.md` 2.3).
    private static func landmarks(_ muscle: TargetMuscle) -> String {
        switch muscle {
        case .vmo: return "VMO: cm above and medial of the superomedial corner of the patella [NUSSBAUM] [BOTTER]"
        case .gluteusMedius: return "gluteus medius: cm from the greater trochanter toward the iliac crest [EMG-GM]"
        }
    }
}
