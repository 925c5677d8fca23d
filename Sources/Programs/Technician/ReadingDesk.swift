// Where readings come from: a bench instrument on its own line, or the technician's eyes and hands.
import ByteStreams
import Calibration
import CareModel
import DeviceDrivers
import Foundation
import SessionRecords
import StimulusModel

/// Why a level could not be read. The run was stopped.
enum ReadingFailure: Error {
    case instrument(InstrumentFailure)
    /// The run ended, or the technician stopped.
    case ended
}

/// One source of readings.
struct ReadingDesk {
    let instrument: CalibrationInstrument
    private let profile: InstrumentProfile?
    private let line: InstrumentLine?
    private let prompter: Prompter
    private var readsNothing = false
    /// Answers within this (proposal: an instrument that averages needs its time).
    private static let patience = TimeSpan(milliseconds: 3_000)

    /// With an instrument: it must be the one that the bench file describes.
    init(workbench: Workbench, profile: InstrumentProfile, line path: String, prompter: Prompter) throws {
        self.profile = profile
        self.prompter = prompter
        instrument = workbench.instrument
        let opened: InstrumentLine
        let answer: String
        do throws(InstrumentFailure) {
            opened = try InstrumentLine(opening: path)
            answer = try opened.ask("*IDN?", atMost: ReadingDesk.patience, idle: { StopSignals.first == nil })
        } catch {
            throw Failure(.deviceUnavailable, "\(error)")
        }
        guard answer.hasPrefix(profile.identity) else {
            throw Failure(
                .deviceUnavailable,
                "the instrument at \(path) says \"\(answer)\", and \(profile.id) begins with "
                    + "\"\(profile.identity)\": it is another family")
        }
        guard answer.contains(workbench.instrument.serialNumber) else {
            throw Failure(
                .deviceUnavailable,
                "the instrument at \(path) says \"\(answer)\", which is not the one of the bench file "
                    + "(\(workbench.instrument.serialNumber)): its calibration is another's")
        }
        line = opened
        prompter.say("Instrument at \(path): \(answer).")
    }

    /// With typed values; the evidence is named once.
    init(typed workbench: Workbench, evidence: String, prompter: Prompter) {
        profile = nil
        line = nil
        self.prompter = prompter
        let own = workbench.instrument
        instrument = CalibrationInstrument(
            source: .typed, model: own.model, serialNumber: own.serialNumber, calibratedOn: own.calibratedOn,
            holdsUntil: own.holdsUntil, expandedPartsPerMillion: own.expandedPartsPerMillion,
            expandedMicrovolts: own.expandedMicrovolts, evidence: evidence)
    }

    /// For a run in which there is nothing to read: its level is only held for a moment.
    init(nothing prompter: Prompter) {
        profile = nil
        line = nil
        self.prompter = prompter
        readsNothing = true
        instrument = CalibrationInstrument(
            source: .device, model: "", serialNumber: "", calibratedOn: .latest, holdsUntil: .latest,
            expandedPartsPerMillion: 1, expandedMicrovolts: 0)
    }

    var isTyped: Bool { profile == nil && !readsNothing }

    /// - Parameter idle: called while waiting; false when the run is over.
    func read(
        _ trial: BenchTrial, level: Int, idle: () -> Bool
    ) throws(ReadingFailure) -> [BenchReading] {
        if readsNothing { return [] }
        guard let profile, let line else { return try readTyped(trial, level: level, idle: idle) }
        return try profile.read(
            trial, level: level,
            tell: { (command: String) throws(ReadingFailure) in
                do throws(InstrumentFailure) { try line.tell(command, idle: idle) } catch {
                    throw ReadingDesk.failure(error)
                }
            },
            ask: { (query: String) throws(ReadingFailure) -> String in
                do throws(InstrumentFailure) {
                    return try line.ask(query, atMost: ReadingDesk.patience, idle: idle)
                } catch { throw ReadingDesk.failure(error) }
            },
            settle: { (milliseconds: Int32) throws(ReadingFailure) in
                let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: Int64(milliseconds)))
                while SystemClock.now().since(end).nanoseconds < 0 {
                    guard idle() else { throw .ended }
                    SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 10)))
                }
            })
    }

    private static func failure(_ failure: InstrumentFailure) -> ReadingFailure {
        failure == .cancelled ? .ended : .instrument(failure)
    }

    // MARK: - By hand

    /// A scatter needs several (proposal).
    private static let fewestTyped = 3

    static let typedForm =
        "V max (V), V min (V), first phase (µs), second phase (µs), period (ms), area (µV·s), mean (mV); - for none"

    private func readTyped(
        _ trial: BenchTrial, level: Int, idle: () -> Bool
    ) throws(ReadingFailure) -> [BenchReading] {
        let current = BenchWords.milliamperes(trial.levelsMicroamperes[level])
        prompter.say("  \(current): type \(ReadingDesk.typedForm). An empty line ends this level, stop stops.")
        var readings: [BenchReading] = []
        while readings.count < max(ReadingDesk.fewestTyped, trial.readingsPerLevel) {
            guard let text = TypedLine.read(while: idle) else { throw .ended }
            if text.isEmpty {
                if readings.count >= ReadingDesk.fewestTyped { break }
                prompter.say("  at least \(ReadingDesk.fewestTyped) readings: one says nothing of their scatter.")
                continue
            }
            guard !["stop", "leave", "quit"].contains(text.lowercased()) else { throw .ended }
            guard let reading = ReadingDesk.reading(text) else {
                prompter.say("  not understood: seven numbers or -, in this order: \(ReadingDesk.typedForm)")
                continue
            }
            readings.append(reading)
        }
        return readings
    }

    static func reading(_ text: String) -> BenchReading? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ";" })
        guard words.count == 7 else { return nil }
        var numbers: [Double?] = []
        for word in words {
            if word == "-" {
                numbers.append(nil)
            } else if let value = Double(word), value.magnitude < 1e6 {
                numbers.append(value)
            } else {
                return nil
            }
        }
        func stored(_ index: Int, _ factor: Double) -> Int64? {
            numbers[index].map { Int64(($0 * factor).rounded()) }
        }
        return BenchReading(
            source: .typed, firstPeakMicrovolts: stored(0, 1e6), secondPeakMicrovolts: stored(1, 1e6),
            firstPhaseNanoseconds: stored(2, 1e3), secondPhaseNanoseconds: stored(3, 1e3),
            periodNanoseconds: stored(4, 1e6), areaNanovoltSeconds: stored(5, 1e3), meanMicrovolts: stored(6, 1e3))
    }
}

/// Numbers as the bench says them.
enum BenchWords {
    static func milliamperes(_ microamperes: Int32) -> String {
        RefusalText.decimal(Int64(microamperes), 1_000) + " mA"
    }
}
