internal import CareModel

/// What an unknown key was probably meant to be.
struct KeyGuess {
    /// The known key, where the guess is good enough not to report it as missing, too.
    let meant: String?
    let message: String
    let hint: String

    /// Endings that people write for units, ours and others'.
    private static let unitEndings = [
        "hz", "khz", "mhz", "ghz", "ns", "us", "µs", "ms", "s", "sec", "secs", "seconds", "min", "mins", "minutes", "h",
        "hours",
        "days", "a", "ma", "ua", "µa", "amps", "v", "mv", "cm2", "mm2", "m2", "in2", "pps", "bpm", "percent",
    ]

    init(unknown: String, rules: [KeyRule]) {
        let stem = Self.stem(unknown)
        if let rule = rules.first(where: { Self.unit(of: $0) != nil && Self.stem($0.name) == stem }),
            let unit = Self.unit(of: rule)
        {
            meant = rule.name
            let bare = unknown == stem
            message = bare ? "the unit is missing in this key" : "this unit is not read here"
            hint = "write the number in \(unit.words) under `\(rule.name)`"
            return
        }
        message = "unknown key"
        let near = rules.map { (name: $0.name, distance: EditDistance.between(unknown, $0.name)) }
            .filter { $0.distance <= 2 }.min { $0.distance < $1.distance }
        if let near {
            meant = near.name
            hint = "is `\(near.name)` meant?"
        } else {
            meant = nil
            hint = "remove it; known here: " + rules.map(\.name).joined(separator: ", ")
        }
    }

    private static func unit(of rule: KeyRule) -> QuantityUnit? {
        switch rule.shape {
        case .number(let unit, _, _), .evidenced(let unit, _, _): return unit == .count ? nil : unit
        default: return nil
        }
    }

    /// The key without its unit.
    private static func stem(_ key: String) -> String {
        guard let mark = key.lastIndex(of: "_") else { return key }
        let ending = key[key.index(after: mark)...].lowercased()
        return unitEndings.contains(ending) ? String(key[..<mark]) : key
    }
}
