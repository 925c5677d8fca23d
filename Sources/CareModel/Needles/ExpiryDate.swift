/// Why a text is no expiry date.
public enum ExpiryProblem: Error, Equatable, Sendable {
    /// Neither `2027-03` nor `2027-03-15`.
    case notADate
    /// A month or a day that no calendar has.
    case noSuchDay

    public var words: String {
        switch self {
        case .notADate:
            return "write the year first, then the month, and the day if there is one: 2027-03 or 2027-03-15"
        case .noSuchDay: return "no calendar has that day"
        }
    }
}

/// The last day on which a sterile needle may be opened, as printed on its package. One that names a month alone lasts
/// to the last day of that month (`clinical.md` 3.2, N1 [ISO17218]).
public struct ExpiryDate: Hashable, Sendable {
    /// The last good day.
    public let lastDay: CalendarDay
    public let namesDay: Bool

    /// - Parameter text: `2027-03` or `2027-03-15`. Year first, since `03/04` is two dates.
    public init(_ text: String) throws(ExpiryProblem) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts[0].count == 4, parts.dropFirst().allSatisfy({ $0.count == 2 })
        else { throw .notADate }
        var numbers: [Int] = []
        for part in parts {
            guard part.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
                let number = Int(String(decoding: Array(part), as: UTF8.self))
            else { throw .notADate }
            numbers.append(number)
        }
        guard (1...12).contains(numbers[1]) else { throw .noSuchDay }
        namesDay = numbers.count == 3
        let last = namesDay ? numbers[2] : CalendarDay.lastDay(ofMonth: numbers[1], year: numbers[0])
        guard let day = CalendarDay(year: numbers[0], month: numbers[1], day: last) else { throw .noSuchDay }
        lastDay = day
    }

    /// As printed.
    public var text: String { namesDay ? lastDay.text : CalendarDay.text(lastDay.year, lastDay.month) }

    /// Whether the needle may no longer be opened on that day: the last good day itself is still good.
    public func isPassed(on day: CalendarDay) -> Bool { lastDay < day }
}
