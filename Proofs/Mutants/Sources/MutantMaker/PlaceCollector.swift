import SwiftSyntax

/// Walks through one file and writes down each place that can be changed, and how.
final class PlaceCollector: SyntaxVisitor {
    private(set) var mutants: [Mutant] = []
    private(set) var places: [Place] = []
    /// What forbids a mutant: promises to the compiler on locks and allocation.
    private(set) var strikes: [Edit] = []
    private let path: String
    private let converter: SourceLocationConverter
    private var next: Int32
    private var order = 0

    init(path: String, root: Syntax, firstNumber: Int32) {
        self.path = path
        converter = SourceLocationConverter(fileName: path, tree: root)
        next = firstNumber
        super.init(viewMode: .sourceAccurate)
    }

    // MARK: - Writing places down

    /// What a place's text becomes: pieces before, after, and in place of a token.
    private struct Change {
        var open: String
        var close: String
        var replace: (token: Syntax, text: String)?
    }

    /// - Parameters:
    ///   - changes: what each mutant of the place is, in the order of their numbers.
    ///   - change: the text; `#` stands for the place's number.
    private func add(
        _ node: some SyntaxProtocol, _ kind: String, _ changes: [(before: String, after: String)], _ change: Change
    ) {
        let number = next
        next += Int32(changes.count)
        order += 1
        let from = node.positionAfterSkippingLeadingTrivia.utf8Offset
        let to = node.endPositionBeforeTrailingTrivia.utf8Offset
        func numbered(_ text: String) -> String {
            text.split(separator: "#", omittingEmptySubsequences: false)
                .joined(separator: "\(number)")
        }
        var edits = [
            Edit(from: from, to: from, text: numbered(change.open), closes: false, order: order),
            Edit(from: to, to: to, text: numbered(change.close), closes: true, order: order),
        ]
        if let (token, text) = change.replace {
            edits.append(
                Edit(
                    from: token.positionAfterSkippingLeadingTrivia.utf8Offset,
                    to: token.endPositionBeforeTrailingTrivia.utf8Offset, text: numbered(text), closes: false,
                    order: order))
        }
        places.append(Place(number: number, count: Int32(changes.count), from: from, to: to, edits: edits))
        let line = converter.location(for: node.positionAfterSkippingLeadingTrivia).line
        let around = Self.around(Syntax(node))
        let function = Self.function(Syntax(node))
        for (index, (before, after)) in changes.enumerated() {
            mutants.append(
                Mutant(
                    number: number + Int32(index), place: number, file: path, line: line, function: function,
                    kind: kind, before: before, after: after, around: around))
        }
    }

    /// Calls a helper of the copy with the number and the text as it was.
    private func wrap(
        _ node: some SyntaxProtocol, _ kind: String, _ helper: String, _ changes: [(before: String, after: String)]
    ) {
        add(node, kind, changes, Change(open: "\(helper)(#, ", close: ")"))
    }

    private func flip(_ node: some SyntaxProtocol, _ kind: String, to after: String) {
        wrap(node, kind, "mutantFlip", [(Self.oneLine(node), after)])
    }

    // MARK: - Operators and literals

    private static let twoSided: [String: (helper: String, kind: String, others: [String])] = [
        "<": ("mutantLess", "comparison", ["<=", ">="]), "<=": ("mutantLessOrEqual", "comparison", ["<", ">"]),
        ">": ("mutantGreater", "comparison", [">=", "<="]),
        ">=": ("mutantGreaterOrEqual", "comparison", [">", "<"]),
        "+": ("mutantPlus", "arithmetic", ["-"]), "-": ("mutantMinus", "arithmetic", ["+"]),
        "*": ("mutantTimes", "arithmetic", ["/"]), "/": ("mutantOver", "arithmetic", ["*"]),
        "%": ("mutantRemainder", "arithmetic", ["/"]),
        "|": ("mutantBitOr", "bits", ["&"]), "&": ("mutantBitAnd", "bits", ["|"]),
        "<<": ("mutantLeft", "bits", [">>"]), ">>": ("mutantRight", "bits", ["<<"]),
    ]

