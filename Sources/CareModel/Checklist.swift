public import StimulusModel

/// What an answer looks like.
public enum AnswerKind: String, Sendable, CaseIterable {
    /// Something is confirmed, or not; not confirmed blocks.
    case confirm
    case yesNo = "yes_no"
    case choice
    case number
    case text
}

/// What follows from an answer (`clinical.md` 3, Default column).
public enum AnswerEffect: String, Sendable, CaseIterable {
    case pass
    /// Kept in the record, nothing else.
    case note
    /// The practitioner may go on with a reason, which is stored.
    case override
    /// The session cannot be armed.
    case block
}

/// What an answer means to the program beyond passing its gate.
public enum AnswerBinding: String, Sendable, CaseIterable {
    /// Must agree with the side on the command line (H17).
    case side
    /// The skin contact area of one pad, from which current density is computed.
    case padArea = "pad_area"
}

/// One of the answers to a yes/no or choice question.
public struct AnswerOption: Equatable, Sendable {
    /// What is typed: `yes`, `unsure`.
    public let word: String
    public let effect: AnswerEffect
    /// The row that this answer falls under where it is not the item's own: "unsure" of C01 is C02.
    public let rule: String?
    /// What to say with a block, an override or a note; for an override, what the reason must state.
    public let message: String?
    /// The most contractions today that this answer leaves (C29: 10).
    public let contractionCap: Int32?

    public init(word: String, effect: AnswerEffect, rule: String?, message: String?, contractionCap: Int32?) {
        self.word = word
        self.effect = effect
        self.rule = rule
        self.message = message
        self.contractionCap = contractionCap
    }
}

/// One question. None has a default answer (H31).
public struct ChecklistItem: Equatable, Sendable {
    /// Unique in its checklist: `C01`, `K08`.
    public let code: String
    public let text: String
    public let kind: AnswerKind
    /// For yes/no and choice; empty otherwise.
    public let options: [AnswerOption]
    /// For numbers: the unit that is typed and the stored range.
    public let unit: QuantityUnit?
    public let lowest: Int64?
    public let highest: Int64?
    public let binding: AnswerBinding?
    /// Asked for these electrodes.
    public let electrodeKinds: [ElectrodeKind]
    /// The one gate that this item feeds.
    public let gate: GateSet
    public let source: String
    /// Line in the file, from 1.
    public let line: Int

    public init(
        code: String, text: String, kind: AnswerKind, options: [AnswerOption], unit: QuantityUnit?, lowest: Int64?,
        highest: Int64?, binding: AnswerBinding?, electrodeKinds: [ElectrodeKind], gate: GateSet, source: String,
        line: Int
    ) {
        self.code = code
        self.text = text
        self.kind = kind
        self.options = options
        self.unit = unit
        self.lowest = lowest
        self.highest = highest
        self.binding = binding
        self.electrodeKinds = electrodeKinds
        self.gate = gate
        self.source = source
        self.line = line
    }
}

/// The questions before a session, as data.
public struct Checklist: Equatable, Sendable {
    /// Equals the file's name.
    public let id: String
    public let version: Int32
    public let title: String
    /// Language of the texts and so of the consent: `en`.
    public let language: String
    public let items: [ChecklistItem]

    public init(id: String, version: Int32, title: String, language: String, items: [ChecklistItem]) {
        self.id = id
        self.version = version
        self.title = title
        self.language = language
        self.items = items
    }

    /// The questions for one kind of electrode, in order.
    public func items(for kind: ElectrodeKind) -> [ChecklistItem] {
        items.filter { $0.electrodeKinds.contains(kind) }
    }

    public func item(code: String) -> ChecklistItem? { items.first { $0.code == code } }

    /// What consents cover: the items that feed the consent gate.
    public var consentItems: [ChecklistItem] { items.filter { $0.gate == .consent } }
}
