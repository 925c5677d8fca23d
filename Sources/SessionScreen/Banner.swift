// What must be seen first: alarms by priority, the question whether anybody is there, and what the state asks for.
internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel

struct Banner {
    struct Row: Equatable {
        var text: String
        var style: Style
        /// Drawn over the whole width, so that it stands out.
        var isFilled: Bool
    }

    let model: ScreenModel
    let columns: Int

    /// The rows, the most urgent first.
    var rows: [Row] { alarmRows + promptRows + hintRows }

    private var width: Int { max(1, columns - 2) }

    private var alarmRows: [Row] {
        model.alarms.active.flatMap { alarm -> [Row] in
            let isLit = AlarmBoard.isLit(alarm, at: model.now)
            let style = Style(alarm.priority.tone, isBold: true, isInverse: isLit)
            let head = "\(alarm.priority.symbol) \(alarm.priority.word): \(title(alarm))"
            var rows = Wording.wrap(head, width).map { Row(text: $0, style: style, isFilled: true) }
            for advice in alarm.advice {
                rows += Wording.wrap(advice, width).map { Row(text: $0, style: .bold, isFilled: false) }
            }
            return rows
        }
    }

    private func title(_ alarm: Alarm) -> String {
        guard alarm.kind == .presenceAsked, let left = model.presenceLeft else { return alarm.title }
        let delivers = model.statuses[0]?.state.isDelivering ?? false
        let otherwise = delivers ? "the session pauses" : "the session ends"
        return "ARE YOU THERE? Press y within \((left + 999) / 1_000) s, or \(otherwise)."
    }

    /// Questions that only a key answers.
    private var promptRows: [Row] {
        guard model.statuses[0]?.state == .paused else { return [] }
        let text = "PAUSED: 0 mA, \(OutputWords(model).off), clock held. r goes on from 0 mA, every step by hand."
        return Wording.wrap(text, width).map { Row(text: $0, style: .inverse, isFilled: true) }
    }

    /// What the state asks of the hands.
    private var hintRows: [Row] {
        guard let text = hint else { return [] }
        return Wording.wrap(text, width).map { Row(text: $0, style: .plain, isFilled: false) }
    }

    private var hint: String? {
        guard let status = model.selectedStatus else { return nil }
        switch status.state {
        case .cleared:
            return
                "Nothing is armed. \(OutputWords(model).contact), patient told, stop button in the patient's "
                + "hand: then a."
        case .armed:
            return model.plan.channel(at: model.selected)?.search == nil
                ? nil
                : "\(sentence(OutputWords(model).on)), no pulses. f looks for the motor point, b begins the "
                    + "treatment from 0 mA."
        case .searching: return searchHint(status)
        case .idle: return "Asking the stimulator who it is, and turning it off."
        default: return nil
        }
    }

    private func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    private func searchHint(_ status: StatusSnapshot) -> String {
        guard status.channelState == .searching else {
            return "The search runs on the other channel: TAB selects it."
        }
        guard let dose = model.dose(model.selected) else { return "" }
        let next = status.setAmplitude.microamperes + dose.dose.amplitudeStep.microamperes
        if next > dose.ceiling.microamperes {
            let owner = LimitText.shortOwner(dose.ceilingSetBy)
            return
                "\(SessionText.milliamperes(dose.ceiling)) is the cap of the search (\(owner)): press z and move the "
                + "electrode, do not raise."
        }
        if status.motorThreshold.microamperes == 0 {
            return "+ until it is felt: 1. Then + until it twitches: 2. The first twitch is the motor threshold."
        }
        return
            "z, move the electrode, + again, 2 or 3 times: the lowest twitch is the point. Marks are void when the "
            + "session ends."
    }
}
