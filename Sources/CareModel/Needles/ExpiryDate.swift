/// A day of the calendar, without a time zone: what a package and a wall calendar show.
public struct CalendarDay: Hashable, Comparable, Sendable {
    public let year: Int
    public let month: Int
    public let day: Int

    /// - Returns: nothing for a day that no calendar has.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9_999).contains(year), (1...12).contains(month) else { return nil }
        guard (1...CalendarDay.lastDay(ofMonth: month, year: year)).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// 28 to 31; every fourth year is a leap year, except of the full centuries those that 400 does not divide.
    public static func lastDay(ofMonth month: Int, year: Int) -> Int {
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    private init(lastOfYear year: Int) {
        self.year = year
        month = 12
        day = 31
    }

    /// The last day that can be written: everything has expired on it.
    public static let latest = CalendarDay(lastOfYear: 9_999)

    /// `2027-02-28`
    public var text: String { CalendarDay.text(year, month) + "-" + CalendarDay.padded(day, 2) }

    public static func < (a: CalendarDay, b: CalendarDay) -> Bool {
        (a.year, a.month, a.day) < (b.year, b.month, b.day)
    }

    static func text(_ year: Int, _ month: Int) -> String { padded(year, 4) + "-" + padded(month, 2) }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

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
