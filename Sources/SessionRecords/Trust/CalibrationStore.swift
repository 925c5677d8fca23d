public import Calibration
public import CareModel

/// One calibration of a device as it lies in the folder.
public struct StoredCalibration: Sendable {
    public let sequence: Int32
    public let path: String
    /// Nothing for a file that cannot be read.
    public let document: CalibrationDocument?
    public let problem: FileProblems?
}

/// Until when a device's newest calibration holds, as its file says; whether it is believed is for `TrustVerifier`.
public struct CalibrationDue: Equatable, Sendable {
    public let serialNumber: String
    public let id: String
    /// 0 on the last day, negative after it.
    public let daysLeft: Int64
    public let isPassed: Bool
    /// False while a later one was begun and is not there: that locks the device as a failed one does.
    public let isNewest: Bool

    /// Whether it ends within 30 days (`clinical.md` 1.4).
    public var isDueSoon: Bool { daysLeft < CalibrationDocument.noticeDays }
}

/// The calibrations of a data folder, each with its signature beside it. None is ever replaced.
public struct CalibrationStore: Sendable {
    public let folder: TrustFolder

    public init(dataFolder: String) { folder = TrustFolder(dataFolder: dataFolder) }

    /// The number that the next calibration of this device has to carry: above every one that is here or was.
    public func nextSequence(of serial: String) throws(TrustFileProblem) -> Int32 {
        let marked = try TrustAnchor.read(folder)?.devices[serial]?.sequence ?? 0
        return max(marked, try sequences(of: serial).last ?? 0) + 1
    }

    /// Before the first output is driven: from here on the one before is not used any more, however this one ends.
    public func begin(_ sequence: Int32, of serial: String) throws(TrustFileProblem) {
        try TrustAnchor.update(folder) { anchor in
            anchor.begun = (anchor.begun ?? [:]).merging([serial: sequence]) { max($0, $1) }
        }
    }

    /// Signs and keeps a calibration, passed or not: the lock needs to know that it failed.
    /// - Returns: where it lies.
    @discardableResult
    public func save(
        _ document: CalibrationDocument, signedBy key: SigningKey, keyID: String, at now: WallTime
    ) throws(TrustFileProblem) -> String {
        let serial = document.device.serialNumber
        // A folder in which there is a calibration has an anchor.
        try TrustAnchor.update(folder) { _ in }
        let next = try nextSequence(of: serial)
        guard document.sequence == next else {
            throw .unwritable("calibration \(document.id) is not the next one of this device, which is \(next)")
        }
        let path = folder.calibration(of: serial, sequence: next)
        let text = CalibrationCodec.text(document)
        let back: CalibrationDocument
        do { back = try CalibrationCodec.parse(text, file: path) } catch { throw .file(error) }
        guard back == document else { throw .unwritable("\(path): what would be read is not what was measured") }
        let bytes = Array(text.utf8)
        let signature = DetachedSignature(
            kind: .calibration, subject: document.id, version: next, keyID: keyID, signedOn: CalendarDay(now),
            of: bytes, by: key)
        // The signature first: a calibration without one is then never the trace of a crash.
        try TrustFile.write(
            Array(signature.text.utf8), to: TrustFolder.signature(beside: path), replacing: true)
        try TrustFile.write(bytes, to: path, replacing: false)
        let digest = Digest(of: bytes).hex
        try TrustAnchor.update(folder) { anchor in
            anchor.devices[serial] = TrustAnchor.Device(sequence: next, sha256: digest)
            anchor.latestWallNanoseconds = max(anchor.latestWallNanoseconds, now.nanoseconds)
        }
        return path
    }

    /// Oldest first.
    public func history(of serial: String) throws(TrustFileProblem) -> [StoredCalibration] {
        try sequences(of: serial).map { sequence in
            let path = folder.calibration(of: serial, sequence: sequence)
            do throws(FileProblems) {
                return StoredCalibration(
                    sequence: sequence, path: path, document: try CalibrationCodec.load(path: path), problem: nil)
            } catch {
                return StoredCalibration(sequence: sequence, path: path, document: nil, problem: error)
            }
        }
    }

    public func newest(of serial: String) throws(TrustFileProblem) -> StoredCalibration? {
        try history(of: serial).last
    }

    /// Serial numbers of which there is a readable calibration, sorted.
    public func devices() throws(TrustFileProblem) -> [String] {
        var serials: Set<String> = []
        for name in try TrustFile.names(in: folder.calibrations, suffix: "") {
            for sequence in try sequences(inFolder: folder.calibrations + "/" + name) {
                let path = "\(folder.calibrations)/\(name)/\(sequence).yaml"
                guard let document = try? CalibrationCodec.load(path: path) else { continue }
                serials.insert(document.device.serialNumber)
            }
        }
        return serials.sorted()
    }

    /// Of every device, by its newest calibration; what ends first comes first.
    public func dueDates(on today: CalendarDay) throws(TrustFileProblem) -> [CalibrationDue] {
        var due: [CalibrationDue] = []
        let begun = try TrustAnchor.read(folder)?.begun ?? [:]
        for serial in try devices() {
            guard let newest = try history(of: serial).last(where: { $0.document != nil })?.document else { continue }
            due.append(
                CalibrationDue(
                    serialNumber: serial, id: newest.id, daysLeft: newest.daysLeft(on: today),
                    isPassed: newest.isPassed, isNewest: (begun[serial] ?? 0) <= newest.sequence))
        }
        return due.sorted { ($0.daysLeft, $0.serialNumber) < ($1.daysLeft, $1.serialNumber) }
    }

    /// Those whose files are there, in order.
    func sequences(of serial: String) throws(TrustFileProblem) -> [Int32] {
        try sequences(inFolder: folder.calibrations(of: serial))
    }

    private func sequences(inFolder path: String) throws(TrustFileProblem) -> [Int32] {
        try TrustFile.names(in: path, suffix: ".yaml").compactMap { name in
            Int32(name).flatMap { $0 > 0 && String($0) == name ? $0 : nil }
        }.sorted()
    }
}

/// Signatures of treatment protocols, one for each id.
public enum ProtocolSigning {
    /// - Returns: where the signature lies.
    @discardableResult
    public static func sign(
        _ content: LoadedProtocol, by key: SigningKey, keyID: String, on day: CalendarDay, dataFolder: String
    ) throws(TrustFileProblem) -> String {
        let signature = DetachedSignature(
            kind: .treatmentProtocol, subject: content.content.id, version: content.content.version, keyID: keyID,
            signedOn: day, of: Array(content.text.utf8), by: key)
        let path = TrustFolder(dataFolder: dataFolder).protocolSignature(content.content.id)
        try TrustFile.write(Array(signature.text.utf8), to: path, replacing: true)
        return path
    }
}
