import ByteStreams
import Foundation

/// A line typed on the terminal, for whoever has something to do meanwhile.
enum TypedLine {
    /// - Parameter goesOn: asked every 20 ms; false ends the waiting.
    /// - Returns: the line without spaces around it; nothing when none came, or nobody is there.
    static func read(while goesOn: () -> Bool) -> String? {
        guard var input = try? ByteStream(reopening: 0, for: .reading) else { return nil }
        var line: [UInt8] = []
        while goesOn() {
            _ = input.waitForInput(atMostMilliseconds: 20)
            var buffer = InlineArray<256, UInt8>(repeating: 0)
            var span = buffer.mutableSpan
            switch input.read(into: &span) {
            case .bytes(let count):
                for index in 0..<count {
                    if buffer[index] == UInt8(ascii: "\n") {
                        return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
                    }
                    line.append(buffer[index])
                }
            case .nothing: continue
            case .gone: return nil
            }
        }
        return nil
    }
}
