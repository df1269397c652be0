import Foundation
import Text

/// Numbers as the workbench writes them, in as few columns as they need. The decimal mark is always a dot.
package enum Format {
    /// `53,240`; negative with a true minus.
    package static func count(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var at = digits.count - 3
        while at > 0 {
            digits.insert(",", at: at)
            at -= 3
        }
        return (value < 0 ? "−" : "") + String(digits)
    }

    /// The same of a value on an axis, to the nearest whole number.
    package static func count(_ value: Double) -> String {
        guard value.isFinite else { return nonNumber(value) }
        return count(Int(max(-9e18, min(9e18, value.rounded()))))
    }

    /// `735`, `13.4k`, `1.2M`: three digits and a unit of a thousand.
    package static func compact(_ value: Double) -> String {
        guard value.isFinite else { return nonNumber(value) }
        let size = abs(value)
        if size < 999.5 {
            return decimal(value, size < 9.95 && size != size.rounded() ? 1 : 0)
        }
        var scaled = size / 1000
        var unit = 0
        while scaled >= 999.5, unit < 4 {
            scaled /= 1000
            unit += 1
        }
        var digits = decimal(scaled, scaled < 99.95 ? 1 : 0)
        if digits.hasSuffix(".0") { digits.removeLast(2) }
        return (value < 0 ? "−" : "") + digits + ["k", "M", "G", "T", "P"][unit]
    }

    /// `512 B`, `248 kB`, `1,066 kB`, `12.3 MB`; a thousand is 1000.
    package static func bytes(_ count: Int) -> String {
        switch count {
        case ..<1000: "\(count) B"
        case ..<9_999_500: "\(Format.count(Int((Double(count) / 1000).rounded()))) kB"
        case ..<9_999_500_000: "\(decimal(Double(count) / 1e6, count < 99_950_000 ? 1 : 0)) MB"
        default: "\(decimal(Double(count) / 1e9, 1)) GB"
        }
    }

    /// A fixed number of decimals, `12.30`; negative with a true minus, and no minus before zero.
    package static func decimal(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return nonNumber(value) }
        let digits = String(format: "%.\(max(0, places))f", abs(value))
        let isZero = !digits.contains { $0 != "0" && $0 != "." }
        return (value < 0 && !isZero ? "−" : "") + digits
    }

    /// Below one without its leading zero: `.047`, `−.0712`, `1.250`.
    package static func leadingDot(_ value: Double, _ places: Int = 3) -> String {
        let text = decimal(value, places)
        if text.hasPrefix("0.") { return String(text.dropFirst()) }
        if text.hasPrefix("−0.") { return "−" + text.dropFirst(2) }
        return text
    }

    /// So many significant digits, in the shortest of `.0712`, `12.3` and `3.1e-4`.
    package static func significant(_ value: Double, _ digits: Int = 3) -> String {
        guard value.isFinite else { return nonNumber(value) }
        if value == 0 { return "0" }
        let exponent = Int(floor(log10(abs(value))))
        if exponent < -3 || exponent > 5 {
            let text = String(format: "%.\(max(0, digits - 2))e", abs(value))
            let parts = text.split(separator: "e")
            return (value < 0 ? "−" : "") + "\(parts[0])e\(Int(parts[1]) ?? exponent)"
        }
        return leadingDot(value, max(0, digits - 1 - exponent))
    }

    /// With its sign always: `+0.4`, `−3.1`, `0.0`.
    package static func signed(_ value: Double, _ places: Int) -> String {
        let text = decimal(value, places)
        let isZero = !text.contains { $0.isNumber && $0 != "0" }
        return value > 0 && !isZero ? "+" + text : text
    }

    /// A share as a percentage without its sign, `80.0`. Less than all never reads as all, nor something as nothing.
    package static func percent(_ share: Double, _ places: Int = 1) -> String { inPercent(share * 100, places) }

    /// The same of a value that is in percent already.
    package static func inPercent(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return nonNumber(value) }
        return (value < 0 ? "−" : "") + Percent.of(abs(value), places)
    }

    /// `0m04s`, `12m30s`, `3h05m`, `2d04h`.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
        let total = Int(seconds.rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        switch total {
        case ..<3600: return "\(total / 60)m\(two(total % 60))s"
        case ..<86_400: return "\(total / 3600)h\(two(total / 60 % 60))m"
        default: return "\(total / 86_400)d\(two(total / 3600 % 24))h"
        }
    }

    /// `2 s`, `5 min`, `3 h`, `4 d`: for "… ago".
    package static func age(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
        switch seconds {
        case ..<99.5: return "\(Int(seconds.rounded())) s"
        case ..<5970: return "\(Int((seconds / 60).rounded())) min"
        case ..<172_800: return "\(Int((seconds / 3600).rounded())) h"
        default: return "\(Int(seconds / 86_400)) d"
        }
    }

    /// Filled with blanks on the left to a width, for figures in a column.
    package static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - Glyphs.width(text))) + text
    }

    /// Filled with blanks on the right to a width.
    package static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Glyphs.width(text)))
    }

    private static func nonNumber(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞"
    }
}