    override func visit(_ node: InfixOperatorExprSyntax) -> SyntaxVisitorContinueKind {
        guard let operation = node.operator.as(BinaryOperatorExprSyntax.self) else { return .visitChildren }
        let sign = operation.operator.text
        let (left, right) = (Self.oneLine(node.leftOperand), Self.oneLine(node.rightOperand))
        let before = Self.oneLine(node)
        switch sign {
        case "==": flip(node, "comparison", to: "\(left) != \(right)")
        case "!=": flip(node, "comparison", to: "\(left) == \(right)")
        case "&&", "||":
            add(
                node, "logic",
                [
                    (before, "\(left) \(sign == "&&" ? "||" : "&&") \(right)"), (before, left), (before, right),
                ],
                Change(
                    open: sign == "&&" ? "mutantAnd(#, " : "mutantOr(#, ", close: ")",
                    replace: (Syntax(operation), ",")))
        case "+=", "-=":
            let helper = sign == "+=" ? "mutantPlusAssign" : "mutantMinusAssign"
            add(
                node, "assignment",
                [(before, "\(left) \(sign == "+=" ? "-=" : "+=") \(right)"), (before, "nothing")],
                Change(open: "\(helper)(#, &", close: ")", replace: (Syntax(operation), ",")))
        default:
            guard let way = Self.twoSided[sign] else { return .visitChildren }
            add(
                node, way.kind, way.others.map { (before, "\(left) \($0) \(right)") },
                Change(open: "\(way.helper)(#, ", close: ")", replace: (Syntax(operation), ",")))
        }
        return .visitChildren
    }

    override func visit(_ node: PrefixOperatorExprSyntax) -> SyntaxVisitorContinueKind {
        if node.operator.text == "!" { flip(node, "negation", to: Self.oneLine(node.expression)) }
        return .visitChildren
    }

    override func visit(_ node: IntegerLiteralExprSyntax) -> SyntaxVisitorContinueKind {
        let text = node.literal.text
        wrap(node, "literal", "mutantNumber", [(text, "\(text) + 1"), (text, "\(text) - 1")])
        return .skipChildren
    }

    override func visit(_ node: BooleanLiteralExprSyntax) -> SyntaxVisitorContinueKind {
        flip(node, "literal", to: node.literal.text == "true" ? "false" : "true")
        return .skipChildren
    }

    override func visit(_ node: FunctionCallExprSyntax) -> SyntaxVisitorContinueKind {
        let arguments = Array(node.arguments)
        guard arguments.count == 2, arguments.allSatisfy({ $0.label == nil }) else { return .visitChildren }
        let (a, b) = (Self.oneLine(arguments[0].expression), Self.oneLine(arguments[1].expression))
        let before = Self.oneLine(node)
        switch node.calledExpression.trimmedDescription {
        case "min", "max":
            let isMin = node.calledExpression.trimmedDescription == "min"
            // The call's name becomes the helper's, and the number its first argument.
            add(
                node, "least and most",
                [(before, "\(isMin ? "max" : "min")(\(a), \(b))"), (before, a), (before, b)],
                Change(
                    open: isMin ? "mutantLeast(#, " : "mutantMost(#, ", close: "",
                    replace: (Syntax(node.calledExpression), "")))
            dropParenthesis(node)
        case "Saturating.sum":
            wrap(arguments[1].expression, "arithmetic", "mutantNegated", [(before, "\(a) - \(b)")])
        case "Saturating.product":
            wrap(arguments[1].expression, "arithmetic", "mutantOne", [(before, a)])
        default: break
        }
        return .visitChildren
    }

