/// Findings as a screen.
public enum FindingText {
    public struct Style: Equatable, Sendable {
        public var columns: Int
        public var hasColour: Bool
        /// Only characters that every terminal, log and screen reader has.
        public var isASCII: Bool

        public init(columns: Int, hasColour: Bool, isASCII: Bool) {
            self.columns = max(columns, 40)
            self.hasColour = hasColour
            self.isASCII = isASCII
        }
    }

    /// Grouped by area, in the order of the areas, with a last line that counts.
    public static func lines(_ findings: [Finding], _ style: Style) -> [String] {
        var lines: [String] = []
        for area in Finding.Area.allCases {
            let here = findings.filter { $0.area == area }
            guard !here.isEmpty else { continue }
            lines.append(area.rawValue)
            for finding in here { lines += self.lines(finding, style) }
        }
        lines.append("")
        lines.append(summary(findings))
        return lines.map { style.isASCII ? ascii($0) : $0 }
    }

    /// "17 ok, 2 warnings, 1 fails".
    public static func summary(_ findings: [Finding]) -> String {
        let failures = findings.count(.failure)
        let warnings = findings.count(.warning)
        return "\(findings.count(.ok)) ok, \(warnings) \(warnings == 1 ? "warning" : "warnings"), "
            + "\(failures) \(failures == 1 ? "fails" : "fail")"
    }

    private static func lines(_ finding: Finding, _ style: Style) -> [String] {
        var lines: [String] = []
        for (index, line) in wrapped(finding.text, columns: style.columns - 8).enumerated() {
            lines.append((index == 0 ? "  \(mark(finding.verdict, style)) " : "        ") + line)
        }
        guard let remedy = finding.remedy else { return lines }
        for (index, line) in wrapped(remedy, columns: style.columns - 14).enumerated() {
            lines.append((index == 0 ? "        type: " : "              ") + line)
        }
        return lines
    }

    private static func mark(_ verdict: Finding.Verdict, _ style: Style) -> String {
        let (word, colour) =
            switch verdict {
            case .ok: ("ok   ", "32")
            case .warning: ("warn ", "33")
            case .failure: ("FAILS", "31;1")
            }
        return style.hasColour ? "\u{1B}[\(colour)m\(word)\u{1B}[0m" : word
    }

    /// Broken at spaces; a word that is longer than a line, such as a path, stays whole, so that it can be copied.
    public static func wrapped(_ text: String, columns: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, line.count + 1 + word.count > columns {
                    lines.append(line)
                    line = ""
                }
                line += (line.isEmpty ? "" : " ") + word
            }
            lines.append(line)
        }
        return lines
    }

    private static func ascii(_ text: String) -> String {
        var plain = ""
        for character in text {
            switch character {
            case "→": plain += "->"
            case "×": plain += "x"
            case "µ": plain += "u"
            case "²": plain += "2"
            case "…": plain += "..."
            default: plain += character.isASCII ? String(character) : "?"
            }
        }
        return plain
    }
}
