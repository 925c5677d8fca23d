/// Text that fits: wrapped at words, or shortened by whole parts; never cut in mid-word.
enum Wording {
    /// Rows of at most `columns`. Only a word that is longer than a row is broken.
    static func wrap(_ text: String, _ columns: Int) -> [String] {
        let width = max(1, columns)
        var rows: [String] = []
        var row = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            if !row.isEmpty, row.count + 1 + word.count > width {
                rows.append(row)
                row = ""
            }
            var rest = word
            while row.isEmpty, rest.count > width {
                rows.append(String(rest.prefix(width)))
                rest = rest.dropFirst(width)
            }
            row += (row.isEmpty ? "" : " ") + rest
        }
        if !row.isEmpty { rows.append(row) }
        return rows
    }

    /// The parts in their order, leaving out from each place on what no longer fits.
    static func fit(_ parts: [String], separator: String = " · ", _ columns: Int) -> String {
        var text = ""
        for part in parts where !part.isEmpty {
            let longer = text.isEmpty ? part : text + separator + part
            if longer.count <= columns { text = longer }
        }
        return text
    }

    /// The first form that fits, or nothing.
    static func first(_ forms: [String], _ columns: Int) -> String { forms.first { $0.count <= columns } ?? "" }

    static func padded(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - text.count))
    }
}
