import Terminal
import Testing
import Training
import Views

/// Whatever a terminal sends that no person typed: nothing of it changes the network, trains or leaves.
@Suite struct FuzzTests {
    /// Repeatable random numbers.
    struct Random {
        private var state: UInt64
        init(_ seed: UInt64) { state = seed }
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
        mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
        mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }
        mutating func pick<Element>(_ all: [Element]) -> Element { all[below(all.count)] }
    }

    /// Sequences as terminals send them, damaged, with bytes between them that no command has as its key.
    struct Terminal {
        var random: Random
        private static let bound = Set(ViewID.allCases.flatMap { CommandTable.standard.of($0).flatMap(\.keys) })
        static let isBound: Set<Key> = bound.subtracting(harmless).union([.character("y"), .character("Y")])
        /// They move or open something, and are what sequences mean.
        private static let harmless: Set<Key> = [.enter, .escape, .tab, .backTab, .up, .down, .left, .right]
        private static let unbound = (0x20..<0x7F).map { UInt8($0) }.filter {
            !isBound.contains(.character(Character(Unicode.Scalar($0))))
        }
        /// The end of a sequence would be the beginning of keys, so what is mutated is not that.
        private static let inStrings = (0...255).map { UInt8($0) }.filter { ![0x07, 0x1B].contains($0) }

        /// A dollar may be a final byte where a read ends.
        private static let parameters = (0x20..<0x40).map { UInt8($0) }.filter { $0 != 0x24 }
        /// Any end but those that have characters behind them.
        private static let ends = (0x40..<0x7F).map { UInt8($0) }.filter { !"M[tT".utf8.contains($0) }
        private static let inPastes = (0...255).map { UInt8($0) }.filter { $0 != 0x1B }
        private static let afterAlt = (0x30..<0x7F).map { UInt8($0) }.filter { !"[O]PX^_".utf8.contains($0) }

        mutating func text(_ count: Int, of bytes: [UInt8]) -> [UInt8] { (0..<count).map { _ in random.pick(bytes) } }

        mutating func parameters() -> [UInt8] {
            if random.chance(2) { return text(random.below(12), of: Array("0123456789;:<=>?".utf8)) }
            return text(random.below(80), of: Self.parameters)
        }

        mutating func sequence() -> [UInt8] {
            let escape: [UInt8] = [0x1B]
            switch random.below(14) {
            case 0, 1: return escape + "[".utf8 + parameters() + text(1, of: Array("ABCDEFGHIOPQRSZcnuy~mt".utf8))
            case 2: return escape + "[".utf8 + parameters() + text(1, of: Self.ends)
            case 3:
                return escape + "[<\(random.below(200));\(random.below(300));\(random.below(99))".utf8
                    + text(1, of: Array("Mm".utf8))
            case 4: return escape + "[M".utf8 + text(3, of: (0x20..<0xC0).map { UInt8($0) })
            case 5: return escape + "[\(random.below(300));\(random.below(300));\(random.below(300))M".utf8
            case 6: return escape + "O".utf8 + text(1, of: (0x40..<0x7F).map { UInt8($0) })
            case 7, 8:
                let end = random.pick([[0x07], escape + "\\".utf8])
                return escape + text(1, of: Array("]P^_X".utf8)) + text(random.below(300), of: Self.inStrings) + end
            case 9:
                let end = random.pick([[0x07], escape + "\\".utf8])
                return escape
                    + random.pick(["]lAFK", "]52;c;QUFB", "P>|XTerm(370)", "_Gi=31;OK", "]11;rgb:ffff/ffff/ffff"]).utf8
                    + end
            case 10:
                let pasted = text(random.below(200), of: Self.inPastes)
                return escape + "[200~".utf8 + pasted + escape + "[201~".utf8
            case 11: return escape + random.pick(["[200~A new line\nqy\u{1B}[201~", "[200~90%\u{1B}[201~"]).utf8
            case 12:
                return escape + text(1, of: Self.afterAlt)
            default: return Array(String(Character(Unicode.Scalar(0xA0 + UInt32(random.below(0x2000)))!)).utf8)
            }
        }

        /// Bytes flipped, left out and doubled between the introducer and the end, which stay what they are.
        mutating func damage(_ whole: [UInt8]) -> [UInt8] {
            let introducer = 2, end: Int, allowed: [UInt8]
            switch whole[1] {
            case _ where whole.starts(with: "\u{1B}[200~".utf8): (end, allowed) = (6, Self.inPastes)
            case UInt8(ascii: "["): (end, allowed) = (1, Self.parameters)
            case UInt8(ascii: "O"): return whole
            default: (end, allowed) = (whole.last == 0x07 ? 1 : 2, Self.inStrings)
            }
            let first = allowed == Self.inPastes ? 6 : introducer
            guard whole.count >= first + end, !whole.starts(with: "\u{1B}[M".utf8) else { return whole }
            var inner = Array(whole[first..<(whole.count - end)])
            for _ in 0...random.below(4) {
                let at = random.below(inner.count + 1)
                switch random.below(3) {
                case 0 where at < inner.count:
                    let flipped = inner[at] ^ 1 << UInt8(random.below(8))
                    if allowed.contains(flipped) { inner[at] = flipped }
                case 1 where at < inner.count: inner.removeSubrange(at..<min(inner.count, at + 1 + random.below(4)))
                case 2: inner.insert(contentsOf: inner[at..<min(inner.count, at + random.below(20))], at: at)
                default: inner.insert(random.pick(allowed), at: at)
                }
            }
            return whole[..<first] + inner + whole.suffix(end)
        }

        /// Pasted where nothing marks it, in one read or more.
        private mutating func unmarked() -> [(bytes: [UInt8], pause: Int)] {
            let text = random.pick(["A new line\rqy", "Fresh Train\ry", "all the rest of A\r\rA"])
            let at = 10 + random.below(text.utf8.count - 10)
            return [
                (Array(text.utf8.prefix(at)), random.pick([0, 1, 60])), (Array(text.utf8.dropFirst(at)), 200),
            ]
        }

        /// Reads with the pauses behind them, in milliseconds.
        mutating func reads() -> [(bytes: [UInt8], pause: Int)] {
            if random.chance(40) { return unmarked() }
            // What is cut off goes on with an ESC, so that no byte stands outside of every sequence.
            let whole = sequence()
            let isSequence = whole[0] == 0x1B && whole.count > 2
            let sent = isSequence && random.chance(2) ? damage(whole) : whole
            let bytes = random.chance(10) ? Array(sent[...random.below(sent.count)]) : sent
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                var count = random.chance(4) ? 1 + random.below(rest.count) : random.chance(30) ? 1 : rest.count
                // An ESC, a bracket and more, each in a read of its own, are what a person types.
                if pieces.count == 1, pieces[0].count == 1 { count = min(rest.count, max(2, count)) }
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            var reads: [([UInt8], Int)] = []
            var isSure = false
            for (index, piece) in pieces.enumerated() {
                isSure = isSure || piece.count > 2
                guard index + 1 < pieces.count else {
                    reads.append((piece, random.pick([0, 0, 0, 1, 30])))
                    break
                }
                // A single byte after a long pause is one too, where little came before, and so is Esc.
                let isTyped = !isSure && pieces[index + 1].count == 1 || index > 0 && piece == [0x1B]
                reads.append(
                    (
                        piece,
                        random.pick(isTyped ? [0, 1, 5, 30, 60, 150] : [0, 1, 30, 60, 300, 600, 2300, 6000, 10_000])
                    ))
            }
            if bytes.count == sent.count, random.chance(3) {
                reads.append(
                    (text(1 + random.below(3), of: Self.unbound + [0x0D, 0x09, 0x7F, 0x01]), random.pick([1, 50])))
            }
            return reads
        }
    }

    /// Runs so many bytes through the decoder; every key goes to `take`.
    private func decode(_ count: Int, seed: UInt64, _ take: (Key) -> Void) {
        var terminal = Terminal(random: Random(seed))
        var decoder = KeyDecoder()
        var now = ContinuousClock.now
        var sent = 0
        while sent < count {
            for (bytes, pause) in terminal.reads() {
                decoder.feed(bytes, at: now)
                sent += bytes.count
                while let key = decoder.next(at: now) { take(key) }
                let end = now + .milliseconds(pause)
                while let next = decoder.deadline(escapeDelay: .milliseconds(25)), next <= end {
                    now = next
                    if let key = decoder.next(final: true, at: now) { take(key) }
                }
                now = end
            }
        }
    }

    @Test func tenMillionBytesAreNoCommand() {
        var kinds: Set<String> = []
        decode(10_000_000, seed: 1) { key in
            switch key {
            case .character, .control:
                if Terminal.isBound.contains(key) { Issue.record("\(key)") }
                kinds.insert("character")
            case .paste(let text):
                if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { Issue.record("\(text.debugDescription)") }
                kinds.insert("paste")
            case .mouse: kinds.insert("mouse")
            case .alt: kinds.insert("alt")
            default: kinds.insert(key.title)
            }
        }
        // It came through: not everything was swallowed.
        #expect(kinds.isSuperset(of: ["character", "paste", "mouse", "alt", "Esc", "↑", "F1", "Enter", "Tab", "Del"]))
    }

    /// The whole way, with a draft that waits to be cut, in every view and pane and with prompts open.
    @Test(arguments: ViewID.allCases)
    func nothingOfItIsDone(view: ViewID) {
        var bench = Bench(view: .threshold)
        bench.press(.right, .right)
        #expect(bench.state.draft != nil)
        bench.state.view = view
        let snapshot = bench.snapshot
        var keys = 0
        decode(700_000, seed: UInt64(view.number)) { key in
            keys += 1
            // Never for long in one place.
            if keys % 50 == 0 {
                bench.state.view = view
                bench.state.focus[view] = keys / 50 % 3
                bench.state.prompt = nil
                bench.state.help = nil
                if keys % 150 == 0 { bench.press(.character([":", "q", "?"][keys / 150 % 3])) }
            }
            for effect in bench.state.handle(key, snapshot, size: bench.size, options: bench.options) {
                switch effect {
                case .send, .quit: Issue.record("\(effect) by \(key)")
                default: break
                }
            }
        }
        #expect(keys > 10_000)
    }

    /// Bytes without any sense: what is a sequence and what a key is then open, but nothing breaks.
    @Test func anyBytesAreTaken() {
        var random = Random(7)
        var decoder = KeyDecoder()
        var keys = 0
        var now = ContinuousClock.now
        for _ in 0..<100_000 {
            decoder.feed((0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }, at: now)
            now += .milliseconds(random.pick([0, 1, 30, 600, 3000]))
            while decoder.next(final: random.chance(2), at: now) != nil { keys += 1 }
        }
        #expect(keys > 10_000)
        // However it ended, after a while a key is a key.
        while let next = decoder.deadline(escapeDelay: .milliseconds(25)) {
            now = max(now, next)
            _ = decoder.next(final: true, at: now)
        }
        decoder.feed("j".utf8, at: now)
        #expect(decoder.next(at: now) == .character("j"))
    }
}
