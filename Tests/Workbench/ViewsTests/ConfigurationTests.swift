import Terminal
import Testing
import Training
import Views

@Suite struct ConfigurationTests {
    private func read(_ text: String) throws -> Configuration { try Configuration(text, path: "config") }

    private func problem(_ text: String) -> String {
        do {
            _ = try read(text)
            return ""
        } catch { return "\(error)" }
    }

    private func keys(_ configuration: Configuration, _ name: String, _ view: ViewID) -> [Key] {
        configuration.commands.of(view).first { $0.name == name }?.keys ?? []
    }

    @Test func settings() throws {
        let read = try read(
            "# mine\n palette = grey \r\ntheme=light\nascii = yes\ntruecolor = no\nmouse = no\n\nattempt-steps = 250\n")
        #expect(read.palette == .grey && read.theme == .light && read.ascii && !read.truecolor && !read.mouse)
        #expect(WorkbenchOptions(read).attemptSteps == 250)
        let screen = ScreenOptions(read)
        #expect(screen.ascii && screen.map == .grey && screen.theme == .light && !screen.mouse && screen.depth == nil)
        #expect(WorkbenchOptions(try self.read("")).attemptSteps == 100)
    }

    @Test(arguments: [
        ("palette = red", "config:1: palette = red; accepted: cividis, viridis, grey"),
        ("\n\nascii = maybe", "config:3: ascii = maybe; accepted: yes, no"),
        ("attempt-steps = 0", "config:1: attempt-steps = 0; accepted: a whole number from 1 to 100000"),
        ("mouse", "config:1: “mouse”; accepted: name = value"),
        ("mouse = no\nmouse = no", "config:2: mouse, set in line 1 already; accepted: one line for each name"),
        ("key.threshold.try =", "config:1: key.threshold.try without a key; accepted: keys, or none"),
        ("key.quit = none", "config:1: quit without a key; accepted: at least one key"),
    ])
    func aBadLineIsToldWithItsPlace(text: String, expected: String) { #expect(problem(text) == expected) }

    @Test func whatIsNotKnownIsToldWithWhatIs() {
        #expect(problem("colour = 1").hasPrefix("config:1: colour; accepted: palette, theme, ascii,"))
        #expect(problem("key.threshold.cut = x").hasPrefix("config:1: no command “cut” in Threshold; accepted: line-"))
        #expect(
            problem("key.nothing = x").hasPrefix(
                "config:1: no command “nothing” in every view; accepted: unfilter find"))
        #expect(problem("key.pareto.pick = x").hasPrefix("config:1: key.pareto.pick; accepted: key.COMMAND"))
        // Behind an ESC some characters begin or end what is no key.
        for key in ["ctrl-c", "ctrl-m", "hyper-x", "tt", "alt-[", "alt-O", "alt-\\", "alt-(", "alt-"] {
            #expect(problem("key.pause = \(key)").hasPrefix("config:1: \(key) for key.pause; accepted: one character"))
        }
    }

    @Test func theFilesPlace() {
        #expect(Configuration.path(["XDG_CONFIG_HOME": "/x", "HOME": "/h"]) == "/x/espalier/config")
        #expect(Configuration.path(["XDG_CONFIG_HOME": "x", "HOME": "/h"]) == "/h/.config/espalier/config")
        #expect(Configuration.path(["HOME": "/h"]) == "/h/.config/espalier/config")
        #expect(Configuration.path([:]) == nil)
    }

    // MARK: Keys

    @Test func aKeyThatIsTakenIsRefusedWithItsLine() {
        // Of the same view, of every view, and of one view for a command of every view.
        #expect(problem("\nkey.threshold.try = a").hasPrefix("config:2: a for try, which is the key of apply in Thr"))
        #expect(problem("key.threshold.try = z").hasPrefix("config:1: z for try, which is the key of freeze in every"))
        #expect(problem("key.freeze = f").hasPrefix("config:1: f for freeze, which is the key of fold in Heat"))
        // Pausing and training on are never possible at once.
        #expect(problem("key.pause = T") == "")
        #expect(problem("key.pause = Y\nkey.train = Y") == "")
    }

    @Test func commandsMayExchangeKeys() throws {
        let read = try read("key.threshold.try = a\nkey.threshold.apply = t ctrl-t")
        #expect(keys(read, "try", .threshold) == [.character("a")])
        #expect(keys(read, "apply", .threshold) == [.character("t"), .control("t")])
    }

    @Test func whatAViewShadowsComesBackWithAnotherKey() throws {
        #expect(keys(Configuration(), "keep", .heat) == [])
        #expect(keys(try read("key.keep = K"), "keep", .heat) == [])
        #expect(keys(try read("key.keep = W"), "keep", .heat) == [.character("W")])
        #expect(keys(try read("key.heat.pan-up = U"), "keep", .heat) == [.character("K")])
    }

    @Test func helpFooterSentencesAndDispatchFollow() throws {
        let read = try read(
            "key.threshold.try = Y\nkey.resume = f2\nkey.session.chart = none\nkey.session.row-up = i\nkey.keep = W")
        var bench = Bench()
        bench.options = WorkbenchOptions(read)
        #expect(bench.rows[22] == " Next: F2 trains on; 3 or Enter cuts fc1; W keeps this network; F finishes.")
        #expect(bench.rows[23].hasPrefix(" ji layer Enter threshold +- zoom F2 train on"))
        bench.press(.character("m"))
        #expect(bench.state.session.curve == .figure)
        bench.press(.character("p"))
        #expect(bench.effects.isEmpty)
        bench.press(.function(2))
        #expect(bench.effects == [.send(.trainOn(steps: nil))])
        bench.press(.character("3"), .right, .character("?"))
        let help = Help.rows(for: .threshold, read.commands)
        #expect(help.contains { $0.keys == "Y" && $0.title.hasPrefix("train a copy") })
        bench.press(.escape, .character("t"))
        #expect(bench.effects.isEmpty)
        #expect(bench.grid.text.contains("Y tries it"))
        bench.press(.character("Y"))
        #expect(!bench.effects.isEmpty)
    }

    /// Every command on a key of its own, far from the standard ones: no situation may see two on one key.
    @Test func reboundKeysAreNeverShared() throws {
        let free = "!\"$%&'()*,.0123456789;@ABCDEFGHIJKLMNOPQRSTUVWXYZ\\^_`{|}~".map { String($0) }
        for view in ViewID.allCases {
            let own = CommandTable.standard.of(view).filter { $0.view == view }
            var lines: [String] = []
            let taken = Set(CommandTable.standard.of(view).flatMap(\.keys).map(\.title))
            for (verb, key) in zip(own, free.filter { !taken.contains($0) }) {
                lines.append("key.\(view.rawValue).\(verb.name) = \(key)")
            }
            let read = try read(lines.joined(separator: "\n"))
            for scene in KeyTests.scenes(view) {
                var owners: [Key: String] = [:]
                var rebound = scene
                rebound.options = WorkbenchOptions(read)
                for verb in read.commands.applying(in: rebound) {
                    for key in verb.keys {
                        #expect(owners[key] == nil, "\(key.title) is \(owners[key] ?? "") and \(verb.name)")
                        owners[key] = verb.name
                    }
                }
            }
        }
    }
}
