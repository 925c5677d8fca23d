internal import CareModel
internal import StimulusModel

/// The needles of a session as the report's page shows them: what went in, what came out, and the count.
extension SessionReport {
    var needles: [String: Any] {
        guard let opening = story.opening, let before = opening.needles else { return ["hasNeedles": false] }
        let shown = story.closing?.needles ?? before
        let offset = opening.utcOffsetSeconds
        return [
            "hasNeedles": true, "needles": shown.map { Self.row($0, offset) }, "needleCount": countRows,
            "hasNeedleCount": !countRows.isEmpty, "needleAlert": alerts,
        ]
    }

    private static func row(_ needle: RecordedNeedle, _ offset: Int32) -> [String: Any] {
        let package = needle.package
        func time(_ nanoseconds: Int64?) -> String {
            nanoseconds.map { CivilTime(wallNanoseconds: $0, utcOffsetSeconds: offset).text } ?? "not"
        }
        let size = DecimalText.format(Int64(package.diameterMicrometres), decimals: 3)
        var what = [
            "\(package.maker) \(package.productCode), \(size) × \(package.lengthMillimetres) mm",
            "lot \(package.lot), expiry \(package.expiry)",
            "shown sealed \(time(package.shownSealedWallNanoseconds)) by \(package.shownBy); "
                + "opened \(time(package.openedWallNanoseconds))",
        ]
        if let confirmedBy = package.confirmedBy { what.append("package confirmed by \(confirmedBy)") }
        var path: [String] = []
        if needle.isInserted {
            let muscle = needle.muscle.flatMap { TargetMuscle(name: $0)?.title } ?? needle.muscle ?? "?"
            path = [
                "\(muscle), \(needle.side ?? "?"), \(needle.insertedMillimetres ?? 0) mm as stated",
                "in \(time(needle.inWallNanoseconds)); out \(time(needle.outWallNanoseconds))",
                "before \(needle.isStraightBefore ? "straight" : "not straight"); after "
                    + (needle.conditionAfter ?? "not known"),
            ]
        } else {
            path = [needle.fate]
        }
        return ["id": needle.id, "package": what, "path": path]
    }

    private var countRows: [[String: Any]] {
        guard let recorded = story.closing?.needleCount else { return [] }
        let rows: [(String, Int32)] = [
            ("opened", recorded.opened), ("inserted", recorded.inserted), ("contaminated", recorded.contaminated),
            ("opened and unused", recorded.unusedOpen), ("removed", recorded.removed),
            ("disposed of", recorded.disposed),
        ]
        return rows.map { ["name": $0.0, "value": "\($0.1)"] }
            + (recorded.confirmedBy.map { [["name": "counted too by", "value": $0]] } ?? [])
    }

    private var alerts: [String] {
        var alerts = (story.closing?.needleCount?.count.mismatches ?? []).map {
            "The count does not agree: \($0.words)."
        }
        if story.closing?.needleCount == nil { alerts.append("The needles were not counted in this record.") }
        let ids = story.closing?.incidentIDs ?? []
        if !ids.isEmpty { alerts.append("Incidents: \(ids.joined(separator: ", ")). See `motorpoint incidents`.") }
        return alerts
    }
}
