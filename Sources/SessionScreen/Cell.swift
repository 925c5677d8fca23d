// What one place of a screen holds: a character and how it is drawn. Meaning never rests on colour alone: whatever is
// coloured also has a word, a symbol or a form of its own.

/// The few colours of the screen, by what they say. Sixteen-colour terminals have all of them.
public enum Tone: UInt8, Sendable {
    case plain, red, yellow, cyan, green
}

/// How a character is drawn.
public struct Style: Hashable, Sendable {
    public var tone: Tone
    public var isBold: Bool
    public var isFaint: Bool
    /// Dark on light: stands out on every terminal, with colour or without.
    public var isInverse: Bool

    public init(_ tone: Tone = .plain, isBold: Bool = false, isFaint: Bool = false, isInverse: Bool = false) {
        self.tone = tone
        self.isBold = isBold
        self.isFaint = isFaint
        self.isInverse = isInverse
    }

    public static let plain = Style()
    public static let bold = Style(isBold: true)
    public static let faint = Style(isFaint: true)
    public static let inverse = Style(isBold: true, isInverse: true)

    /// The terminal's sequence for it, from any other (ECMA-48, select graphic rendition).
    func sequence(inColour hasColour: Bool) -> String {
        var codes = "0"
        if isBold { codes += ";1" }
        if isFaint { codes += ";2" }
        if isInverse { codes += ";7" }
        if hasColour {
            switch tone {
            case .plain: break
            case .red: codes += ";31"
            case .green: codes += ";32"
            case .yellow: codes += ";33"
            case .cyan: codes += ";36"
            }
        }
        return "\u{1B}[\(codes)m"
    }
}

/// One place of the screen.
public struct Cell: Hashable, Sendable {
    public var character: Character
    public var style: Style

    public init(_ character: Character = " ", _ style: Style = .plain) {
        self.character = character
        self.style = style
    }
}

/// Which characters may reach a terminal: one column wide each, never a control character.
enum Glyphs {
    /// Anything that is not known to be one column wide becomes `?`: a name from a file cannot shift a row, and cannot
    /// send the terminal a command.
    static func safe(_ character: Character) -> Character {
        guard character.unicodeScalars.count == 1, let scalar = character.unicodeScalars.first else { return "?" }
        switch scalar.value {
        case 0x20...0x7E, 0xA1...0xAC, 0xAE...0x17F: return character
        // Box drawing and block elements, and the signs that the texts of this house use.
        case 0x2500...0x259F: return character
        default: return Glyphs.plainForms[character] == nil ? "?" : character
        }
    }

    /// What stands for it on a terminal that knows ASCII only.
    static func ascii(_ character: Character) -> Character {
        if character.isASCII { return character }
        if let form = plainForms[character] { return form }
        guard let scalar = character.unicodeScalars.first?.value else { return "?" }
        switch scalar {
        case 0x2581...0x2583: return "."
        case 0x2584...0x2586: return ":"
        case 0x2587...0x2588, 0x2589...0x258B: return "#"
        case 0x258C...0x258F: return ":"
        default: return "?"
        }
    }

    private static let plainForms: [Character: Character] = [
        "→": ">", "▶": ">", "…": "~", "·": ".", "µ": "u", "×": "x", "²": "2", "³": "3", "≤": "<", "≥": ">", "Ω": "O",
        "─": "-", "│": "|", "┃": "|", "└": "+", "┤": "|", "░": ".", "▒": ":", "▓": "#", "█": "#", "–": "-", "°": "o",
        "±": "+", "«": "\"", "»": "\"", "▁": "_",
    ]
}
