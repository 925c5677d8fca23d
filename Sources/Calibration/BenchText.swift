/// Numbers as a technician reads them.
enum BenchText {
    /// `value` in units of 10^-`places`, with as many decimals, such as `-1.50`.
    static func decimal(_ value: Int64, places: Int) -> String {
        var scale: UInt64 = 1
        for _ in 0..<places { scale *= 10 }
        let size = value.magnitude
        let whole = (value < 0 ? "-" : "") + String(size / scale)
        guard places > 0 else { return whole }
        let rest = String(size % scale)
        return whole + "." + String(repeating: "0", count: places - rest.count) + rest
    }

    /// Nanoamperes as `12.345 mA`.
    static func milliamperes(_ nanoamperes: Int64) -> String {
        decimal(rounded(Double(nanoamperes) / 1_000), places: 3) + " mA"
    }

    /// Nanoamperes as `12.3 µA`.
    static func microamperes(_ nanoamperes: Int64) -> String {
        decimal(rounded(Double(nanoamperes) / 100), places: 1) + " µA"
    }

    /// Thousandths as `2.0 %`.
    static func percent(permille: Int64) -> String { decimal(permille, places: 1) + " %" }

    /// Millionths of gain as `+2.00 %`, from 1.
    static func deviation(partsPerMillion: Int64) -> String {
        let hundredths = rounded(Double(partsPerMillion - 1_000_000) / 100)
        return (hundredths > 0 ? "+" : "") + decimal(hundredths, places: 2) + " %"
    }

    /// To the nearest whole number, the ends of Int64 for what lies beyond, 0 for what is no number.
    static func rounded(_ value: Double) -> Int64 { whole(value.rounded()) }

    /// Upward: an uncertainty is never made smaller by writing it down.
    static func roundedUp(_ value: Double) -> Int64 { whole(value.rounded(.up)) }

    private static func whole(_ value: Double) -> Int64 {
        if value.isNaN { return 0 }
        return Int64(exactly: value) ?? (value < 0 ? .min : .max)
    }
}
