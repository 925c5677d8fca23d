/// How many letters lie between two words.
enum EditDistance {
    /// Gives up above short words, since what was typed may be very long.
    static func between(_ a: String, _ b: String) -> Int {
        let x = Array(a.utf8)
        let y = Array(b.utf8)
        guard x.count <= 64, y.count <= 64 else { return Int.max }
        var row = Array(0...y.count)
        for i in x.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in y.indices {
                let above = row[j + 1]
                row[j + 1] = min(min(row[j + 1], row[j]) + 1, diagonal + (x[i] == y[j] ? 0 : 1))
                diagonal = above
            }
        }
        return row[y.count]
    }
}
