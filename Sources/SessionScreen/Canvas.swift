/// A whole screen as it is meant to look: rows of cells, all of the same length.
public struct Canvas: Equatable, Sendable {
    public let columns: Int
    public let rows: Int
    private var cells: [Cell]

    /// An empty screen.
    public init(columns: Int, rows: Int) {
        self.columns = max(1, columns)
        self.rows = max(1, rows)
        cells = Array(repeating: Cell(), count: max(1, columns) * max(1, rows))
    }

    public subscript(row: Int, column: Int) -> Cell { cells[row * columns + column] }

    func row(_ row: Int) -> ArraySlice<Cell> { cells[(row * columns)..<((row + 1) * columns)] }

    /// Writes text from a place on; what does not fit into the row, or lies outside the screen, is left out.
    mutating func put(_ text: String, row: Int, column: Int = 0, _ style: Style = .plain) {
        guard row >= 0, row < rows else { return }
        var place = column
        for character in text {
            guard place < columns else { return }
            if place >= 0 { cells[row * columns + place] = Cell(Glyphs.safe(character), style) }
            place += 1
        }
    }

    /// Text whose parts are drawn differently.
    /// - Returns: the column after it.
    @discardableResult mutating func put(_ spans: [Span], row: Int, column: Int = 0) -> Int {
        var place = column
        for span in spans {
            put(span.text, row: row, column: place, span.style)
            place += span.text.count
        }
        return place
    }

    /// Draws a whole row, blanks included, in one style.
    mutating func fill(row: Int, _ style: Style) {
        guard row >= 0, row < rows else { return }
        for column in 0..<columns { cells[row * columns + column].style = style }
    }

    /// The same for a terminal that knows ASCII only.
    func inASCII() -> Canvas {
        var copy = self
        for index in copy.cells.indices { copy.cells[index].character = Glyphs.ascii(copy.cells[index].character) }
        return copy
    }

    /// The characters of a row, without the blanks at its end.
    public func text(row: Int) -> String {
        var text = String(self.row(row).map(\.character))
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }

    /// All rows, one a line.
    public var text: String { (0..<rows).map { text(row: $0) }.joined(separator: "\n") }
}

/// Text in one style.
struct Span: Equatable {
    var text: String
    var style: Style

    init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }
}
