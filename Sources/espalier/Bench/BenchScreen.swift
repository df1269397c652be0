import ArgumentParser
import Foundation
import Graph
import Terminal

/// The screen from outside: the workbench in a terminal of its own, training at full load.
struct BenchScreen: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "screen", abstract: "Keys, bytes and times of the workbench in a terminal, training at full load.")
    static let hasNetwork = false

    @Option(help: "A named network for images of 28×28, as lenet-5 or resnet-8.") var network = "lenet-300-100"
    @Option(help: "Keys a size.") var keys = 100
    @Option(help: "Seconds that bytes are counted for, in each view.") var seconds = 5.0
    @Option(help: "Layers of the network that lists and views are timed with.") var layers = 500
    @Flag(help: "Only the network of so many layers, not training.") var onlyLayers = false
    @Flag(help: "Also pairs of runs with and without a screen, a minute more.") var slowdown = false
    @Flag(help: "Print JSON lines.") var json = false

    func validate() throws {
        guard keys >= 10 else { throw ValidationError("--keys is \(keys); accepted: a whole number, 10 or more") }
        guard seconds > 0, seconds <= 3600 else {
            throw ValidationError("--seconds is \(seconds); accepted: a number above 0, up to 3600")
        }
        guard (10...2000).contains(layers) else {
            throw ValidationError("--layers is \(layers); accepted: a whole number, 10 to 2000")
        }
    }

    func run() throws {
        do {
            // The workbench would say it on its screen, where nobody looks.
            _ = try NamedNetworks.make(network, input: Shape(channels: 1, height: 28, width: 28), classes: 10)
        } catch {
            throw Exit.report(error)
        }
        for (width, height) in Self.sizes {
            if !onlyLayers { printResult(try measure(width, height), json: json) }
            printResult(try manyLayers(width, height), json: json)
        }
        if onlyLayers { return }
        for (name, leave) in Self.exits { printResult(try restore(name, leave), json: json) }
        if slowdown { printResult(try slowed(), json: json) }
    }

    private static let sizes = [(80, 24), (120, 40), (200, 60)]

    // MARK: One size

    private func measure(_ width: Int, _ height: Int) throws -> [(String, Any)] {
        let desk = try BenchDesk("network: \(network)", width, height)
        let terminal = desk.terminal
        let begun = PseudoTerminal.now
        try terminal.wait(for: "the first picture") { $0.text.contains("1 Session") }
        var fields: [(String, Any)] = [
            ("case", "screen"), ("network", network), ("width", width), ("height", height),
            ("first_paint_ms", Self.milliseconds(since: begun, terminal.latest)),
        ]
        try terminal.wait(for: "▶ TRAINING step")
        desk.settle(seconds: 1)
        for (key, view) in [("1", "session"), ("2", "heat"), ("3", "threshold")] {
            terminal.send(key)
            try terminal.wait(for: "[\(key) ")
            desk.settle(seconds: 1)
            let (bytes, processor) = (terminal.bytes, desk.processorSeconds)
            let start = PseudoTerminal.now
            desk.settle(seconds: seconds)
            let time = Double(PseudoTerminal.now - start) / 1e9
            fields.append(("\(view)_bytes_per_second", Double(terminal.bytes - bytes) / time))
            fields.append(("\(view)_screen_cpu_ms_per_second", 1000 * (desk.processorSeconds - processor) / time))
        }
        fields += try keyTimes(desk)
        fields += try lineMoves(desk)
        fields += try frames(desk)

        // Resize and back: from the signal to the last byte of the new picture.
        var resizes: [Double] = []
        for _ in 0..<10 {
            for (columns, rows) in [(width + 20, height + 6), (width, height)] {
                let start = PseudoTerminal.now
                terminal.resize(width: columns, height: rows)
                // The header's right end and the footer stand only when all between them does.
                try terminal.wait(for: "the new size") { picture in
                    picture.rows[0].count >= columns - 2 && picture.rows[rows - 1].contains("?")
                }
                resizes.append(Self.milliseconds(since: start, terminal.latest))
                desk.settle(seconds: 0.1)
            }
        }
        fields.append(("resize_p50_ms", Self.share(0.5, resizes)))
        fields.append(("resize_max_ms", Self.share(1, resizes)))

        terminal.send("1")
        try terminal.wait(for: "[1 ")
        terminal.send("p")
        try terminal.wait(for: "‖ PAUSED")
        desk.settle(seconds: 2)
        let bytes = terminal.bytes
        desk.settle(seconds: seconds)
        fields.append(("paused_bytes_per_second", Double(terminal.bytes - bytes) / seconds))
        terminal.send("qy")
        try terminal.waitForEnd()
        return fields
    }

    /// Keys at random times, with training on every core: from the key to the first byte.
    private func keyTimes(_ desk: BenchDesk) throws -> [(String, Any)] {
        let terminal = desk.terminal
        terminal.send("1")
        try terminal.wait(for: "[1 ")
        var times: [Double] = []
        var random = SystemRandomNumberGenerator()
        // Each of these changes the picture every time: another row, another view, help and back.
        let changing = ["j", "k", "2", "3", "1", "?", "\r", "j", "k"]
        for number in 0..<keys {
            desk.settle(seconds: Double.random(in: 0.05...0.25, using: &random))
            while terminal.read(milliseconds: 0) {}
            let start = PseudoTerminal.now
            terminal.send(changing[number % changing.count])
            guard terminal.read(milliseconds: 2000) else { throw ValidationError("a key was not answered") }
            times.append(Self.milliseconds(since: start, terminal.latest))
        }
        terminal.send("1")
        try terminal.wait(for: "[1 ")
        return [
            ("key_p50_ms", Self.share(0.5, times)), ("key_p95_ms", Self.share(0.95, times)),
            ("key_p99_ms", Self.share(0.99, times)),
        ]
    }

    /// The line moves: exact zeros on the screen, then the accuracy at once, from the key.
    private func lineMoves(_ desk: BenchDesk) throws -> [(String, Any)] {
        let terminal = desk.terminal
        terminal.send("3")
        try terminal.wait(for: "[3 ")
        var (zeros, accuracy): ([Double], [Double]) = ([], [])
        let stops = ["10.0", "20.0", "30.0", "40.0", "50.0", "60.0", "70.0", "80.0"]
        for key in [String](repeating: "l", count: 8) + [String](repeating: "h", count: 7) {
            let index = zeros.count < 8 ? zeros.count : 14 - zeros.count
            let expected = "→ \(stops[index]) %"
            // A person's hand: the rest on all images has begun and is cancelled by the next move.
            desk.settle(seconds: 0.12)
            let start = PseudoTerminal.now
            terminal.send(key)
            try terminal.wait(for: expected) { picture in
                picture.rows.contains { $0.contains("zeros") && $0.contains(expected) }
            }
            zeros.append(Self.milliseconds(since: start, terminal.latest))
            try terminal.wait(for: "the accuracy at once") { picture in
                picture.rows.contains { row in
                    row.range(of: "at once ").map { row[$0.upperBound...].prefix(1).allSatisfy(\.isNumber) } ?? false
                }
            }
            accuracy.append(Self.milliseconds(since: start, terminal.latest))
        }
        terminal.send("r")
        return [
            ("zeros_p50_ms", Self.share(0.5, zeros)), ("zeros_max_ms", Self.share(1, zeros)),
            ("at_once_p50_ms", Self.share(0.5, accuracy)), ("at_once_max_ms", Self.share(1, accuracy)),
        ]
    }

    /// Processor time of the screen's thread for a frame: whole redraws, a hundred of each view.
    private func frames(_ desk: BenchDesk) throws -> [(String, Any)] {
        let terminal = desk.terminal
        var fields: [(String, Any)] = []
        terminal.send("1")
        try terminal.wait(for: "[1 ")
        // Two pictures in which nearly every cell differs, so that a frame is all there is to draw.
        for (pair, name) in [(["?", "\r"], "session"), (["2", "1"], "heat")] {
            desk.settle(seconds: 0.5)
            let start = desk.processorSeconds
            for number in 0..<100 {
                terminal.send(pair[number % 2])
                _ = terminal.read(milliseconds: 1000)
                desk.settle(seconds: 0.02)
            }
            fields.append(("\(name)_frame_cpu_ms", 10 * (desk.processorSeconds - start)))
        }
        return fields
    }

    // MARK: Exits

    private static let exits: [(String, @Sendable (BenchDesk) -> Void)] = [
        ("q", { $0.terminal.send("qy") }), ("INT", { kill($0.terminal.process, SIGINT) }),
        ("TERM", { kill($0.terminal.process, SIGTERM) }), ("HUP", { kill($0.terminal.process, SIGHUP) }),
        ("ABRT", { kill($0.terminal.process, SIGABRT) }), ("TRAP", { kill($0.terminal.process, SIGTRAP) }),
    ]

    /// From what ends it to the terminal as it was.
    private func restore(_ name: String, _ leave: (BenchDesk) -> Void) throws -> [(String, Any)] {
        let desk = try BenchDesk("network: \(network)", 120, 40)
        try desk.terminal.wait(for: "▶ TRAINING step")
        desk.settle(seconds: 0.5)
        let start = PseudoTerminal.now
        leave(desk)
        try desk.terminal.wait(for: "the main screen") { !$0.isAlternate && $0.isCursorShown }
        let restored = Self.milliseconds(since: start, desk.terminal.latest)
        try desk.terminal.waitForEnd()
        return [
            ("case", "restore"), ("exit", name), ("restored_ms", restored),
            ("ended_ms", Self.milliseconds(since: start, PseudoTerminal.now)),
        ]
    }

    // MARK: Slowdown

    /// Steps in the same time with a screen in view and with none, in pairs, in both orders.
    private func slowed() throws -> [(String, Any)] {
        var ratios: [Double] = []
        for pair in 0..<4 {
            var speeds: [Bool: Double] = [:]
            for withScreen in pair % 2 == 0 ? [true, false] : [false, true] {
                let desk = try BenchDesk("network: \(network)", 120, 40)
                try desk.terminal.wait(for: "▶ TRAINING step")
                desk.settle(seconds: 2)
                // Frozen, the screen draws nothing; the session goes on as before.
                if !withScreen {
                    desk.terminal.send("z")
                    try desk.terminal.wait(for: "FROZEN")
                }
                func step() throws -> Int {
                    let lines = try String(contentsOfFile: desk.folder + "/run/metrics.jsonl", encoding: .utf8)
                    let last = lines.split(separator: "\n").last { $0.hasSuffix("}") } ?? ""
                    return last.firstMatch(of: /"step":(\d+)/).flatMap { Int($0.1) } ?? 0
                }
                /// The moment at which a new line of metrics came, and its step.
                func tick() throws -> (UInt64, Int) {
                    let before = try step()
                    while try step() == before { desk.settle(seconds: 0.002) }
                    return (PseudoTerminal.now, try step())
                }
                let (start, first) = try tick()
                desk.settle(seconds: 6)
                let (end, last) = try tick()
                speeds[withScreen] = Double(last - first) / Double(end - start)
                desk.terminal.send("qy")
                try desk.terminal.waitForEnd()
            }
            ratios.append(100 * (1 - speeds[true]! / speeds[false]!))
        }
        return [
            ("case", "slowdown"), ("percent", Self.share(0.5, ratios)), ("percent_min", Self.share(0, ratios)),
            ("percent_max", Self.share(1, ratios)),
        ]
    }

    static func milliseconds(since start: UInt64, _ end: UInt64) -> Double {
        end > start ? Double(end - start) / 1e6 : 0
    }

    static func share(_ share: Double, _ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, Int((share * Double(sorted.count - 1)).rounded(.up)))]
    }
}
