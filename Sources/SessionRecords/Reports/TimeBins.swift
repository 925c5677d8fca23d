// Amplitude over time cut into columns, for the terminal's chart and for the report's: a pure function of the story.
public import StimulusModel

/// One column of a chart: what held between two ticks.
public struct TimeBin: Equatable, Sendable {
    /// Highest set amplitude in it, µA.
    public internal(set) var setMicroamperes: Int32 = 0
    /// Highest amplitude delivered in it, or of unknown fate, µA; 0 where no pulse came.
    public internal(set) var deliveredMicroamperes: Int32 = 0
    /// What the session was doing for most of it; nothing where nothing ran.
    public internal(set) var kind: StorySpan.Kind?
    /// Number of the contraction.
    public internal(set) var number: Int32 = 0
}

public struct TimeBins: Equatable, Sendable {
    public let bins: [TimeBin]
    /// Ticks that they cover; the first that is of interest and the one after the last.
    public let startTick: Int64
    public let endTick: Int64
    /// The highest amplitude in any, µA.
    public let highestMicroamperes: Int32

    /// - Parameters:
    ///   - count: columns, at least 1.
    ///   - place: the channel; the columns of both cover the same time.
    public init(_ story: SessionStory, count: Int, at place: ChannelPlace = .first) {
        let channel = story.channel(place)
        // Before the first delivery nothing is to be seen but a flat line.
        let starts = story.channels.compactMap { story.channel($0).spans.first?.startTick }
        let ends = story.channels.compactMap { story.channel($0).spans.last?.endTick }
        let start = max(0, (starts.min() ?? 0) - 500)
        let end = max(start + 1, (ends.max() ?? story.lastTick) + 500)
        let frame = TimeFrame(start: start, end: end, count: max(1, count))
        var bins = [TimeBin](repeating: TimeBin(), count: frame.count)
        for (index, point) in channel.setAmplitude.enumerated() {
            let next = index + 1 < channel.setAmplitude.count ? channel.setAmplitude[index + 1].tick : end
            guard next > start, point.tick < end else { continue }
            for bin in frame.column(point.tick)...frame.column(max(point.tick, next - 1)) {
                bins[bin].setMicroamperes = max(bins[bin].setMicroamperes, point.microamperes)
            }
        }
        for pulse in story.pulses(at: place) where pulse.delivery == .delivered || pulse.delivery == .unknown {
            let bin = frame.column(pulse.tick)
            bins[bin].deliveredMicroamperes = max(bins[bin].deliveredMicroamperes, pulse.microamperes)
        }
        TimeBins.fill(&bins, with: channel.spans, frame)
        startTick = start
        endTick = end
        highestMicroamperes = bins.map { max($0.setMicroamperes, $0.deliveredMicroamperes) }.max() ?? 0
        self.bins = bins
    }

    /// Each column shows what ran for most of it.
    private static func fill(_ bins: inout [TimeBin], with spans: [StorySpan], _ frame: TimeFrame) {
        var longest = [Int64](repeating: 0, count: frame.count)
        for span in spans where span.endTick > span.startTick {
            for bin in frame.column(span.startTick)...frame.column(span.endTick - 1) {
                let shared = max(
                    1, min(frame.start(of: bin + 1), span.endTick) - max(frame.start(of: bin), span.startTick))
                guard shared > longest[bin] else { continue }
                longest[bin] = shared
                bins[bin].kind = span.kind
                bins[bin].number = span.number
            }
        }
    }

    /// The column of a tick; nothing for one outside.
    public func column(_ tick: Int64) -> Int? {
        guard tick >= startTick, tick <= endTick else { return nil }
        return min(bins.count - 1, Int((tick - startTick) * Int64(bins.count) / (endTick - startTick)))
    }
}

/// A stretch of time in equal columns.
private struct TimeFrame {
    let start: Int64
    let end: Int64
    let count: Int

    func column(_ tick: Int64) -> Int {
        Int(max(0, min(Int64(count) - 1, (tick - start) * Int64(count) / (end - start))))
    }

    func start(of column: Int) -> Int64 { start + Int64(column) * (end - start) / Int64(count) }
}
