import RigSimulator

/// The line of the pretended bench instrument: lines in, answers out, on a pseudo-terminal under a symlink that stays.
struct InstrumentPort: ~Copyable {
    private var instrument: SimulatedInstrument
    private var line: RigLine
    private let link: StableLink
    private var received: [UInt8] = []
    /// Where the probe is.
    fileprivate var output = 1

    static let missing = "error: there is no instrument; start with --instrument"
    private static let longestLine = 4_096

    init(_ instrument: SimulatedInstrument, link: StableLink) throws {
        self.instrument = instrument
        self.link = link
        let made = try RigLine()
        try link.point(to: made.path)
        line = consume made
    }

    /// Answers what has been asked since the last time; never waits.
    mutating func serve(_ probe: (Int) -> ProbeTrace) {
        while line.hasRoom, let byte = line.nextFromHost() {
            guard byte == UInt8(ascii: "\n") else {
                // What never ends is dropped, as an instrument's full buffer does.
                if received.count < Self.longestLine { received.append(byte) }
                continue
            }
            let question = String(decoding: received, as: UTF8.self)
            received.removeAll(keepingCapacity: true)
            guard let answer = instrument.answer(question, trace: probe(output)) else { continue }
            for byte in (answer + "\n").utf8 { line.toHost(byte) }
        }
        line.flush()
    }

    deinit { link.remove(pointingTo: line.path) }
}

extension InstrumentPort? {
    /// False when there is no instrument whose probe could move.
    mutating func moveProbe(to output: Int) -> Bool {
        guard var port = self.take() else { return false }
        port.output = output
        self = consume port
        return true
    }
}
