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
    private static func refusal(_ word: String) -> String? {
        let bare = word.replacing("_", with: "")
        if word.contains("_"), word.contains(where: \.isNumber), bare != word {
            switch PlainNumber(bare) {
            case .integer, .number: return bare
            case .ambiguous(let instead): return instead
            case .text: return nil
            }
        }
        if let sixties = word.wholeMatch(of: /([\-+]?)([0-9]+(?::[0-5]?[0-9])+)(?:\.([0-9]*))?/) {
            let parts = sixties.2.split(separator: ":").compactMap { Double($0) }
            let value = parts.reduce(0) { 60 * $0 + $1 }
            guard value < 1e15 else { return "a decimal number" }
            let fraction = sixties.3.map { $0.isEmpty ? "" : ".\($0)" } ?? ""
            return "\(sixties.1 == "-" ? "-" : "")\(Int(value))\(fraction) if \(word) is in sixties"
        }
        if let binary = word.wholeMatch(of: /([\-+]?)0b([01]+)/) {
            return Int(binary.2, radix: 2).map { "\(binary.1 == "-" ? "-" : "")\($0)" } ?? "a decimal number"
        }
        if let signed = word.wholeMatch(of: /([\-+])(0x[0-9a-fA-F]+|0o[0-7]+)/) {
            guard case .integer(let value) = PlainNumber(String(signed.2)) else { return "a decimal number" }
            return "\(signed.1 == "-" ? "-" : "")\(value)"
        }
        if word.wholeMatch(of: /0[xo][0-9a-fA-F]+/) != nil { return "a decimal number" }
        guard let zeros = word.wholeMatch(of: /([\-+]?)0+([0-9]+(?:\.[0-9]*)?(?:[eE][\-+]?[0-9]+)?)/) else {
            return nil
        }
        let sign = zeros.1 == "-" ? "-" : ""
        let decimal = "\(sign)\(zeros.2)"
        guard let octal = Int(zeros.2, radix: 8), octal > 7 else { return decimal }
        return sign.isEmpty ? "\(decimal), or 0o\(zeros.2) for the octal \(octal)" : "\(decimal)"
    }
}
