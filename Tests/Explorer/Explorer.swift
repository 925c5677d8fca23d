// Breadth first through every state that a plan can reach; the shortest way to whatever breaks a rule.
import SessionEngine
import StimulusModel

/// What a search found.
public struct ExplorerResult: Sendable {
    public var plan = ""
    public var states = 0
    public var transitions: Int64 = 0
    /// From a stop or fault to the end of the session, in steps of the host and in milliseconds.
    public var longestStopSteps: Int32 = 0
    public var longestStopMilliseconds: Int32 = 0
    /// Ticks of the longest way that leads a willing person from any state to the end.
    public var longestWayToEnd = 0
    /// Breadth: steps from the beginning to the state that is farthest from it.
    public var depth = 0
    /// Pairs of different states of one key whose every transition was compared.
    public var comparedPairs = 0
    /// A rule that was broken, with the shortest way there; nothing when all hold.
    public var violation: String?
    public var brokenRule: String?
    /// The way to the state that is farthest from the beginning.
    public var farthest = ""
    /// Whether the search came to its end.
    public var isComplete = false

    public init() {}
}

public struct Explorer: ~Copyable {
    private let explored: ExploredPlan
    private let mutation: Mutation
    private let mostStates: Int
    private let arms: Armoury

    private var visited = VisitedStates()
    private var parents: [UInt32] = []
    private var words: [UInt32] = []
    private var willingNext: [UInt32] = []
    private var frontier: SnapshotStore
    private var next: SnapshotStore
    private var sameness: Sameness
    private var result = ExplorerResult()
    private var acts: [Act] = []

    /// - Parameter mostStates: the search gives up beyond these and says so.
    public init(_ explored: ExploredPlan, mutation: Mutation = .none, mostStates: Int = 60_000_000) {
        self.explored = explored
        self.mutation = mutation
        self.mostStates = mostStates
        arms = Armoury(explored.plan)
        let host = Host(explored.plan)
        frontier = SnapshotStore(template: host)
        next = SnapshotStore(template: host)
        sameness = Sameness(template: host)
        result.plan = explored.name
    }

    /// Searches; `report` is called with each level of the breadth.
    public mutating func run(_ report: (Int, Int) -> Void = { _, _ in }) -> ExplorerResult {
        let host = Host(explored.plan)
        _ = visited.insert(host.fingerprint(explored))
        note(parent: 0, Act())
        frontier.append(host)
        var firstOfLevel = 0
        while frontier.count > 0 {
            report(result.depth, parents.count)
            for index in 0..<frontier.count {
                let words = frontier.words(at: index)
                expand(UInt32(firstOfLevel + index), words, host)
                if result.violation != nil || parents.count > mostStates { return finish() }
            }
            firstOfLevel += frontier.count
            swap(&frontier, &next)
            next.removeAll()
            result.depth += 1
        }
        result.isComplete = true
        judgeLiveness()
        return finish()
    }

    private mutating func finish() -> ExplorerResult {
        result.farthest = way(to: UInt32(parents.count - 1), nil, "nothing: the farthest state")
        result.states = parents.count
        result.comparedPairs = sameness.comparedPairs
        return result
    }

    private mutating func note(parent: UInt32, _ act: Act) {
        parents.append(parent)
        words.append(act.word)
        willingNext.append(UInt32.max)
    }

    private mutating func expand(_ index: UInt32, _ words: [UInt64], _ host: Host) {
        SnapshotStore.load(words, into: host)
        Moves.all(host, explored, &acts)
        if !host.isFinal {
            let willing = Moves.willing(host, explored)
            if let target = follow(willing, index, words, host) { willingNext[Int(index)] = target }
        } else {
            willingNext[Int(index)] = Explorer.end
        }
        for act in acts {
            _ = follow(act, index, words, host)
            if result.violation != nil { return }
        }
    }

    /// One transition. - Returns: the state that it leads to.
    private mutating func follow(_ act: Act, _ index: UInt32, _ words: [UInt64], _ host: Host) -> UInt32? {
        SnapshotStore.load(words, into: host)
        let broken = Explorer.apply(act, host, explored, mutation, arms)
        result.transitions += 1
        if let broken {
            fail("\(broken)", at: index, act)
            return nil
        }
        if host.isFinal, act.turn == .step {
            if host.world.stepsSinceStop > result.longestStopSteps {
                result.longestStopSteps = host.world.stepsSinceStop
            }
            if host.world.millisecondsSinceStop > result.longestStopMilliseconds {
                result.longestStopMilliseconds = host.world.millisecondsSinceStop
            }
        }
        let key = host.fingerprint(explored)
        let (target, isNew) = visited.insert(key)
        if isNew {
            note(parent: index, act)
            next.append(host)
            sameness.offer(target, host)
        } else if sameness.holds(target),
            let difference = sameness.compare(target, host, explored, mutation, arms)
        {
            fail("states of one key behave alike: \(difference)", at: index, act)
            return nil
        }
        return target
    }

