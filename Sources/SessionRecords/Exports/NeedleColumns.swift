// What the export says of needles: a few columns of each session, and a table with a row a needle.
internal import CareModel
internal import StimulusModel

extension ExportTable {
    private static let count = ExportRange.whole(0, Int64(Int32.max))
    private static let time = ExportRange.text("`2026-11-22T09:35:12Z`")

    static let needleColumns: [ExportColumn<ExportedSession>] = [
        ExportColumn("needles_opened", count, "Needles opened; missing in a session with pads.") {
            .number($0.needleCount?.opened ?? $0.story.opening?.needles.map { Int32(clamping: $0.count) })
        },
        ExportColumn("needles_inserted", count, "Needles that went in.") {
            .number(
                $0.needleCount?.inserted
                    ?? $0.story.opening?.needles.map { Int32(clamping: $0.count(where: \.isInserted)) })
        },
        ExportColumn("needles_contaminated", count, "Dropped or touched before use.") {
            .number($0.needleCount?.contaminated)
        },
        ExportColumn("needles_unused_open", count, "Opened and not used.") { .number($0.needleCount?.unusedOpen) },
        ExportColumn("needles_removed", count, "Counted out; missing where nobody counted.") {
            .number($0.needleCount?.removed)
        },
        ExportColumn("needles_disposed", count, "Counted into the sharps bin.") { .number($0.needleCount?.disposed) },
        ExportColumn("needle_lots", .text("lots, joined by ` + `"), "Every lot of which a package was opened.") {
            .words($0.lots)
        },
        ExportColumn("needle_incidents", .text("incident ids, joined by ` + `"), "Needles not accounted for.") {
            .words($0.incidents)
        },
    ]

    static let needles = ExportTable(
        "needles", "One row an opened needle.", packageColumns + useColumns,
        rows: { session in
            (session.story.closing?.needles ?? session.story.opening?.needles ?? []).map {
                ExportedNeedle(sessionID: session.sessionID, needle: $0)
            }
        })

    private static let packageColumns: [ExportColumn<ExportedNeedle>] = [
        ExportColumn<ExportedNeedle>("session_id", .text("as above"), "The session's id.") { .text($0.sessionID) },
        ExportColumn("needle_id", .text("`ACME/L123/7`"), "Maker, lot and number of the package; used once.") {
            .text($0.needle.id)
        },
        ExportColumn("maker", .text("as printed"), "Who made it.") { .text($0.needle.package.maker) },
        ExportColumn("product_code", .text("as printed"), "The maker's code.") { .text($0.needle.package.productCode) },
        ExportColumn("diameter_um", unit: "µm", .whole(100, 600), "Of the shaft.") {
            .integer(Int64($0.needle.package.diameterMicrometres))
        },
        ExportColumn("length_mm", unit: "mm", .whole(5, 150), "Of the shaft.") {
            .integer(Int64($0.needle.package.lengthMillimetres))
        },
        ExportColumn("lot", .text("as printed"), "What a recall names.") { .text($0.needle.package.lot) },
        ExportColumn("expiry", .text("`2027-03`, `2027-03-15`"), "A month alone means its last day.") {
            .text($0.needle.package.expiry)
        },
        ExportColumn("marked_sterile", .flag, "The sterilisation mark was on the package.") {
            .flag($0.needle.package.isMarkedSterile)
        },
        ExportColumn("package_intact", .flag, "Whole, dry, not torn.") { .flag($0.needle.package.isIntact) },
        ExportColumn("shown_sealed_utc", time, "When it was shown to the person, sealed.") {
            .words($0.needle.package.shownSealedWallNanoseconds.map { isoText($0) })
        },
        ExportColumn("shown_by", .text("initials"), "Who showed it.") { .text($0.needle.package.shownBy) },
        ExportColumn("opened_utc", time, "When it was opened: never before it was shown.") {
            .words($0.needle.package.openedWallNanoseconds.map { isoText($0) })
        },
        ExportColumn("single_use", .flag, "For this person alone, once.") { .flag($0.needle.package.isSingleUse) },
        ExportColumn("package_confirmed_by", .text("initials"), "A second person, where the clinic wants one.") {
            .words($0.needle.package.confirmedBy)
        },
    ]

    private static let useColumns: [ExportColumn<ExportedNeedle>] = [
        ExportColumn("fate", .oneOf(NeedleFate.allCases.map(\.rawValue)), "What became of it after it was opened.") {
            .text($0.needle.fate)
        },
        ExportColumn("muscle", .oneOf(TargetMuscle.all.map(\.name)), "Where it went in.") { .words($0.needle.muscle) },
        ExportColumn("side", .oneOf(BodySide.all.map(\.name)), "The person's own side.") { .words($0.needle.side) },
        ExportColumn("inserted_mm", unit: "mm", .whole(0, 150), "As the clinician stated it; not measured.") {
            .number($0.needle.insertedMillimetres)
        },
        ExportColumn("in_utc", time, "When it went in.") { .words($0.needle.inWallNanoseconds.map { isoText($0) }) },
        ExportColumn("out_utc", time, "When it came out; missing where it did not, or nobody counted.") {
            .words($0.needle.outWallNanoseconds.map { isoText($0) })
        },
        ExportColumn("straight_before", .flag, "Straight, and no corrosion at the handle.") {
            .flag($0.needle.isStraightBefore)
        },
        ExportColumn("condition_after", .oneOf(NeedleCondition.allCases.map(\.rawValue)), "How it came out.") {
            .words($0.needle.conditionAfter)
        },
    ]
}

private struct ExportedNeedle: Sendable {
    let sessionID: String
    let needle: RecordedNeedle
}

extension ExportedSession {
    fileprivate var needleCount: RecordedNeedleCount? { story.closing?.needleCount }

    fileprivate var lots: String? {
        story.opening?.needles.map { Array(Set($0.map(\.package.lot))).sorted().joined(separator: " + ") }
    }

    fileprivate var incidents: String? {
        story.closing?.incidentIDs.flatMap { $0.isEmpty ? nil : $0.joined(separator: " + ") }
    }
}
