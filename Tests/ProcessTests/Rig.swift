import ByteStreams
import Foundation
import StimulusModel
import Testing

/// What the pretend rig answers to `status`.
struct RigState: Decodable {
    let present: Bool
    let highVoltage: Bool
    let level: Int
    let pulses: Int64
    let ratePerS: Int64
    let sinceLastPulseMs: Int64?
    let violations: Int64
    let firstViolation: String?
    let appearances: Int
}

/// A pretend P24 of its own process, with its patient, pads and meter.
final class Rig {
    let link: String
    let control: String
    private let meterLog: String
    private let verdictFile: String
    private let program: Program

    /// The meter judges by the caps of the demo protocol.
    init(in sandbox: Sandbox, named name: String = "rig", _ options: [String] = []) throws {
        link = sandbox.file(name)
        control = sandbox.file(name + ".control")
        meterLog = sandbox.file(name + ".pulses")
        verdictFile = sandbox.file(name + ".verdict")
        // Ends by itself, should the test be killed.
        program = try sandbox.start(
            "/usr/bin/timeout",
            [
                "--kill-after=2", "480", House.simulator, "p24", "--link", link, "--control", control,
                "--meter-log", meterLog, "--cap-milliamperes", "15", "--cap-hertz", "35",
                "--pad-square-centimetres", "25", "--button-milliseconds", "300", "--quiet",
            ] + options, output: .file(verdictFile))
        let (link, control, program) = (link, control, program)
        let isThere = Wait.until(atMostSeconds: 20) {
            [link, control].allSatisfy(FileManager.default.fileExists) || program.poll() != nil
        }
        guard isThere, program.poll() == nil else {
            throw Trouble("the pretend rig did not start: \(Program.text(of: verdictFile))")
        }
    }

    @discardableResult func ask(_ question: String) throws -> String {
        var stream = try LocalSocket.connect(path: control)
        guard case .wrote = stream.write(Array((question + "\n").utf8).span) else {
            throw Trouble("the pretend rig takes no question")
        }
        var answer: [UInt8] = []
        var isOver = false
        _ = Wait.until(atMostSeconds: 10) {
            var block = InlineArray<1024, UInt8>(repeating: 0)
            var span = block.mutableSpan
            switch stream.read(into: &span) {
            case .bytes(let count): for index in 0..<count { answer.append(block[index]) }
            case .nothing: break
            case .gone: isOver = true
            }
            return isOver || answer.last == 10
        }
        guard answer.last == 10 else { throw Trouble("the pretend rig does not answer to \(question)") }
        return String(decoding: answer.dropLast(), as: UTF8.self)
    }

    func state() throws -> RigState {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(RigState.self, from: Data(try ask("status").utf8))
    }

    /// When each pulse began at the electrode, on the clock of `SystemClock`.
    func pulseNanoseconds() -> [Int64] {
        Program.text(of: meterLog).split(separator: "\n").dropFirst().compactMap { line in
            line.split(separator: ",").first.flatMap { Int64($0) }
        }
    }

    /// Charge of the first phases of all pulses at the electrode, in pC, as the meter saw it.
    func chargePicocoulombs() -> Int64 {
        let lines = Program.text(of: meterLog).split(separator: "\n")
        let column = lines.first?.split(separator: ",").firstIndex(of: "phase_charge_pc") ?? 0
        return lines.dropFirst().reduce(0) { sum, line in
            let fields = line.split(separator: ",")
            return sum + (fields.count > column ? Int64(fields[column]) ?? 0 : 0)
        }
    }

    /// High voltage is off, nothing comes any more, and the meter has found nothing above its limits.
    func expectQuiet(_ what: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let before = try state()
        #expect(!before.highVoltage, "\(what): high voltage is still on", sourceLocation: sourceLocation)
        try expectNoMorePulses(what, sourceLocation: sourceLocation)
    }

    func expectNoMorePulses(_ what: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let before = try state()
        SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 300)))
        let after = try state()
        #expect(after.pulses == before.pulses, "\(what): pulses still arrive", sourceLocation: sourceLocation)
        #expect(
            after.violations == 0, "\(what): the meter found \(after.firstViolation ?? "?")",
            sourceLocation: sourceLocation)
    }

    /// Ends the rig. 0 when its meter found nothing.
    func end() throws -> Ended {
        program.terminate()
        let status = try program.wait(atMostSeconds: 20)
        return Ended(status: status, output: Program.text(of: verdictFile), errors: "")
    }
}
