// Numbers and texts of a calibration as people read them. A document comes from a file: no number in it may trap, no
// text in it may steer a terminal or turn the reading direction of a page.
internal import Calibration
internal import CareModel
internal import StimulusModel

enum CertificateFormat {
    /// `value` in units of 10^-`from`, rounded to `to` decimals, such as `-1.50`.
    /// - Parameters:
    ///   - to: no more than `from`.
    ///   - rounding: whole numbers throughout, so that an uncertainty that needs no rounding is not rounded up.
    static func decimal(_ value: Int64, from: Int, to: Int, rounding: FloatingPointRoundingRule = .toNearestOrEven)
        -> String
    {
        let divisor = (to..<max(from, to)).reduce(UInt64(1)) { product, _ in product * 10 }
        let (quotient, rest) = value.magnitude.quotientAndRemainder(dividingBy: divisor)
        let goesUp = rounding == .up ? rest > 0 && value > 0 : rest * 2 >= divisor && divisor > 1
        return point(quotient + (goesUp ? 1 : 0), isNegative: value < 0, to)
    }

    /// With so many decimals, without a locale; `no number` for what is none.
    static func fixed(
        _ value: Double, _ places: Int, _ rounding: FloatingPointRoundingRule = .toNearestOrEven
    ) -> String {
        let scaled = (value * power(places)).rounded(rounding)
        guard let whole = Int64(exactly: scaled) else { return "no number" }
        return point(whole.magnitude, isNegative: whole < 0, places)
    }

    private static func point(_ size: UInt64, isNegative: Bool, _ places: Int) -> String {
        let digits = String(size)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = isNegative && size > 0 ? "-" : ""
        guard places > 0 else { return sign + padded }
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    static func signed(_ value: Double, _ places: Int) -> String {
        let text = fixed(value, places)
        return value > 0 && text.first != "n" ? "+" + text : text
    }

    private static func power(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<exponent { result *= 10 }
        return result
    }

    /// `1 kΩ`, `500 Ω`.
    static func ohms(_ ohms: Int32) -> String {
        ohms >= 1_000 && ohms % 100 == 0
            ? DecimalText.format(Int64(ohms), decimals: 3) + " kΩ" : "\(ohms) Ω"
    }

    static func percent(permille: Int64) -> String { decimal(permille, from: 1, to: 1) + " %" }

    /// Millionths as per cent, never made smaller by rounding.
    static func percentUp(partsPerMillion: Int32) -> String {
        decimal(Int64(partsPerMillion), from: 4, to: 2, rounding: .up) + " %"
    }

    /// What was measured away from what was set, in per cent of it; nothing for a point at 0 mA.
    static func errorPercent(_ point: CalibrationPoint) -> Double? {
        guard point.setMicroamperes > 0 else { return nil }
        let set = Double(point.setMicroamperes) * 1_000
        return (Double(point.meanNanoamperes) - set) / set * 100
    }

    /// Expanded uncertainty in per cent of what was set.
    static func expandedPercent(_ point: CalibrationPoint) -> Double {
        guard point.setMicroamperes > 0 else { return 0 }
        return Double(point.expandedNanoamperes) / (Double(point.setMicroamperes) * 1_000) * 100
    }

    static func stimulator(_ kind: StimulatorKind) -> String {
        switch kind {
        case .p24: return "HASOMED P24"
        case .pulsePal: return "Pulse Pal 2 with isolator"
        }
    }

    static func source(_ source: ReadingSource) -> String {
        switch source {
        case .instrument: return "read over its serial line"
        case .typed: return "read by a person and typed"
        case .device: return "the stimulator's own samples, a cross-check only"
        }
    }

    static func verdict(_ verdict: PointVerdict) -> String {
        switch verdict {
        case .pass: return "pass"
        case .guardBand: return "guard band"
        case .fail: return "FAIL"
        }
    }

    /// For a style sheet.
    static func verdictClass(_ verdict: PointVerdict) -> String { verdict == .pass ? "pass" : "refused" }

    /// Without what steers a terminal or a page: control characters, changes of the reading direction, line ends.
    static func plain(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                safe.unicodeScalars.append("\u{FFFD}")
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }

    /// For terminals and screen readers that know ASCII only.
    static func ascii(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "µ": result += "u"
            case "Ω": result += "ohm"
            case "±": result += "+/-"
            case "−", "·", "–": result += "-"
            case "×": result += "x"
            case "→": result += "->"
            case "≤": result += "<="
            default: result.unicodeScalars.append(scalar.isASCII ? scalar : "?")
            }
        }
        return result
    }
}

extension CalendarDay {
    /// The day so many days later, 0 to 366 at the most.
    func later(by days: Int32) -> CalendarDay {
        var day = self
        for _ in 0..<max(0, min(366, days)) { day = day.next }
        return day
    }

    private var next: CalendarDay {
        if day < CalendarDay.lastDay(ofMonth: month, year: year) {
            return CalendarDay(year: year, month: month, day: day + 1) ?? self
        }
        if month < 12 { return CalendarDay(year: year, month: month + 1, day: 1) ?? self }
        return CalendarDay(year: year + 1, month: 1, day: 1) ?? .latest
    }
}

extension CalibrationDocument {
    /// The last day on which it holds; nothing where it never does.
    var lastDay: CalendarDay? {
        let days = min(validDays, CalibrationDocument.longestValidityDays)
        return days > 0 ? measuredOn.later(by: days - 1) : nil
    }
}

extension CertificateContext {
    /// The day on which the page is written, where it is written.
    var today: CalendarDay {
        let text = CivilTime(wallNanoseconds: written.nanoseconds, utcOffsetSeconds: written.utcOffsetSeconds).text
        return CalendarDay(text: String(text.prefix(10))) ?? .latest
    }

    var writtenText: String {
        CivilTime(wallNanoseconds: written.nanoseconds, utcOffsetSeconds: written.utcOffsetSeconds).text
    }

    /// All calibrations of a device, the oldest first; of each number one.
    func history(with document: CalibrationDocument) -> [CalibrationDocument] {
        CertificateContext.ordered(earlier + [document], of: document.device)
    }

    static func ordered(_ documents: [CalibrationDocument], of device: CalibratedDevice) -> [CalibrationDocument] {
        var bySequence: [Int32: CalibrationDocument] = [:]
        for one in documents
        where one.device.stimulator == device.stimulator && one.device.serialNumber == device.serialNumber {
            // The page's own document comes last and is the one that counts.
            bySequence[one.sequence] = one
        }
        return bySequence.values.sorted { $0.sequence < $1.sequence }
    }
}
