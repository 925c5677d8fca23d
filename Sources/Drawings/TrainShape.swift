public import StimulusModel

/// A piece of time in which the level goes in a straight line from one height to another.
public struct TrainSegment: Equatable, Sendable {
    /// More than 0.
    public let milliseconds: Int64
    /// Heights in thousandths of the peak, 0 to 1,000.
    public let startLevel: Int32
    public let endLevel: Int32
    /// Pulses a second in this piece; 0 mHz where none comes.
    public let frequency: Frequency

    public init(milliseconds: Int64, startLevel: Int32, endLevel: Int32, frequency: Frequency) {
        self.milliseconds = milliseconds
        self.startLevel = startLevel
        self.endLevel = endLevel
        self.frequency = frequency
    }

    /// No pulses.
    public static func rest(milliseconds: Int64) -> TrainSegment {
        TrainSegment(milliseconds: milliseconds, startLevel: 0, endLevel: 0, frequency: Frequency(millihertz: 0))
    }

    /// Pulses at the full height.
    public static func full(milliseconds: Int64, _ frequency: Frequency) -> TrainSegment {
        TrainSegment(milliseconds: milliseconds, startLevel: 1_000, endLevel: 1_000, frequency: frequency)
    }
}

/// What a programme looks like over time, whatever it is for: one cycle in pieces, and how long it is repeated. The
/// drawing knows nothing else, so a new pattern needs one `case` in `TrainShape.init(_:frequency:peak:)`.
public struct TrainShape: Equatable, Sendable {
    /// In words, such as "one contraction and its rest".
    public let cycleName: String
    public let cycle: [TrainSegment]
    public let programmeMilliseconds: Int64
    /// The current at level 1,000.
    public let peak: Current

    /// - Parameter cycle: pieces without time are left out.
    public init(cycleName: String, cycle: [TrainSegment], programmeMilliseconds: Int64, peak: Current) {
        self.cycleName = cycleName
        self.cycle = cycle.filter { $0.milliseconds > 0 }
        self.programmeMilliseconds = programmeMilliseconds
        self.peak = peak
    }

    public var cycleMilliseconds: Int64 { cycle.reduce(0) { $0 + $1.milliseconds } }

    /// Whether the programme is more than one cycle.
    public var isRepeated: Bool { cycleMilliseconds < programmeMilliseconds }

    /// One train without a pause.
    public static func continuous(milliseconds: Int64, frequency: Frequency, peak: Current) -> TrainShape {
        TrainShape(
            cycleName: "one train", cycle: [.full(milliseconds: milliseconds, frequency)],
            programmeMilliseconds: milliseconds, peak: peak)
    }

    /// Contractions with rests.
    public static func contractions(
        _ cycle: ContractionCycle, count: Int32, frequency: Frequency, peak: Current
    ) -> TrainShape {
        let pieces = [
            TrainSegment(
                milliseconds: Int64(cycle.rampUpMilliseconds), startLevel: 0, endLevel: 1_000, frequency: frequency),
            .full(milliseconds: Int64(cycle.plateauMilliseconds), frequency),
            TrainSegment(
                milliseconds: Int64(cycle.rampDownMilliseconds), startLevel: 1_000, endLevel: 0, frequency: frequency),
            .rest(milliseconds: Int64(cycle.restMilliseconds)),
        ]
        return TrainShape(
            cycleName: "one contraction and its rest", cycle: pieces,
            programmeMilliseconds: cycle.cycleMilliseconds * Int64(count), peak: peak)
    }

    /// Groups of pulses at regular intervals.
    /// - Parameter intervalMilliseconds: from the start of one group to the start of the next.
    public static func bursts(
        milliseconds: Int64, burstMilliseconds: Int64, intervalMilliseconds: Int64, frequency: Frequency,
        peak: Current
    ) -> TrainShape {
        TrainShape(
            cycleName: "one burst and its pause",
            cycle: [
                .full(milliseconds: burstMilliseconds, frequency),
                .rest(milliseconds: intervalMilliseconds - burstMilliseconds),
            ], programmeMilliseconds: milliseconds, peak: peak)
    }

    /// Two rates in turn, without a pause.
    public static func denseDisperse(
        milliseconds: Int64, denseMilliseconds: Int64, denseFrequency: Frequency, sparseMilliseconds: Int64,
        sparseFrequency: Frequency, peak: Current
    ) -> TrainShape {
        TrainShape(
            cycleName: "one dense and one sparse period",
            cycle: [
                .full(milliseconds: denseMilliseconds, denseFrequency),
                .full(milliseconds: sparseMilliseconds, sparseFrequency),
            ], programmeMilliseconds: milliseconds, peak: peak)
    }

    /// The one place that knows the patterns of the model.
    public init(_ pattern: Pattern, frequency: Frequency, peak: Current) {
        switch pattern {
        case .continuous(let milliseconds):
            self = .continuous(milliseconds: Int64(milliseconds), frequency: frequency, peak: peak)
        case .contractions(let cycle, let count):
            self = .contractions(cycle, count: count, frequency: frequency, peak: peak)
        case .burst(let milliseconds, let burst, let interval):
            self = .bursts(
                milliseconds: Int64(milliseconds), burstMilliseconds: Int64(burst),
                intervalMilliseconds: Int64(interval), frequency: frequency, peak: peak)
        case .denseDisperse(let milliseconds, let dense, let sparseFrequency, let sparse):
            self = .denseDisperse(
                milliseconds: Int64(milliseconds), denseMilliseconds: Int64(dense), denseFrequency: frequency,
                sparseMilliseconds: Int64(sparse), sparseFrequency: sparseFrequency, peak: peak)
        }
    }
}

extension TrainShape {
    /// The height to draw for a stretch of time from `start` up to `end`, in ms of the programme: that in its middle,
    /// or, where a piece of the cycle lies wholly within it, the highest of that piece, since a burst that is narrower
    /// than a column must not fall between two.
    public func level(from start: Int64, to end: Int64) -> Int32 {
        let length = cycleMilliseconds
        guard length > 0, start < programmeMilliseconds else { return 0 }
        var highest = level(at: min((start + end) / 2, programmeMilliseconds - 1))
        if end - start >= length { return cycle.reduce(highest) { max($0, $1.startLevel, $1.endLevel) } }
        // A stretch shorter than a cycle touches two cycles at most.
        var begin = start / length * length
        while begin < min(end, programmeMilliseconds) {
            var from = begin
            for piece in cycle {
                let to = min(from + piece.milliseconds, programmeMilliseconds)
                if from >= start, to <= end, from < to { highest = max(highest, piece.startLevel, piece.endLevel) }
                from += piece.milliseconds
            }
            begin += length
        }
        return highest
    }

    /// The height at a moment of the programme, in thousandths of the peak.
    public func level(at millisecond: Int64) -> Int32 {
        guard let (piece, within) = piece(at: millisecond) else { return 0 }
        let rise = Int64(piece.endLevel - piece.startLevel) * within / piece.milliseconds
        return piece.startLevel + Int32(clamping: rise)
    }

    /// The piece at a moment, and how far into it that is.
    func piece(at millisecond: Int64) -> (TrainSegment, Int64)? {
        let length = cycleMilliseconds
        guard length > 0, millisecond >= 0, millisecond < programmeMilliseconds else { return nil }
        var left = millisecond % length
        for piece in cycle {
            if left < piece.milliseconds { return (piece, left) }
            left -= piece.milliseconds
        }
        return nil
    }
}
