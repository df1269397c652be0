import Foundation
import Testing
import Text

@Suite struct VisibleTests {
    @Test(arguments: [
        ("fc\u{1B}]0;pwned\u{07}", "fc␛]0;pwned␇"), ("a\nb", "a␊b"), ("a\r\nb\t", "a␍␊b␉"), ("\u{0}\u{7F}", "␀␡"),
        ("\u{9B}31m", "<U+009B>31m"), ("a\u{202E}b", "a<U+202E>b"), ("\u{2066}x\u{2069}", "<U+2066>x<U+2069>"),
        ("\u{200B}\u{200E}\u{FEFF}\u{61C}", "<U+200B><U+200E><U+FEFF><U+061C>"),
        ("\u{2028}\u{2029}", "<U+2028><U+2029>"), ("\u{E0041}", "<U+E0041>"), ("\u{AD}", "<U+00AD>"),
        ("café 深い Ω × ░▒▓ ⠿ – …", "café 深い Ω × ░▒▓ ⠿ – …"), ("", ""),
    ])
    func `What is not seen is shown`(text: String, shown: String) {
        #expect(text.visible == shown)
        #expect(text.visible.visible == shown)
    }

    @Test func `Nothing of the whole of Unicode that steers a terminal is left`() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let category = scalar.properties.generalCategory
            let steers = [.control, .format, .lineSeparator, .paragraphSeparator].contains(category)
            if steers || scalar.properties.isDefaultIgnorableCodePoint {
                #expect(String(scalar).visible.unicodeScalars.allSatisfy { !$0.isUnseen }, "U+\(value)")
                #expect(scalar.isUnseen, "U+\(value)")
            } else if category == .lowercaseLetter || category == .mathSymbol {
                #expect(!scalar.isUnseen, "U+\(value)")
            }
        }
    }

    @Test func `Lines of our own stay lines`() { #expect("a\u{1B}\nb".visibleLines == "a␛\nb") }

    @Test func `JSON keeps its meaning`() throws {
        let names = ["fc\u{1B}]0;\u{07}\"\\", "\u{202E}\u{9B}\u{7F}", "\u{E0041}", "plain"]
        let text = String(decoding: try JSONEncoder().encode(names), as: UTF8.self)
        #expect(text.visibleJSON.unicodeScalars.allSatisfy { !$0.isUnseen })
        #expect(try JSONDecoder().decode([String].self, from: Data(text.visibleJSON.utf8)) == names)
    }
}
