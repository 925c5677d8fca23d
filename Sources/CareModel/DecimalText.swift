/// Why a text is not a number that this house reads.
public enum DecimalProblem: Error, Equatable, Sendable {
    case empty
    case notANumber
    /// `1e3`, `1e999`: written-out digits only, so that a slip of one character is not a factor of ten.
    case exponent
    /// `nan`, `.inf`.
    case notFinite
    case hexadecimal
    /// `017`: fifteen to some readers, seventeen to others.
    case leadingZero
    /// `1_000`.
    case underscore
    /// `1,5`: a decimal point elsewhere, thousands here.
    case comma
    case plusSign
    case negative
    /// `35 mA`: the unit belongs in the key.
    case unitInValue
    /// More decimals than the stored whole number has places.
    case tooManyDecimals(allowed: Int)
    case tooLarge
}

/// Decimal text to whole numbers and back, exactly: no floating point on the way, so that `0.1` is 100 µA and nothing
/// else.
public enum DecimalText {
    /// The text as a whole number of the unit that is `10^-decimals` of the written one: `("0.5", decimals: 3)` is 500.
    /// - Parameter decimals: 0 to 9.
    /// - Parameter highest: the largest whole number taken.
    public static func parse(
        _ text: String, decimals: Int, highest: Int64
    ) throws(DecimalProblem) -> Int64 {
        let bytes = Array(text.utf8)
        try refuseOtherNotations(bytes)
        guard let point = bytes.firstIndex(of: UInt8(ascii: ".")) else {
            return try digits(bytes[...], then: [], decimals: decimals, highest: highest)
        }
        let fraction = bytes[(point + 1)...]
        guard point > 0, !fraction.isEmpty else { throw .notANumber }
        return try digits(bytes[..<point], then: fraction, decimals: decimals, highest: highest)
    }

    /// The number as text in the written unit, with no more decimals than needed: `(500, decimals: 3)` is `0.5`.
    public static func format(_ value: Int64, decimals: Int) -> String {
        var digits = Array(String(value.magnitude).utf8)
        while digits.count <= decimals { digits.insert(UInt8(ascii: "0"), at: 0) }
        var fraction = digits[(digits.count - decimals)...]
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        let whole = String(decoding: digits[..<(digits.count - decimals)], as: UTF8.self)
        let sign = value < 0 ? "-" : ""
        return fraction.isEmpty ? sign + whole : sign + whole + "." + String(decoding: fraction, as: UTF8.self)
    }

    private static func digits(
        _ whole: ArraySlice<UInt8>, then fraction: ArraySlice<UInt8>, decimals: Int, highest: Int64
    ) throws(DecimalProblem) -> Int64 {
        if whole.count > 1, whole.first == UInt8(ascii: "0") { throw .leadingZero }
        guard fraction.count <= decimals else { throw .tooManyDecimals(allowed: decimals) }
        var value: Int64 = 0
        for byte in Array(whole) + Array(fraction) {
            value = try append(byte, to: value)
        }
        for _ in fraction.count..<decimals { value = try append(UInt8(ascii: "0"), to: value) }
        guard value <= highest else { throw .tooLarge }
        return value
    }

    private static func append(_ byte: UInt8, to value: Int64) throws(DecimalProblem) -> Int64 {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { throw .notANumber }
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
        guard !overflow, !carry else { throw .tooLarge }
        return sum
    }

    /// Notations that some reader somewhere takes for a number, each refused by its name.
    private static func refuseOtherNotations(_ bytes: [UInt8]) throws(DecimalProblem) {
        guard let first = bytes.first else { throw .empty }
        let lower = bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
        var unsigned = lower[...]
        if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") { unsigned = unsigned.dropFirst() }
        let bare = String(decoding: unsigned, as: UTF8.self)
        if [".nan", "nan", ".inf", "inf", "infinity"].contains(bare) { throw .notFinite }
        if bare.hasPrefix("0x") { throw .hexadecimal }
        if bare.hasPrefix("0o") || bare.hasPrefix("0b") { throw .leadingZero }
        guard let digit = unsigned.first, digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else {
            throw .notANumber
        }
        if first == UInt8(ascii: "+") { throw .plusSign }
        if first == UInt8(ascii: "-") { throw .negative }
        guard let odd = unsigned.first(where: { !isDigitOrPoint($0) }) else { return }
        if odd == UInt8(ascii: "_") { throw .underscore }
        if odd == UInt8(ascii: ",") { throw .comma }
        if odd == UInt8(ascii: "e"), exponentFollows(unsigned) { throw .exponent }
        if odd == UInt8(ascii: " ") || odd >= 0x61 { throw .unitInValue }
        throw .notANumber
    }

    private static func isDigitOrPoint(_ byte: UInt8) -> Bool {
        (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: ".")
    }

    private static func exponentFollows(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let e = bytes.firstIndex(of: UInt8(ascii: "e")) else { return false }
        var rest = bytes[(e + 1)...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}