    /// - Returns: the rule that was broken.
    static func apply(
        _ act: Act, _ host: Host, _ explored: ExploredPlan, _ mutation: Mutation, _ arms: borrowing Armoury
    ) -> StaticString? {
        switch act.turn {
        case .step: return host.step(act, explored, mutation, arms).violation
        case .newSession, .kill:
            host.restart(explored)
            return host.world.board.isClosed && !host.world.board.isWelded ? "a dead host's relay opens" : nil
        case .wait:
            let state = host.world.state
            for _ in 0..<4_000 {
                let left = Moves.untilRing(host)
                guard left > StateKey.near, host.world.state == state else { break }
                var quiet = Act()
                if host.world.channels[0].flying > 0 { quiet.first = .delivered }
                if host.world.channels[1].flying > 0 { quiet.second = .delivered }
                if host.world.channels[0].settingSteps > 0 { quiet.device = .progress }
                let isFar = left > 3_000 && host.world.turn == 0
                let outcome = host.step(quiet, explored, mutation, arms, wait: isFar ? 1_000 : 0)
                if let broken = outcome.violation { return broken }
            }
            return nil
        }
    }

    // MARK: - Toward the end

    private static let end = UInt32.max - 1

    /// From everywhere a willing person with a sound stimulator comes to the end.
    private mutating func judgeLiveness() {
        var distance = [Int32](repeating: -1, count: parents.count)
        var way: [Int] = []
        for start in 0..<parents.count where distance[start] < 0 {
            way.removeAll(keepingCapacity: true)
            var at = start
            while distance[at] < 0 {
                let next = Int(willingNext[at])
                if willingNext[at] == Explorer.end {
                    distance[at] = 0
                    break
                }
                distance[at] = Int32.max
                way.append(at)
                at = next
            }
            guard distance[at] < Int32.max else {
                fail("from everywhere a willing person comes to the end", at: UInt32(at), nil)
                return
            }
            var length = distance[at]
            for state in way.reversed() {
                length += 1
                distance[state] = length
            }
            result.longestWayToEnd = max(result.longestWayToEnd, Int(length))
        }
    }

    // MARK: - The way there

    private mutating func fail(_ rule: String, at index: UInt32, _ last: Act?) {
        guard result.violation == nil else { return }
        result.brokenRule = rule
        result.violation = way(to: index, last, rule)
    }

    private func way(to index: UInt32, _ last: Act?, _ rule: String) -> String {
        var way: [Act] = last.map { [$0] } ?? []
        var at = index
        while at != 0 {
            way.append(Act(word: words[Int(at)]))
            at = parents[Int(at)]
        }
        return script(way.reversed(), rule)
    }

    /// The way as a person can read it, step by step, with what came of each.
    private func script(_ way: [Act], _ rule: String) -> String {
        let host = Host(explored.plan)
        var lines = ["plan \(explored.name): broken: \(rule)"]
        for (number, act) in way.enumerated() {
            let before = host.world.now
            _ = Explorer.apply(act, host, explored, mutation, arms)
            let set = host.world.channels[0].set
            let second = explored.channelCount > 1 ? ", \(host.world.channels[1].set) µA" : ""
            lines.append(
                "  \(number + 1)  \(before)→\(host.world.now) ms  \(act.text)  →  \(host.world.state), "
                    + "\(host.world.condition), \(set) µA\(second)")
        }
        return lines.joined(separator: "\n")
    }
}

/// The keys that were seen, each with its number.
struct VisitedStates {
    private var keys: [Fingerprint] = []
    private var table = [UInt32](repeating: UInt32.max, count: 1 << 12)

    init() {}

    mutating func insert(_ key: Fingerprint) -> (index: UInt32, isNew: Bool) {
        if keys.count * 10 > table.count * 7 { grow() }
        var slot = Int(truncatingIfNeeded: key.low) & (table.count - 1)
        while table[slot] != UInt32.max {
            if keys[Int(table[slot])] == key { return (table[slot], false) }
            slot = (slot + 1) & (table.count - 1)
        }
        let index = UInt32(keys.count)
        table[slot] = index
        keys.append(key)
        return (index, true)
    }

    private mutating func grow() {
        table = [UInt32](repeating: UInt32.max, count: table.count * 2)
        for index in 0..<keys.count {
            var slot = Int(truncatingIfNeeded: keys[index].low) & (table.count - 1)
            while table[slot] != UInt32.max { slot = (slot + 1) & (table.count - 1) }
            table[slot] = UInt32(index)
        }
    }
}
