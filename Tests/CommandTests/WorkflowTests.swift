import Foundation
import Terminal
import Testing

/// From the first step to the sealed run, by keys alone.
@Suite struct WorkflowTests {
    @Test func `Train, look, cut, try, take back, retrain, keep, finish`() throws {
        let desk = try Desk(["digits", "--set", "method=none", "--set", "epochs=90000", "--set", "floor=90"])
        let terminal = desk.terminal
        try desk.waitForTraining()
        try terminal.wait(for: "val ")

        terminal.send("2")
        try terminal.wait(for: "[2 Heat]")
        try terminal.wait(for: "fc1")
        terminal.send("]")
        try terminal.wait(for: "fc2")
        terminal.send("[")
        terminal.send("3")
        try terminal.wait(for: "[3 Threshold]")

        // The line, exact counts, the accuracy at once.
        terminal.send("\u{1B}[C\u{1B}OC")
        try terminal.wait(for: "▸draft  global 20.0 %")
        try terminal.wait(for: "11,900 → 9,520")
        try terminal.wait(for: "accuracy at once") { Self.figure("at once", $0) }
        terminal.send("e")
        try terminal.wait(for: "zeros:")
        terminal.send("banana")
        try terminal.wait(for: "zeros: banana")
        terminal.send("\r")
        try terminal.wait(for: "is no target")
        for _ in 0..<6 { terminal.send("\u{7F}") }
        terminal.send("80%")
        try terminal.wait(for: "zeros: 80%")
        terminal.send("\r")
        try terminal.wait(for: "11,900 → 2,380")
        try terminal.wait(for: "accuracy at once") { Self.figure("at once", $0) }

        // After so many steps, beside it.
        terminal.send("t")
        try terminal.wait(for: "accuracy after 100 steps") { Self.figure("+100 st", $0) }
        #expect(terminal.picture.text.contains("11,900 → 2,380"), "the network is untouched")

        terminal.send("a")
        try terminal.wait(for: "kept    2,380")
        try terminal.wait(for: "#1 cut 80.0 %")
        try desk.waitForTraining()

        terminal.send("u")
        try terminal.wait(for: "Ctrl-R brings them again")
        terminal.send("y")
        try terminal.wait(for: "kept   11,900")
        terminal.send("\u{12}")
        try terminal.wait(for: "kept    2,380")

        terminal.send("e")
        try terminal.wait(for: "zeros:")
        terminal.send("90%")
        try terminal.wait(for: "zeros: 90%")
        terminal.send("\r")
        try terminal.wait(for: "2,380 → 1,190")
        terminal.send("A")
        try terminal.wait(for: "‖ PAUSED")
        try terminal.wait(for: "retrained 38 steps: before")
        try terminal.wait(for: "kept    1,190")

        terminal.send("K")
        try terminal.wait(for: " kept as run/kept-")
        terminal.send("F")
        try terminal.wait(for: "The test set is looked at once")
        terminal.send("y")
        try terminal.wait(for: "✔ FINISHED")
        #expect(desk.folder.exists("run/final.safetensors"))
        #expect(desk.folder.exists("run/final.bitmask.safetensors"))
        #expect(try desk.leave() == 0)
        #expect(desk.picture.text.contains("90.0 % zeros"))
        #expect(desk.picture.text.contains("of 360"))
    }

    /// A row of the draft with a measured figure, such as ` at once 87.70 −3.1±0.7`.
    private static func figure(_ label: String, _ picture: TerminalPicture) -> Bool {
        picture.rows.contains { row in
            guard let at = row.range(of: label) else { return false }
            return row[at.upperBound...].contains("±") && !row[at.upperBound...].contains("…")
        }
    }

    @Test func `Paused, nothing is painted`() throws {
        let desk = try Desk()
        try desk.waitForTraining()
        for view in ["1", "2", "3"] {
            desk.terminal.send(view)
            try desk.terminal.wait(for: "[\(view) ")
            if view == "1" {
                desk.terminal.send("p")
                try desk.terminal.wait(for: "‖ PAUSED")
            }
            // Answers that were asked for on the way may still come; then a second without a byte has to follow.
            let start = PseudoTerminal.now
            var isQuiet = false
            while !isQuiet, PseudoTerminal.isWithin(30, since: start) {
                isQuiet = !desk.terminal.read(milliseconds: 1000)
            }
            #expect(isQuiet, "view \(view) is painted while nothing happens")
        }
        #expect(try desk.leave() == 0)
    }

    @Test func `Out of steps it waits; T trains on`() throws {
        let desk = try Desk(["digits"])
        try desk.terminal.wait(for: "■ OUT OF STEPS step 1,520")
        desk.terminal.send("T")
        try desk.terminal.wait(for: "■ OUT OF STEPS step 1,558")
        #expect(!desk.folder.exists("run/final.safetensors"))
        #expect(try desk.leave() == 0)
        let again = try Desk(["run"], in: desk.folder, run: nil)
        try again.terminal.wait(for: "■ OUT OF STEPS step 1,558")
        #expect(try again.leave() == 0)
    }

    @Test func `Help shows the keys`() throws {
        let desk = try Desk()
        try desk.waitForTraining()
        desk.terminal.send("?")
        try desk.terminal.wait(for: "any other key closes")
        #expect(desk.picture.text.contains("Every view") || desk.picture.text.contains(" of "))
        try desk.escape(until: "the help gone") { !$0.text.contains("any other key closes") }
        #expect(try desk.leave() == 0)
    }
}
