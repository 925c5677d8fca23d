import SwiftSyntax

/// The function, initializer or getter that a piece of source stands in.
struct Owner {
    var isVoid = false
    var returnsBool = false
    var isInitializer = false
    /// Its statements.
    var body: CodeBlockItemListSyntax?

    init(_ node: Syntax) {
        var here = node.parent
        while let outer = here {
            if let function = outer.as(FunctionDeclSyntax.self) {
                take(function.signature.returnClause?.type)
                body = function.body?.statements
                return
            }
            if let initializer = outer.as(InitializerDeclSyntax.self) {
                isVoid = true
                isInitializer = true
                body = initializer.body?.statements
                return
            }
            if let accessor = outer.as(AccessorDeclSyntax.self) {
                body = accessor.body?.statements
                guard accessor.accessorSpecifier.text == "get" else {
                    isVoid = true
                    return
                }
                take(Self.propertyType(outer))
                return
            }
            if let block = outer.as(AccessorBlockSyntax.self), case .getter(let statements) = block.accessors {
                body = statements
                take(Self.propertyType(outer))
                return
            }
            // Of a closure nothing is known.
            if outer.is(ClosureExprSyntax.self) { return }
            here = outer.parent
        }
    }

    private mutating func take(_ type: TypeSyntax?) {
        guard let type else {
            isVoid = true
            return
        }
        returnsBool = type.trimmedDescription == "Bool"
    }

    private static func propertyType(_ node: Syntax) -> TypeSyntax? {
        var here = node.parent
        while let outer = here {
            if let binding = outer.as(PatternBindingSyntax.self) { return binding.typeAnnotation?.type }
            if let member = outer.as(SubscriptDeclSyntax.self) { return member.returnClause.type }
            here = outer.parent
        }
        return nil
    }
}

extension PlaceCollector {
    /// Text on one line, without comments.
    static func oneLine(_ node: some SyntaxProtocol) -> String {
        let lines = node.trimmedDescription.split(separator: "\n").map { line -> Substring in
            let text = line.drop { $0 == " " }
            return text.hasPrefix("//") ? "" : text
        }
        return lines.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The statement, condition or member around a piece, shortened.
    static func around(_ node: Syntax) -> String {
        var here: Syntax? = node
        while let piece = here {
            if piece.is(CodeBlockItemSyntax.self) || piece.is(ConditionElementSyntax.self)
                || piece.is(MemberBlockItemSyntax.self) || piece.is(FunctionParameterSyntax.self)
            {
                let text = oneLine(piece)
                return text.count > 110 ? "\(text.prefix(107))…" : text
            }
            here = piece.parent
        }
        return ""
    }

    /// `Type.function(labels:)`, `Type.property` or the type alone.
    static func function(_ node: Syntax) -> String {
        var parts: [String] = []
        var here: Syntax? = node
        while let piece = here {
            if let function = piece.as(FunctionDeclSyntax.self) {
                parts.append(function.name.text + labels(function.signature.parameterClause))
            } else if let initializer = piece.as(InitializerDeclSyntax.self) {
                parts.append("init" + labels(initializer.signature.parameterClause))
            } else if piece.is(SubscriptDeclSyntax.self) {
                parts.append("subscript")
            } else if let binding = piece.as(PatternBindingSyntax.self),
                binding.parent?.parent?.parent?.is(MemberBlockItemSyntax.self) ?? false
            {
                parts.append(binding.pattern.trimmedDescription)
            } else if let type = piece.asProtocol((any NamedDeclSyntax).self),
                piece.isProtocol((any DeclGroupSyntax).self)
            {
                parts.append(type.name.text)
            } else if let more = piece.as(ExtensionDeclSyntax.self) {
                parts.append(more.extendedType.trimmedDescription)
            }
            here = piece.parent
        }
        return parts.reversed().joined(separator: ".")
    }

    private static func labels(_ clause: FunctionParameterClauseSyntax) -> String {
        "(" + clause.parameters.map { "\($0.firstName.text):" }.joined() + ")"
    }
}
