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

    /// - Returns: the practitioner's words for each channel; nothing where none came.
    func ask(_ places: [ChannelPlace]) -> [ChannelPlace: String] {
        var answers: [ChannelPlace: String] = [:]
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: MotorPointQuestion.patienceMilliseconds))
        for place in places where place.index < order.channels.count {
            let muscle = order.channels[place.index].treated.muscle
            let left = end.since(SystemClock.now()).milliseconds
            guard left > 0 else { break }
            prompter.say("")
            let question =
                "Where was the motor point of the \(muscle.title)? In your words and by landmarks "
                + "(\(MotorPointQuestion.landmarks(muscle))). ENTER for nothing, \(left / 1_000) s to answer:"
            guard let text = prompter.ask(question, withinMilliseconds: left) else { break }
            // What a raw terminal leaves behind is no part of a sentence, and no record hands on what moves a cursor.
            let words = text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            answers[place] = String(String(String.UnicodeScalarView(words)).prefix(200))
        }
        return answers
    }

    /// What the sources measure from (`clinical.md` 2.3).
    private static func landmarks(_ muscle: TargetMuscle) -> String {
        switch muscle {
        case .vmo: return "cm above and medial of the superomedial corner of the patella [NUSSBAUM] [BOTTER]"
        case .gluteusMedius: return "cm from the greater trochanter toward the iliac crest [EMG-GM]"
        }
    }
}
