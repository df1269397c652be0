/// A number as YAML 1.2 writes it, in a recipe, in `--set` and in options alike.
///
/// Readers of YAML 1.1 take some words for other numbers: `010` is 8 to them, `1:30` is 90. Such a word is refused, with
/// what to write instead, for nobody can know which number was meant.
public enum PlainNumber: Equatable, Sendable {
    case integer(Int)
    case number(Double)
    /// The words that say what to write.
    case ambiguous(String)
    /// No number to any reader.
    case text

    public init(_ word: String) {
        guard let first = word.utf8.first, Self.isDigit(first) || "+-.".utf8.contains(first) else {
            self = .text
            return
        }
        self = Self.decimal(word) ?? Self.other(word) ?? Self.refusal(word).map(Self.ambiguous) ?? .text
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    // By hand, for a recipe of thousands of nodes has many: sign, digits without a leading zero, fraction, exponent.
    private static func decimal(_ word: String) -> PlainNumber? {
        let bytes = Array(word.utf8)
        var at = 0
        func digits() -> Int {
            let start = at
            while at < bytes.count, isDigit(bytes[at]) { at += 1 }
            return at - start
        }
        func take(_ signs: String) -> Bool {
            guard at < bytes.count, signs.utf8.contains(bytes[at]) else { return false }
            at += 1
            return true
        }
        _ = take("+-")
        let start = at
        let whole = digits()
        if whole > 1, bytes[start] == UInt8(ascii: "0") { return nil }
        // What no integer holds is a number all the same: a range will refuse it or not.
        if at == bytes.count, whole > 0 { return Int(word).map(integer) ?? Double(word).map(number) }
        let point = at
        let hasPoint = take(".")
        let fraction = hasPoint ? digits() : 0
        guard whole + fraction > 0 else { return nil }
        let end = at
        if take("eE") {
            _ = take("+-")
            guard digits() > 0 else { return nil }
        }
        guard at == bytes.count else { return nil }
        // Swift reads no number that begins or ends with its point.
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        return Double(
            text(0..<start) + (whole == 0 ? "0" : text(start..<point)) + "."
                + (fraction == 0 ? "0" : text(point + 1..<end))
                + text(end..<bytes.count)
        ).map(number)
    }

    private static func other(_ word: String) -> PlainNumber? {
        if let hexadecimal = word.wholeMatch(of: /0x([0-9a-fA-F]+)/) {
            return Int(hexadecimal.1, radix: 16).map(integer)
        }
        if let octal = word.wholeMatch(of: /0o([0-7]+)/) { return Int(octal.1, radix: 8).map(integer) }
        switch word {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        default: return nil
        }
    }

    /// What to write instead of a word that some reader takes for another number.
    ///
    /// By hand too: a pattern tries the ways to part a word one after the other, and a stranger's word may be long.
    private static func refusal(_ word: String) -> String? {
        if word.utf8.contains(UInt8(ascii: "_")), word.utf8.contains(where: isDigit) {
            switch PlainNumber(word.replacing("_", with: "")) {
            case .integer, .number:
                return word.utf8.count < longest ? word.replacing("_", with: "") : decimalNumber
            case .ambiguous(let instead): return instead
            case .text: return nil
            }
        }
        var bytes = Array(word.utf8)[...]
        let sign = bytes.first == UInt8(ascii: "-") ? "-" : ""
        let isSigned = bytes.first.map("+-".utf8.contains) ?? false
        if isSigned { bytes.removeFirst() }
        if let seconds = sixties(bytes) {
            return seconds == decimalNumber ? seconds : "\(sign)\(seconds) if \(word.shortened) is in sixties"
        }
        let base = bytes.dropFirst().first
        if bytes.first == UInt8(ascii: "0"), let base, "xob".utf8.contains(base) {
            return based(bytes.dropFirst(2), base, sign: isSigned ? sign : nil)
        }
        return leadingZeros(bytes, sign: sign)
    }

    /// `1:30` and `1:30.5`: every part but the first below sixty.
    private static func sixties(_ bytes: ArraySlice<UInt8>) -> String? {
        let point = bytes.firstIndex(of: UInt8(ascii: "."))
        let fraction = point.map { bytes[($0 + 1)...] } ?? []
        let parts = bytes[..<(point ?? bytes.endIndex)].split(
            separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }),
            parts.dropFirst().allSatisfy({ $0.count == 1 || $0.count == 2 && $0.first! < UInt8(ascii: "6") }),
            fraction.allSatisfy(isDigit)
        else { return nil }
        let value = parts.reduce(0.0) { 60 * $0 + (Double(String(decoding: $1, as: UTF8.self)) ?? .infinity) }
        guard value < 1e15 else { return decimalNumber }
        return "\(Int(value))" + (fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self))
    }

    private static let decimalNumber = "a decimal number"
    /// What is longer is not written out.
    private static let longest = 200

    /// A number of base 2, or one of base 8 or 16 that YAML 1.2 does not take: it has a sign, or is too large.
    private static func based(_ digits: ArraySlice<UInt8>, _ base: UInt8, sign: String?) -> String? {
        let radix = base == UInt8(ascii: "x") ? 16 : base == UInt8(ascii: "o") ? 8 : 2
        let isNumber = digits.allSatisfy { digit in
            Character(Unicode.Scalar(digit)).hexDigitValue.map { $0 < radix } ?? false
        }
        // `0o9` is no number, and too near one to be text.
        let isNear = sign == nil && radix == 8 && digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        guard !digits.isEmpty, isNumber || isNear else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: radix).map { (sign ?? "") + "\($0)" }
            ?? decimalNumber
    }

    /// `010`, `00.5`, `01e3`.
    private static func leadingZeros(_ bytes: ArraySlice<UInt8>, sign: String) -> String? {
        var rest = bytes.drop { $0 == UInt8(ascii: "0") }
        if !(rest.first.map(isDigit) ?? false) { rest = bytes[max(bytes.startIndex, rest.startIndex - 1)...] }
        guard rest.count < bytes.count else { return nil }
        let digits = String(decoding: rest, as: UTF8.self)
        guard decimal(digits) != nil else { return nil }
        guard digits.utf8.count < longest else { return decimalNumber }
        guard let octal = Int(digits, radix: 8), octal > 7, sign.isEmpty else { return sign + digits }
        return "\(digits), or 0o\(digits) for the octal \(octal)"
    }
}
