/// A number as a person types it: digits, with one dot where it may have decimals. Nothing in it is passed over, since
/// `2,5` is 2.5 to one reader and 25 to another; so a comma is refused, and said to be the reason.
enum TypedNumber {
    /// - Returns: `nil` for anything but digits.
    static func whole(_ text: some StringProtocol) -> Int? { isDigits(text) ? Int(text) : nil }

    /// - Returns: `nil` for anything but digits and one dot: no sign, no exponent, no "inf", and none that becomes it.
    static func decimal(_ text: some StringProtocol) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }), parts.allSatisfy({ $0.isEmpty || isDigits($0) })
        else { return nil }
        // Swift reads neither `.5` nor `5.`.
        guard let value = Double("0\(parts[0]).\(parts.count == 2 ? String(parts[1]) : "")0"), value.isFinite else {
            return nil
        }
        return value
    }

    private static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// What is wrong with a text that is no number, where that is a comma.
    static func commaProblem(_ text: String) -> String? {
        guard text.contains(",") else { return nil }
        let dotted = text.replacing(",", with: "."), plain = text.replacing(",", with: "")
        return "a comma is not read: “\(dotted)” or “\(plain)”?"
    }
}

extension String {
    var trimmingBlanks: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
