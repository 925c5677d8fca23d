import MutantMaker

/// All fates of a run, and the verdict.
struct Report {
    let modules: [String]
    /// Whether every mutant of the modules was tried: only then can an argument be stale or a score be held to.
    let isWhole: Bool
    var seconds = 0
    private var lines: [(mutant: Mutant, fate: Fate)] = []

    init(modules: [String], isWhole: Bool) {
        self.modules = modules
        self.isWhole = isWhole
    }

    mutating func add(_ mutant: Mutant, _ fate: Fate) { lines.append((mutant, fate)) }

    private var living: [(mutant: Mutant, fate: Fate)] {
        lines.filter { $0.fate == .survived || $0.fate == .notReached }
    }

    /// Every survivor as an entry of the file of arguments.
    var draft: String {
        living.map { mutant, fate in
            "      # \(mutant.number) \(mutant.file):\(mutant.line) "
                + "\(fate == .notReached ? "not reached" : "survived")\n"
                + "      - \(Self.quoted(mutant.name))\n"
        }.joined()
    }

    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// - Returns: the exit status.
    func tell(_ arguments: Arguments) -> Int32 {
        var complaints = arguments.complaints
        let argued = arguments.argued
        let living = self.living
        for (mutant, fate) in living where !argued.contains(mutant.name) {
            let how = fate == .notReached ? "not reached" : "survived"
            let text = "\(how), and nobody argued why: \(mutant.number) \(mutant.file):\(mutant.line) \(mutant.name)"
            if arguments.open.contains(where: { $0.module == mutant.module }) {
                say("open: \(text)")
            } else {
                complaints.append(text)
            }
        }
        for open in arguments.open where modules.contains(open.module) {
            let count = living.count { $0.mutant.module == open.module && !argued.contains($0.mutant.name) }
            if count > open.most {
                complaints.append("\(open.module): \(count) survivors without an argument, at most \(open.most)")
            }
        }
        if isWhole {
            let names = Set(living.map(\.mutant.name))
            for key in argued.sorted() where !names.contains(key) {
                guard modules.contains(where: { key.hasPrefix("\($0)/") }) else { continue }
                complaints.append("argued, and killed or gone: \(key)")
            }
        }
        var figures: [String] = []
        for module in modules {
            let (text, score) = figure(module, argued)
            figures.append(text)
            if isWhole, let least = Mutants.leastScore[module], score < least {
                complaints.append("\(module): less than \(least) %")
            }
        }
        for complaint in complaints { say(complaint) }
        for module in modules { say(suiteLine(module)) }
        let kind = isWhole ? "" : "a sample; "
        say(
            "mutants: \(kind)\(figures.joined(separator: "; ")); \(complaints.count) complaints; no seeds: every "
                + "mutant in order; \(seconds) s")
        return complaints.isEmpty ? 0 : 1
    }

    /// Which suite was the first to notice, and how often.
    private func suiteLine(_ module: String) -> String {
        var counts: [String: Int] = [:]
        for line in lines where line.mutant.module == module {
            switch line.fate {
            case .killed(let suite), .killedByTime(let suite): counts[suite, default: 0] += 1
            case .survived, .notReached, .notCompilable: break
            }
        }
        return "\(module): first noticed by "
            + counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private func figure(_ module: String, _ argued: Set<String>) -> (String, Double) {
        let own = lines.filter { $0.mutant.module == module }
        let outside = own.count { $0.fate == .notCompilable }
        let killed = own.count { $0.fate.isKilled }
        let byTime = own.count {
            if case .killedByTime = $0.fate { return true }
            return false
        }
        let missed = own.count { $0.fate == .notReached }
        let all = own.count - outside
        let score = all == 0 ? 0 : Double(killed) * 100 / Double(all)
        // Cut, not rounded: 94.99 is no 95.
        let shown = "\(Int(score * 10) / 10).\(Int(score * 10) % 10)"
        let open = own.count { ($0.fate == .survived || $0.fate == .notReached) && !argued.contains($0.mutant.name) }
        return (
            "\(module) \(shown) %: \(killed) of \(all) killed (\(byTime) by time), \(all - killed - missed) survived, "
                + "\(missed) not reached, \(open) of these unargued, \(outside) not compilable", score
        )
    }
}

extension Mutant {
    /// Its key with the module in front.
    var name: String { "\(module)/\(key)" }
}
