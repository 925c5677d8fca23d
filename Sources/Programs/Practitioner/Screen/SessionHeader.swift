import CareModel
import SessionRecords
import SessionScreen

extension SessionOrder {
    /// Who is treated with what, as the head of the screen says it.
    var header: SessionHeader {
        SessionHeader(
            personID: person.text, practitioner: practitioner, sides: channels.map { _ in side },
            protocols: channels.map(\.main.content.id))
    }
}
