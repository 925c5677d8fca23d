internal import CareModel

/// One tray or session in which packages of a lot were opened: whom a recall has to find.
public struct LotUse: Equatable, Sendable {
    public let personID: String
    /// Nothing where needles of the lot were opened and no session followed.
    public let sessionID: String?
    public let trayID: String?
    /// When its packages were first opened by the record; nanoseconds since 1970 UTC.
    public let wallNanoseconds: Int64
    public let utcOffsetSeconds: Int32
    public let makers: [String]
    /// `vmo right`; empty where none of the lot went in.
    public let places: [String]
    public let opened: Int
    public let inserted: Int

    public var started: CivilTime { CivilTime(wallNanoseconds: wallNanoseconds, utcOffsetSeconds: utcOffsetSeconds) }
}

/// What is known of a lot.
public struct LotRecall: Equatable, Sendable {
    /// Oldest first.
    public let uses: [LotUse]
    /// Sessions whose opening cannot be read: nobody knows which needles they used.
    public let unreadable: [String]

    /// From trays and openings; pure. A session that both tell of counts once. Upper and lower case, and blanks, make
    /// no other lot.
    public init(lot: String, trays: [RecordedTray], summaries: [SessionSummary]) {
        let wanted = NeedleRules.normalized(lot)
        func isOfLot(_ needle: RecordedNeedle) -> Bool { NeedleRules.normalized(needle.package.lot) == wanted }
        var uses: [LotUse] = []
        for tray in trays {
            let packages = tray.packages.filter { NeedleRules.normalized($0.lot) == wanted }
            guard !packages.isEmpty else { continue }
            let needles = tray.needles.filter(isOfLot)
            uses.append(
                LotUse(
                    personID: tray.personID, sessionID: tray.sessionID, trayID: tray.id,
                    wallNanoseconds: tray.wallNanoseconds, utcOffsetSeconds: tray.utcOffsetSeconds,
                    makers: LotRecall.sorted(packages.map(\.maker)), places: LotRecall.places(needles),
                    opened: packages.reduce(0) { $0 + Int($1.needles) },
                    inserted: needles.count(where: \.isInserted)))
        }
        var unreadable: [String] = []
        for summary in summaries {
            guard let opening = summary.opening else {
                if summary.interruption == nil { unreadable.append(summary.sessionID) }
                continue
            }
            let needles = (opening.needles ?? []).filter(isOfLot)
            let isKnown = uses.contains {
                $0.sessionID == summary.sessionID || ($0.trayID != nil && $0.trayID == opening.trayID)
            }
            guard !needles.isEmpty, !isKnown else { continue }
            uses.append(
                LotUse(
                    personID: opening.personID, sessionID: summary.sessionID, trayID: opening.trayID,
                    wallNanoseconds: opening.wallNanoseconds, utcOffsetSeconds: opening.utcOffsetSeconds,
                    makers: LotRecall.sorted(needles.map(\.package.maker)), places: LotRecall.places(needles),
                    opened: needles.count, inserted: needles.count(where: \.isInserted)))
        }
        self.uses = uses.sorted { ($0.wallNanoseconds, $0.personID) < ($1.wallNanoseconds, $1.personID) }
        self.unreadable = unreadable
    }

    private static func sorted(_ texts: [String]) -> [String] { Array(Set(texts)).sorted() }

    private static func places(_ needles: [RecordedNeedle]) -> [String] {
        sorted(needles.compactMap { needle in needle.muscle.map { "\($0) \(needle.side ?? "?")" } })
    }
}

extension NeedleStore {
    /// Everything known of a lot, from the trays and the records themselves: the index is not asked.
    public func recall(lot: String) throws(NeedleStoreProblem) -> LotRecall {
        let summaries: [SessionSummary]
        do { summaries = try store.summaries() } catch { throw .disk(error, file: store.folder) }
        return LotRecall(lot: lot, trays: try trays(), summaries: summaries)
    }
}
