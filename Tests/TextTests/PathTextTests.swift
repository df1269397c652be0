import Testing
import Text

/// A path comes out of text byte for byte as it went in, whatever the bytes are.
@Suite struct PathTextTests {
    static let paths: [[UInt8]] = [
        [], Array("a/b".utf8), Array("ünï 🌳".utf8), [0x63, 0x61, 0x66, 0xE9], [0xFF], [0xFF, 0xFE, 0x2F, 0x80],
        [0xC3], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAF],
        // The characters that stand for bytes are carried byte by byte themselves.
        Array("\u{10FFE9}".utf8), Array("a\u{10FF80}b\u{10FFFF}".utf8) + [0x80], Array("\u{10FF7F}".utf8),
    ]

    @Test(arguments: paths)
    func nothingIsLost(_ bytes: [UInt8]) {
        let text = String(path: bytes)
        #expect(text.pathBytes == bytes)
        #expect(text.cPath.dropLast().map { UInt8(bitPattern: $0) } == bytes && text.cPath.last == 0)
        #expect(String(path: text.pathBytes) == text)
    }

    @Test func everyPairOfBytesComesBack() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [0x61, first, second, 0x62]
                #expect(String(path: bytes).pathBytes == bytes)
            }
        }
    }

    @Test func bytesAreShownAndQuotedAsWhatTheyAre() {
        let name = String(path: [0x63, 0x61, 0x66, 0xE9])
        #expect(name.visible == "caf\\xE9")
        #expect(name.shellWord == "$'caf\\351'")
        #expect(String(path: Array("café".utf8)) == "café")
    }
}
