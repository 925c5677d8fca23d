public import StimulusModel

/// Something about one item that the practitioner must see.
public struct ChecklistFinding: Equatable, Sendable {
    public let code: String
    /// The row that the answer falls under: the code itself, or C02 for an "unsure" of C01.
    public let rule: String
    public let text: String

    public init(code: String, rule: String, text: String) {
        self.code = code
        self.rule = rule
        self.text = text
    }
}

/// What a set of answers amounts to: a pure function of checklist, answers and side.
public struct ChecklistOutcome: Equatable, Sendable {
    /// Gates all of whose items are answered and pass. Never one that the program must prove itself.
    public let gates: GateSet
    /// Items of this electrode kind without an answer.
    public let unanswered: [String]
    public let blocks: [ChecklistFinding]
    /// Overrides that still lack a reason.
    public let reasonsMissing: [ChecklistFinding]
    public let overrides: [ChecklistFinding]
    public let notes: [ChecklistFinding]
    /// The most contractions today, where an answer lowers it.
    public let contractionCap: Int32?
    public let padArea: PadArea?

    public init(
        gates: GateSet, unanswered: [String], blocks: [ChecklistFinding], reasonsMissing: [ChecklistFinding],
        overrides: [ChecklistFinding], notes: [ChecklistFinding], contractionCap: Int32?, padArea: PadArea?
    ) {
        self.gates = gates
        self.unanswered = unanswered
        self.blocks = blocks
        self.reasonsMissing = reasonsMissing
        self.overrides = overrides
        self.notes = notes
        self.contractionCap = contractionCap
        self.padArea = padArea
    }

    /// Whether every question was answered and none stands in the way.
    public var isClear: Bool { unanswered.isEmpty && blocks.isEmpty && reasonsMissing.isEmpty }
}

extension Checklist {
    /// The outcome of the answers so far. Of several answers to one item the last counts; answers to items that this
    /// checklist does not have, or that are for the other electrode kind, count for nothing.
    public func outcome(
        of answers: [ChecklistAnswer], electrodeKind: ElectrodeKind, side: BodySide
    ) -> ChecklistOutcome {
        var tally = OutcomeTally()
        for item in items(for: electrodeKind) {
            guard let answer = answers.last(where: { $0.code == item.code }) else {
                tally.leaveOpen(item)
                continue
            }
            tally.add(item, answer, side: side)
        }
        return tally.outcome(electrodeKind)
    }
}

private struct OutcomeTally {
    private var fed: GateSet = .none
    private var shut: GateSet = .none
    private var unanswered: [String] = []
    private var blocks: [ChecklistFinding] = []
    private var reasonsMissing: [ChecklistFinding] = []
    private var overrides: [ChecklistFinding] = []
    private var notes: [ChecklistFinding] = []
    private var contractionCap: Int32?
    private var padArea: PadArea?

    func outcome(_ kind: ElectrodeKind) -> ChecklistOutcome {
        let open = GateSet(rawValue: fed.rawValue & GateSet.answerable(for: kind).rawValue).subtracting(shut)
        return ChecklistOutcome(
            gates: open, unanswered: unanswered, blocks: blocks, reasonsMissing: reasonsMissing,
            overrides: overrides, notes: notes, contractionCap: contractionCap, padArea: padArea)
    }

    mutating func leaveOpen(_ item: ChecklistItem) {
        unanswered.append(item.code)
        shut = shut.union(item.gate)
    }

    mutating func add(_ item: ChecklistItem, _ answer: ChecklistAnswer, side: BodySide) {
        let option = item.option(of: answer.value)
        let rule = option?.rule ?? item.code
        func finding(_ text: String) -> ChecklistFinding { ChecklistFinding(code: item.code, rule: rule, text: text) }
        fed = fed.union(item.gate)
        let verdict = item.judge(answer.value, reason: answer.reason, side: side)
        switch verdict {
        case .accepted: break
        case .noted(let text): notes.append(finding(text))
        case .needsReason(let text): reasonsMissing.append(finding(text))
        case .overridden(let reason): overrides.append(finding(reason))
        case .blocked(let text): blocks.append(finding(text))
        }
        if !verdict.passes { shut = shut.union(item.gate) }
        if let cap = option?.contractionCap { contractionCap = min(contractionCap ?? cap, cap) }
        if item.binding == .padArea, verdict.passes, case .number(let stored) = answer.value {
            padArea = PadArea(squareMillimetres: Int32(clamping: stored))
        }
    }
}

extension ChecklistItem {
    fileprivate func option(of value: AnswerValue) -> AnswerOption? {
        guard case .option(let word) = value else { return nil }
        return options.first { $0.word == word }
    }
}
