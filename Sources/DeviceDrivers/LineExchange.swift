// One turn of a conversation outside a session: what came in goes to the link, what the link has to say goes out.
internal import ByteStreams
internal import StimulatorLinks
internal import StimulusModel

extension SerialLine {
    /// Reads what is there, then writes every frame that waits, a stop before what the line still holds.
    mutating func exchange(with link: inout StimulatorLink, at now: Instant) {
        var buffer = InlineArray<512, UInt8>(repeating: 0)
        var span = buffer.mutableSpan
        switch stream.read(into: &span) {
        case .bytes(let count):
            for index in 0..<count { link.receive(buffer[index], at: now) }
        case .nothing: break
        case .gone: link.lineGone(at: now)
        }
        while link.hasFrame, var frame = link.takeFrame() {
            if frame.isStop { stream.flushOutput() }
            var bytes = InlineArray<640, UInt8>(repeating: 0)
            for index in 0..<frame.count { bytes[index] = frame.byte(at: index) }
            switch stream.write(bytes.span.extracting(first: frame.count)) {
            case .wrote(let written):
                if written < frame.count { link.lineBlocked(at: now) }
            case .blocked:
                link.lineBlocked(at: now)
                return
            case .gone: link.lineGone(at: now)
            }
        }
    }
}
