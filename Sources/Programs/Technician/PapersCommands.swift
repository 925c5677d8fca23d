// What the calibrations of the data folder say: certificate, history, what is due.
import ArgumentParser
import Calibration
import CareModel
import Foundation
import SessionRecords

/// The calibrations of one device.
private struct Papers {
    let stored: [StoredCalibration]
    let folder: String
    let policy: ClinicPolicy

    init(_ serial: String, _ places: PlaceOptions) throws {
        folder = try places.dataFolder()
        policy = try TrustDesk.loadPolicy(dataFolder: folder).0
        let store = CalibrationStore(dataFolder: folder)
        stored = try TrustFailure.running { try store.history(of: serial) }
        guard !stored.isEmpty else {
            let known = try TrustFailure.running { try store.devices() }
            throw Failure(
                .notFound,
                "no calibration of \(serial); there are those of "
                    + (known.isEmpty ? "no device" : known.joined(separator: ", ")))
        }
    }

    func document(_ one: StoredCalibration) throws -> CalibrationDocument {
        if let document = one.document { return document }
        throw Failure(.badFile, one.problem?.description ?? "\(one.path) cannot be read")
    }

    func context(_ one: StoredCalibration?) -> CertificateContext {
        CertificateContext(
            signature: one.flatMap(signature), earlier: stored.compactMap(\.document),
            toleranceSetBy: policy.calibrationTolerancePermille < ClinicPolicy.widestTolerancePermille
                ? "clinic policy" : "device profile",
            written: WallClock.now(), programVersion: Program.version)
    }

    /// As it lies beside the document; `motorpoint` proves it before every session.
    private func signature(_ one: StoredCalibration) -> CertificateSignature? {
        let path = TrustFolder.signature(beside: one.path)
        guard let signature = try? DetachedSignature.load(path: path) else { return nil }
        let holder = policy.keys.first { $0.id == signature.keyID }?.holder ?? "a key that the policy does not name"
        return CertificateSignature(
            keyID: signature.keyID, holder: holder, signedOn: signature.signedOn.text,
            documentSHA256: signature.sha256.hex)
    }
}

/// Writes a page, and a PDF of it where one was asked for.
private enum PageWriter {
    static func write(_ html: String, to path: String, pdf: Bool) throws {
        do {
            try Data(html.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Failure(.cannotWrite, "\(path) cannot be written: \(error.localizedDescription)")
        }
        print("page: \(path)")
        guard pdf else { return }
        let target = (path.hasSuffix(".html") ? String(path.dropLast(5)) : path) + ".pdf"
        try PDFPrinter.write(path, to: target)
        print("PDF: \(target)")
    }
}

struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Write the certificate of a calibration, as a page and as a PDF.")

    @Argument(help: "Serial number of the stimulator.") var serial: String
    @Option(help: "Which of its calibrations, from 1. Default: the newest.") var sequence: Int32?
    @Option(help: "The page to write. Default: SERIAL-SEQUENCE.html in this folder.", completion: .file())
    var output: String?
    @Flag(name: .customLong("html-only"), help: "No PDF.") var htmlOnly = false
    @Flag(help: "On this terminal instead, as plain lines.") var plain = false
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let papers = try Papers(serial, places)
            guard
                let one = sequence.map({ wanted in papers.stored.first { $0.sequence == wanted } })
                    ?? papers.stored.last
            else { throw Failure(.notFound, "\(serial) has no calibration \(sequence ?? 0)") }
            let document = try papers.document(one)
            guard !plain else {
                let text = CertificateText(document, papers.context(one), isASCII: false)
                for line in text.lines { print(line) }
                return
            }
            try PageWriter.write(
                try CertificatePage(document, papers.context(one)).html(), to: output ?? "\(document.id).html",
                pdf: !htmlOnly)
        }
    }
}

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "How the gain of a stimulator moved over its calibrations.")

    @Argument(help: "Serial number of the stimulator.") var serial: String
    @Option(help: "Write a page with the picture there.", completion: .file()) var output: String?
    @Flag(name: .customLong("html-only"), help: "No PDF.") var htmlOnly = false
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let papers = try Papers(serial, places)
            let documents = try papers.stored.map { try papers.document($0) }
            guard let device = documents.last?.device else { return }
            let page = HistoryPage(of: device, documents, papers.context(nil))
            guard let output else {
                for line in page.lines(isASCII: false) { print(line) }
                return
            }
            try PageWriter.write(try page.html(), to: output, pdf: !htmlOnly)
        }
    }
}

struct DueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "due", abstract: "When each stimulator's calibration ends.",
        discussion: "Exit status: 0 all hold · 30 one has ended, or did not pass")

    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let state = try CalibrationState(places)
            if state.all.isEmpty { print("no calibrations: every stimulator is locked for patients") }
            for one in state.all { print("\(one.serialNumber): \(CalibrationState.words(one)) (\(one.id))") }
            if !state.all.allSatisfy(CalibrationState.holds) { throw Failure(.notCleared, "not all hold") }
        }
    }
}
