// What a data folder remembers of its own papers, so that an older file in the place of a newer one is noticed, and a
// clock that was set back. Whoever replaces the whole folder, this file included, is not noticed (user guide).
internal import Foundation

public struct TrustAnchor: Codable, Equatable, Sendable {
    static let format = "motorpoint-trust-anchor-1"

    /// The newest calibration that was ever saved or used.
    public struct Device: Codable, Equatable, Sendable {
        public var sequence: Int32
        /// 64 hexadecimal digits over the file's bytes.
        public var sha256: String
    }

    public private(set) var format = TrustAnchor.format
    /// By serial number.
    public var devices: [String: Device] = [:]
    /// The highest version that was ever used signed, by protocol id.
    public var protocols: [String: Int32] = [:]
    /// The highest number of a calibration that was ever begun, by serial number. One that was begun and is not there
    /// locks the device: whoever saw it fail could else leave and go on with the one before.
    public var begun: [String: Int32]?
    /// Ids of keys that were ever revoked: a revocation that is no longer there is missed.
    public var revoked: [String]?
    /// The latest time at which a session began or the bench worked, nanoseconds since 1970 UTC.
    public var latestWallNanoseconds: Int64 = 0

    public init() {}

    /// JSON in one line, and its hash in the next.
    func encode() throws(TrustFileProblem) -> [UInt8] {
        let json: [UInt8]
        do { json = try RecordJSON.encode(self) } catch { throw .unwritable("the anchor of trust: \(error)") }
        return json + Array("\n\(Digest(of: json).hex)\n".utf8)
    }

    static func decode(_ bytes: [UInt8]) -> TrustAnchor? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
        guard lines.count == 3, lines[2].isEmpty, lines[1] == Array(Digest(of: lines[0]).hex.utf8),
            let anchor: TrustAnchor = RecordJSON.decode(lines[0]), anchor.format == TrustAnchor.format
        else { return nil }
        return anchor
    }

    static func read(_ folder: TrustFolder) throws(TrustFileProblem) -> TrustAnchor? {
        guard let bytes = try TrustFile.read(folder.anchor, limit: 4_194_304) else { return nil }
        guard let anchor = decode(bytes) else { throw .damaged(folder.anchor) }
        return anchor
    }

    /// Begun anew only where nothing was ever remembered: not in a folder with calibrations, which are saved after it,
    /// nor with records of sessions that were run by one.
    static func readOrBegin(_ folder: TrustFolder) throws(TrustFileProblem) -> TrustAnchor {
        if let anchor = try read(folder) { return anchor }
        let summaries: [SessionSummary]
        do { summaries = try SessionStore(folder: folder.dataFolder).summaries() } catch {
            throw .disk(error, file: folder.dataFolder)
        }
        let isFirst =
            try TrustFile.names(in: folder.calibrations, suffix: "").allSatisfy { $0 == "anchor" }
            && summaries.allSatisfy { $0.opening?.calibration == nil }
        guard isFirst else {
            throw .unwritable("\(folder.anchor) is missing: restore it from a backup")
        }
        return TrustAnchor()
    }

    /// Reads, changes and writes it, under a lock. Numbers in it never become smaller.
    static func update(
        _ folder: TrustFolder, _ change: (inout TrustAnchor) -> Void
    ) throws(TrustFileProblem) {
        let hold = try TrustFile.hold(folder.dataFolder)
        defer { withExtendedLifetime(hold) {} }
        let before = try readOrBegin(folder)
        var after = before
        change(&after)
        for (serial, mark) in before.devices where (after.devices[serial]?.sequence ?? 0) < mark.sequence {
            after.devices[serial] = mark
        }
        for (id, version) in before.protocols { after.protocols[id] = max(version, after.protocols[id] ?? 0) }
        if let begun = before.begun { after.begun = begun.merging(after.begun ?? [:]) { max($0, $1) } }
        if let revoked = before.revoked { after.revoked = Set(revoked).union(after.revoked ?? []).sorted() }
        after.latestWallNanoseconds = max(before.latestWallNanoseconds, after.latestWallNanoseconds)
        guard after != before || !TrustFile.exists(folder.anchor) else { return }
        try TrustFile.write(try after.encode(), to: folder.anchor, replacing: true)
    }
}
