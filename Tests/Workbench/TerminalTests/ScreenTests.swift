import Foundation
import Terminal
import Testing

@Suite struct ByteBudgetTests {
    /// Frames of so many bytes four times a second; returns the intervals afterwards.
    private func run(_ budget: inout ByteBudget, _ bytes: Int, from start: Double, seconds: Double) {
        for frame in 0..<Int(seconds * 4) { budget.wrote(bytes, now: start + Double(frame) / 4) }
    }

    @Test func remoteHasAQuarterOfLocal() {
        #expect(ByteBudget(["SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"]).bytesPerSecond == 65_536)
        #expect(ByteBudget(["SSH_CONNECTION": ""]).bytesPerSecond == 262_144)
        #expect(ByteBudget([:]).bytesPerSecond == 262_144)
    }

    @Test func withinTheBudgetNothingChanges() {
        var budget = ByteBudget(bytesPerSecond: 65_536)
        run(&budget, 16_000, from: 0, seconds: 20)
        #expect(budget.mapInterval == 0.5)
        #expect(budget.dataInterval == 0.25)
    }

    @Test func mapsGiveWayFirst() {
        var budget = ByteBudget(bytesPerSecond: 65_536)
        run(&budget, 20_000, from: 0, seconds: 2)
        #expect(budget.mapInterval == 1)
        #expect(budget.dataInterval == 0.25)
        run(&budget, 20_000, from: 2, seconds: 40)
        #expect(budget.mapInterval == 4)
        #expect(budget.dataInterval == 1)
    }

    @Test func whenItIsQuietAgainSoAreTheIntervals() {
        var budget = ByteBudget(bytesPerSecond: 65_536)
        run(&budget, 20_000, from: 0, seconds: 40)
        run(&budget, 500, from: 40, seconds: 60)
        #expect(budget.mapInterval == 0.5)
        #expect(budget.dataInterval == 0.25)
    }
}

@Suite struct ClipboardTests {
    @Test func aCopyIsOneSequenceWithNothingThatCommandsTheTerminal() throws {
        let text = "fc1 82.7 % zeros, ±.7 \u{1B}[2J"
        let bytes = Clipboard.bytes(text)
        #expect(bytes.starts(with: "\u{1B}]52;c;".utf8))
        #expect(bytes.last == 7)
        let inside = bytes.dropFirst(7).dropLast()
        #expect(inside.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(Data(base64Encoded: Data(inside)) == Data(text.utf8))
    }
}

@Suite struct TerminalPictureTests {
    /// A program may die in the middle of a sequence or a character; what gives the terminal back is understood.
    @Test func escapeBreaksOffWhatWasBegun() {
        let frame = Array("\u{1B}[?1049h\u{1B}[?2026h\u{1B}(B\u{1B}[38;5;12m▀x\u{1B}]0;title\u{07}\u{1B}[1;2H".utf8)
        for cut in 1...frame.count {
            var picture = TerminalPicture(width: 20, height: 2)
            picture.feed(frame[..<cut])
            picture.feed("\u{1B}[?2026l\u{1B}[?1049lend".utf8)
            #expect(picture.modes.isEmpty && !picture.isAlternate && picture.text.contains("end"), "\(cut)")
        }
    }
}
