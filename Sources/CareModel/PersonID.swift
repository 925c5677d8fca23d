/// Why a text cannot name a person in the records.
public enum PersonIDProblem: Error, Equatable, Sendable {
    case empty
    case tooLong
    /// Anything but letters A to Z, digits and hyphens.
    case forbiddenCharacter
    case mustStartWithLetter
    /// An id without a digit looks like a name.
    case mustEndWithDigit

    public var words: String {
        switch self {
        case .empty: return "it is empty"
        case .tooLong: return "it is longer than \(PersonID.longest) characters"
        case .forbiddenCharacter: return "only the letters A to Z, digits and hyphens may stand in it"
        case .mustStartWithLetter: return "it must start with a letter"
        case .mustEndWithDigit: return "it must end with a digit, so that it is an id and not a name"
        }
    }
}

/// A pseudonymous id such as `P-0042`. Names and dates of birth stay in the practice's own files; the record holds only
/// this (H53). Upper and lower case are one id, so that rest between sessions cannot be missed by a shift key.
public struct PersonID: Hashable, Sendable {
    public static let longest = 24

    /// In upper case.
    public let text: String

    public init(_ raw: String) throws(PersonIDProblem) {
        let bytes = Array(raw.utf8)
        guard let first = bytes.first, let last = bytes.last else { throw .empty }
        guard bytes.count <= PersonID.longest else { throw .tooLong }
        guard bytes.allSatisfy({ PersonID.isLetter($0) || PersonID.isDigit($0) || $0 == UInt8(ascii: "-") }) else {
            throw .forbiddenCharacter
        }
        guard PersonID.isLetter(first) else { throw .mustStartWithLetter }
        guard PersonID.isDigit(last) else { throw .mustEndWithDigit }
        text = raw.uppercased()
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