    /// The opening parenthesis of a call that a helper's took the place of.
    private func dropParenthesis(_ node: FunctionCallExprSyntax) {
        guard let token = node.leftParen, var place = places.popLast() else { return }
        place.edits.append(
            Edit(
                from: token.positionAfterSkippingLeadingTrivia.utf8Offset,
                to: token.endPositionBeforeTrailingTrivia.utf8Offset, text: "", closes: false, order: order))
        places.append(place)
    }

    // MARK: - Conditions

    override func visit(_ node: IfExprSyntax) -> SyntaxVisitorContinueKind {
        conditions(node.conditions, "if", canBeSkipped: true, canBeForced: true)
        return .visitChildren
    }

    override func visit(_ node: GuardStmtSyntax) -> SyntaxVisitorContinueKind {
        conditions(node.conditions, "guard", canBeSkipped: false, canBeForced: true)
        return .visitChildren
    }

    override func visit(_ node: WhileStmtSyntax) -> SyntaxVisitorContinueKind {
        conditions(node.conditions, "while", canBeSkipped: true, canBeForced: false)
        return .visitChildren
    }

    override func visit(_ node: TernaryExprSyntax) -> SyntaxVisitorContinueKind {
        condition(node.condition, "choice", canBeSkipped: true, canBeForced: true)
        return .visitChildren
    }

    /// - Parameters:
    ///   - canBeSkipped: whether "never" is a mutant.
    ///   - canBeForced: whether "always" is one: dropping a guard, or a condition out of several.
    private func conditions(
        _ list: ConditionElementListSyntax, _ kind: String, canBeSkipped: Bool, canBeForced: Bool
    ) {
        var isSkippable = canBeSkipped
        for element in list {
            guard case .expression(let expression) = element.condition else { continue }
            condition(expression, kind, canBeSkipped: isSkippable, canBeForced: canBeForced)
            isSkippable = false
        }
        if isSkippable, let last = list.last {
            add(
                last.condition, kind, [("\(kind) \(Self.oneLine(list))", "never")],
                Change(open: "", close: ", mutantKeeps(#)"))
        }
    }

    private func condition(_ expression: ExprSyntax, _ kind: String, canBeSkipped: Bool, canBeForced: Bool) {
        let before = "\(kind) \(Self.oneLine(expression))"
        if canBeForced { wrap(expression, kind, "mutantAlways", [(before, "always")]) }
        if canBeSkipped { wrap(expression, kind, "mutantNever", [(before, "never")]) }
        // The opposite of a comparison is a mutant of the comparison.
        if !Self.isComparisonOrNegation(expression) {
            wrap(expression, kind, "mutantFlip", [(before, "\(kind) !(\(Self.oneLine(expression)))")])
        }
    }

    private static func isComparisonOrNegation(_ expression: ExprSyntax) -> Bool {
        if expression.is(PrefixOperatorExprSyntax.self) || expression.is(BooleanLiteralExprSyntax.self) { return true }
        guard let infix = expression.as(InfixOperatorExprSyntax.self),
            let sign = infix.operator.as(BinaryOperatorExprSyntax.self)?.operator.text
        else { return false }
        return ["<", "<=", ">", ">=", "==", "!="].contains(sign)
    }

    // MARK: - Statements

    override func visit(_ node: CodeBlockItemSyntax) -> SyntaxVisitorContinueKind {
        guard let list = node.parent?.as(CodeBlockItemListSyntax.self) else { return .visitChildren }
        let owner = Owner(Syntax(node))
        switch node.item {
        case .expr(let expression):
            let isLast = list.last?.id == node.id
            if owner.returnsBool, list.count == 1, owner.body?.id == list.id { forceResult(expression) }
            guard owner.isVoid || !isLast else { break }
            statement(expression, owner)
        case .stmt(let statement):
            guard let leave = statement.as(ReturnStmtSyntax.self), let expression = leave.expression else { break }
            if owner.returnsBool { forceResult(expression) }
            if owner.isVoid, Self.call(expression) != nil {
                add(
                    leave, "statement", [(Self.oneLine(leave), "return")],
                    Change(open: "if mutantKeeps(#) { ", close: " } else { return }"))
            }
        default: break
        }
        return .visitChildren
    }

