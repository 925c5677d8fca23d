/// `Docs/data-dictionary.md`, made of the tables themselves.
public enum DataDictionary {
    public static var markdown: String {
        var text = """
            # Data dictionary of `motorpoint sessions export`

            Made by `motorpoint sessions export --dictionary`; a test fails when this file and the program differ.

            CSV is UTF-8 as RFC 4180 has it: CRLF, a header line, fields in double quotes where needed. A text that a \
            spreadsheet could take for a formula (it begins with `=`, `+`, `-` or `@`) has an apostrophe in front. An \
            empty field, in JSON `null`, means: not known, or not applicable. JSON is one object with `format` \
            (`\(ExportText.formatName)`), `table` and `rows`; texts stand in it unchanged.

            Current is the peak of one phase, zero to peak. A pulse width is the duration of ONE phase. Charge is that \
            of the first phase of each pulse. Times are the computer's clock in UTC; durations never come from it. \
            Nothing here says whether anybody was helped: the program claims no benefit.

            """
        for table in ExportTable.all {
            text += "\n## `\(table.name)`\n\n\(table.meaning)\n\n"
            text += "| column | unit | range | meaning |\n| --- | --- | --- | --- |\n"
            for column in table.columns {
                text += "| `\(column.name)` | \(column.unit) | \(column.range.words) | \(column.meaning) |\n"
            }
        }
        return text
    }
}
