import ArgumentParser
import Foundation
import Terminal

/// The screen with layers by the hundred: blocks of eight, made here.
extension BenchScreen {
    /// The lines of the recipe. The sums of so many layers would vanish or grow: what is timed is the screen, not training.
    private var manyLayersNetwork: String {
        let parts = [
            "attention.query", "attention.key", "attention.value", "attention.output", "norm1", "ffn.up", "ffn.down",
            "norm2",
        ]
        var lines = ["network:", "  - {operator: flatten}"]
        for number in 0..<layers - 1 {
            let name = "encoder.layer.\(number / parts.count).\(parts[number % parts.count])"
            lines += ["  - {name: \(name), operator: linear, outputs: 32}", "  - {operator: relu}"]
        }
        lines += ["  - {name: head, operator: linear, outputs: 10}", "data: digits", "validation: 237"]
        return lines.joined(separator: "\n")
    }

    private static let views = [
        ("1", "session"), ("2", "heat"), ("3", "threshold"), ("4", "schedule"), ("5", "compare"), (":size\r", "size"),
    ]

    /// In every view, paused: processor time of the screen's thread for a whole picture, and from a key to its first byte.
    func manyLayers(_ width: Int, _ height: Int) throws -> [(String, Any)] {
        let desk = try BenchDesk(manyLayersNetwork, width, height)
        let terminal = desk.terminal
        try terminal.wait(for: "▶ TRAINING step")
        terminal.send("p")
        try terminal.wait(for: "‖ PAUSED")
        var fields: [(String, Any)] = [
            ("case", "layers"), ("layers", layers), ("width", width), ("height", height),
        ]
        for (keys, view) in Self.views {
            terminal.send(keys)
            try terminal.wait(for: keys.count > 1 ? "[Size]" : "[\(keys) ")
            desk.settle(seconds: 1.5)
            // Help and back: nearly every cell differs, so that a frame is all there is to draw.
            let start = desk.processorSeconds
            let times = try (0..<40).map { try time(["?", "\r"][$0 % 2], desk) }
            fields.append(("\(view)_frame_cpu_ms", 1000 * (desk.processorSeconds - start) / 40))
            fields.append(("\(view)_key_p95_ms", Self.share(0.95, times)))
        }
        terminal.send("1")
        try terminal.wait(for: "[1 ")
        desk.settle(seconds: 0.5)
        // The list: by rows and pages, folded and open, and with a filter as it is typed.
        for (name, keys) in [
            ("row", ["j", "j", "j", "k", "k", "j"]), ("page", ["\u{1B}[6~", "\u{1B}[6~", "\u{1B}[5~", "\u{1B}[5~"]),
            ("fold", ["{", "{", "}", "}"]), ("filter", ["/", "q", "u", "e", "r", "y", "\r", "\u{1B}"]),
        ] {
            let times = try keys.map { try time($0, desk) }
            fields.append(("list_\(name)_max_ms", Self.share(1, times)))
        }
        // Right behind Esc it would be Alt and q.
        desk.settle(seconds: 0.5)
        terminal.send("qy")
        try terminal.waitForEnd()
        return fields
    }

    /// From a key to the first byte of the picture.
    private func time(_ key: String, _ desk: BenchDesk) throws -> Double {
        desk.settle(seconds: 0.03)
        while desk.terminal.read(milliseconds: 0) {}
        let start = PseudoTerminal.now
        desk.terminal.send(key)
        guard desk.terminal.read(milliseconds: 2000) else { throw ValidationError("a key was not answered") }
        return Self.milliseconds(since: start, desk.terminal.latest)
    }
}
