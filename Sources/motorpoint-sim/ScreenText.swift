/// What a program has written to its terminal, as text: escape sequences are left out, and a line that is redrawn in
/// place counts as a new line each time.
struct ScreenText {
    private enum State {
        case text
        case escape
        case sequence
        case titleText
        case titleEscape
    }

    private(set) var bytes: [UInt8] = []
    private var state = State.text
    /// Everything before this has been matched already.
    private var matchedUpTo = 0

    private static let largest = 1 << 20

    mutating func add(_ byte: UInt8) {
        switch state {
        case .text:
            switch byte {
            case 0x1B: state = .escape
            case 13: if bytes.last != 10 { bytes.append(10) }
            case 10: if bytes.last != 10 { bytes.append(10) }
            case 0..<32 where byte != 9: break
            default: bytes.append(byte)
            }
        case .escape: state = byte == UInt8(ascii: "[") ? .sequence : byte == UInt8(ascii: "]") ? .titleText : .text
        case .sequence: if (0x40...0x7E).contains(byte) { state = .text }
        case .titleText: state = byte == 7 ? .text : byte == 0x1B ? .titleEscape : .titleText
        case .titleEscape: state = .text
        }
        if bytes.count > Self.largest {
            let cut = Self.largest / 2
            bytes.removeFirst(cut)
            matchedUpTo = max(0, matchedUpTo - cut)
        }
    }

    /// True when the text stands behind the last match; what follows is then searched next time.
    mutating func match(_ text: String) -> Bool {
        guard let end = find(Array(text.utf8), from: matchedUpTo) else { return false }
        matchedUpTo = end
        return true
    }

    /// True when the text stands behind the last match.
    func contains(_ text: String) -> Bool { find(Array(text.utf8), from: matchedUpTo) != nil }

    /// The last lines, for a message.
    func lastLines(_ count: Int) -> [String] {
        String(decoding: bytes.suffix(8_192), as: UTF8.self).split(separator: "\n").suffix(count).map(String.init)
    }

    private func find(_ wanted: [UInt8], from start: Int) -> Int? {
        guard let first = wanted.first, bytes.count >= start + wanted.count else { return nil }
        var index = start
        while index + wanted.count <= bytes.count {
            if bytes[index] == first, bytes[index..<(index + wanted.count)].elementsEqual(wanted) {
                return index + wanted.count
            }
            index += 1
        }
        return nil
    }
}