    private func forceResult(_ expression: ExprSyntax) {
        guard !expression.is(BooleanLiteralExprSyntax.self), !expression.is(IfExprSyntax.self),
            !expression.is(SwitchExprSyntax.self)
        else { return }
        let before = "result \(Self.oneLine(expression))"
        wrap(expression, "result", "mutantAlways", [(before, "true")])
        wrap(expression, "result", "mutantNever", [(before, "false")])
    }

    /// A call or an assignment that may be left out.
    private func statement(_ expression: ExprSyntax, _ owner: Owner) {
        let isCall = Self.call(expression).map { !$0.hasSuffix(".init") } ?? false
        // In an initializer what is left out has no value: that does not compile.
        let isAssignment = Self.isAssignment(expression) && !owner.isInitializer
        guard isCall || isAssignment else { return }
        add(
            expression, "statement", [(Self.oneLine(expression), "nothing")],
            Change(open: "if mutantKeeps(#) { ", close: " }"))
    }

    /// What a call calls; nothing when it is none.
    private static func call(_ expression: ExprSyntax) -> String? {
        if let attempt = expression.as(TryExprSyntax.self) { return call(attempt.expression) }
        return expression.as(FunctionCallExprSyntax.self)?.calledExpression.trimmedDescription
    }

    /// `+=` and `-=` have places of their own.
    private static func isAssignment(_ expression: ExprSyntax) -> Bool {
        guard let infix = expression.as(InfixOperatorExprSyntax.self) else { return false }
        if infix.leftOperand.is(DiscardAssignmentExprSyntax.self) { return false }
        if infix.operator.is(AssignmentExprSyntax.self) { return true }
        let sign = infix.operator.as(BinaryOperatorExprSyntax.self)?.operator.text ?? ""
        return ["*=", "/=", "|=", "&=", "^=", "<<=", ">>="].contains(sign)
    }

    /// The body of a case, where it is more than one statement and does not leave.
    override func visit(_ node: SwitchCaseSyntax) -> SyntaxVisitorContinueKind {
        guard node.statements.count > 1, let last = node.statements.last?.item, let first = node.statements.first,
            !last.is(ReturnStmtSyntax.self), !last.is(ThrowStmtSyntax.self), !Owner(Syntax(node)).isInitializer
        else { return .visitChildren }
        add(
            node.statements, "case", [("\(Self.oneLine(node.label)) \(Self.oneLine(first))", "nothing")],
            Change(open: "if mutantKeeps(#) { ", close: " }"))
        return .visitChildren
    }

    // MARK: - What has no mutants

    override func visit(_ node: AttributeSyntax) -> SyntaxVisitorContinueKind {
        if ["_noLocks", "_noAllocation"].contains(node.attributeName.trimmedDescription) {
            strikes.append(
                Edit(
                    from: node.positionAfterSkippingLeadingTrivia.utf8Offset,
                    to: node.endPositionBeforeTrailingTrivia.utf8Offset, text: "", closes: false, order: 0))
        }
        return .skipChildren
    }

    /// Raw values of codes that are stored are read by nobody but the compiler.
    override func visit(_ node: EnumCaseElementSyntax) -> SyntaxVisitorContinueKind { .skipChildren }

    override func visit(_ node: SwitchCaseLabelSyntax) -> SyntaxVisitorContinueKind { .skipChildren }

    override func visit(_ node: GenericArgumentClauseSyntax) -> SyntaxVisitorContinueKind { .skipChildren }

    override func visit(_ node: MatchingPatternConditionSyntax) -> SyntaxVisitorContinueKind {
        walk(node.initializer)
        return .skipChildren
    }
}
