import SwiftOperators
import SwiftParser
import SwiftSyntax

/// Reads sources and makes of each one text that holds every mutant of it. One build then serves for all of them: the
/// process chooses one by its number, or none.
public struct MutantMaker: Sendable {
    public private(set) var mutants: [Mutant] = []
    private var files: [(path: String, text: String, places: [Place], strikes: [Edit])] = []

    /// - Parameter sources: path from the package's top, and text; numbers are given in this order.
    public init(_ sources: [(path: String, text: String)]) {
        var next: Int32 = 1
        for source in sources {
            let parsed = Syntax(Parser.parse(source: source.text))
            // Only the standard operators occur; one that is not known stays unfolded, and without mutants.
            let folded = OperatorTable.standardOperators.foldAll(parsed) { _ in }
            let collector = PlaceCollector(path: source.path, root: folded, firstNumber: next)
            collector.walk(folded)
            mutants += collector.mutants
            next += Int32(collector.mutants.count)
            files.append((source.path, source.text, collector.places, collector.strikes))
        }
        mutants.nameAll()
    }

    /// One file, with every mutant in it but those of the places that are left out.
    public func mutated(_ path: String, without left: Set<Int32>) -> MutatedFile? {
        guard let file = files.first(where: { $0.path == path }) else { return nil }
        let places = file.places.filter { !left.contains($0.number) }
        var edits = places.flatMap { place in place.edits.map { (edit: $0, number: place.number) } }
        edits += file.strikes.map { ($0, 0) }
        edits.sort { before($0.edit, $1.edit) }
        let source = Array(file.text.utf8)
        var out: [UInt8] = Array("public import MutantSwitch; ".utf8)
        var starts: [Int32: Int] = [:]
        var ends: [Int32: Int] = [:]
        var at = 0
        for (edit, number) in edits {
            if edit.from > at { out += source[at..<edit.from] }
            if number != 0, starts[number] == nil { starts[number] = out.count }
            out += edit.text.utf8
            if number != 0 { ends[number] = out.count }
            at = max(at, edit.to)
        }
        out += source[at...]
        let spans = places.map { (number: $0.number, from: starts[$0.number] ?? 0, to: ends[$0.number] ?? 0) }
        return MutatedFile(text: String(decoding: out, as: UTF8.self), spans: spans)
    }

    private func before(_ a: Edit, _ b: Edit) -> Bool {
        if a.from != b.from { return a.from < b.from }
        if a.closes != b.closes { return a.closes }
        return a.closes ? a.order > b.order : a.order < b.order
    }
}
