// The abstraction put to the test: of some states the search keeps the figures themselves; when it comes to a state of
// the same key by another way, both must answer every input alike, and lead to the same key.
import SessionEngine

struct Sameness {
    /// One state in so many is kept.
    private static let share: UInt64 = 64
    private static let mostPairs = 3

    private var store: SnapshotStore
    private var places: [UInt32: Int] = [:]
    private var pairs: [UInt8] = []
    private(set) var comparedPairs = 0
    private var acts: [Act] = []

    init(template: Host) { store = SnapshotStore(template: template) }

    /// A new state; kept when it is its turn.
    mutating func offer(_ index: UInt32, _ host: Host) {
        let mixed = (UInt64(index) &* 0x9E37_79B9_7F4A_7C15) >> 32
        guard mixed % Sameness.share == 0, store.count < 100_000 else { return }
        places[index] = store.count
        pairs.append(0)
        store.append(host)
    }

    /// Whether another state of this key should be compared.
    func holds(_ index: UInt32) -> Bool {
        guard let place = places[index] else { return false }
        return pairs[place] < Sameness.mostPairs
    }

    /// - Returns: in what the two differ; nothing when they are alike.
    mutating func compare(
        _ index: UInt32, _ host: Host, _ explored: ExploredPlan, _ mutation: Mutation, _ arms: borrowing Armoury
    ) -> String? {
        guard let place = places[index] else { return nil }
        let kept = store.words(at: place)
        let other = SnapshotStore.words(of: host)
        guard kept != other else { return nil }
        pairs[place] += 1
        comparedPairs += 1
        Moves.all(host, explored, &acts)
        let tried = acts
        SnapshotStore.load(kept, into: host)
        Moves.all(host, explored, &acts)
        guard tried == acts else { return "other acts" }
        for act in acts where act.turn == .step {
            SnapshotStore.load(kept, into: host)
            let first = host.step(act, explored, mutation, arms)
            let firstKey = host.fingerprint(explored)
            var firstList = KeyList()
            host.writeKey(&firstList, explored)
            SnapshotStore.load(other, into: host)
            let second = host.step(act, explored, mutation, arms)
            guard first.digest == second.digest else { return "\(act.text): other outputs" }
            guard firstKey != host.fingerprint(explored) else { continue }
            var secondList = KeyList()
            host.writeKey(&secondList, explored)
            return "\(act.text): \(firstList.values) and \(secondList.values)"
        }
        return nil
    }
}
