import Terminal
import Testing
import Training
import Views

@Suite struct KeyTests {
    static let phases: [Snapshot.Phase] = [
        .preparing, .training, .paused, .retraining(done: 120, of: 430), .outOfSteps, .notANumber(layer: "fc2"),
        .finished, .failed("the disk is full"),
    ]

    static let keys: [Key] =
        (33..<127).map { Key.character(Character(Unicode.Scalar($0)!)) } + "abcdefghijklmnopqrstuvwxyz".map(Key.control)
        + [
            .character(" "), .enter, .escape, .tab, .backTab, .backspace, .delete, .up, .down, .left, .right, .shiftUp,
            .shiftDown, .shiftLeft, .shiftRight, .pageUp, .pageDown, .home, .end, .function(1),
        ]

    /// With names that form groups.
    private static let network = FakePort(
        FakePort.mnist + [FakePort.convolution("block.conv1", 4, 4, 3), FakePort.convolution("block.conv2", 4, 4, 3)]
    ).latestSnapshot()!

    /// Every situation that decides which verbs apply: view, phase, draft or none, small or large screen.
    static func scenes(_ view: ViewID) -> [Scene] {
        phases.flatMap { phase in
            [false, true].flatMap { hasDraft in
                [Size(80, 24), Size(120, 40)].map { size in
                    var state = WorkbenchState()
                    var snapshot = network
                    snapshot.phase = phase
                    snapshot.redoDepth = 1
                    state.view = view
                    state.observe(snapshot)
                    if hasDraft, case .paused = phase { _ = state.handle(.right, snapshot, size: size) }
                    state.view = view
                    return Scene(state, snapshot, size, hasColour: true)
                }
            }
        }
    }

    @Test(arguments: ViewID.allCases)
    func noTwoVerbsAtOnceShareAKey(view: ViewID) {
        for scene in Self.scenes(view) {
            var owners: [Key: String] = [:]
            for verb in scene.options.commands.applying(in: scene) {
                for key in verb.keys {
                    #expect(owners[key] == nil, "\(key.title) is \(owners[key] ?? "") and \(verb.name) in \(view)")
                    owners[key] = verb.name
                }
            }
        }
    }

    @Test(arguments: ViewID.allCases)
    func aKeyThatDoesSomethingIsInTheHelp(view: ViewID) {
        let help = Set(Help.rows(for: view).flatMap { $0.keys.split(separator: " ").map(String.init) })
        for scene in Self.scenes(view) {
            let before = Workbench.draw(scene.state, scene.snapshot, size: scene.size, hasColour: true)
            for key in Self.keys {
                var state = scene.state
                let effects = state.handle(key, scene.snapshot, size: scene.size, hasColour: true)
                let after = Workbench.draw(state, scene.snapshot, size: scene.size, hasColour: true)
                if !effects.isEmpty || before != after {
                    #expect(help.contains(key.title), "\(key.title) in \(view) is not in the help")
                }
            }
        }
    }

    @Test func namesAreUniqueWithinAView() {
        for view in ViewID.allCases {
            let names = CommandTable.standard.of(view).map(\.name)
            #expect(Set(names).count == names.count)
        }
    }

    @Test func onlyPanningAndFineStepsTakeAKeyFromEveryView() {
        for view in ViewID.allCases {
            let lost = CommandTable.standard.of(view).filter {
                $0.view == nil && $0.keys.isEmpty
                    && ![
                        "checkpoint", "floor", "recover", "shrink", "method", "criterion", "granularity",
                        "distribution", "size",
                    ].contains($0.name)
            }
            #expect(
                Set(lost.map(\.name))
                    == (view == .heat
                        ? ["keep", "find", "fold-group"] : view == .schedule ? ["keep"] : view == .size ? ["quit"] : [])
            )
        }
    }

    @Test func whatDestroysAsksAndCancelIsTheDefault() {
        for (key, command) in [("F", Effect.send(.finish)), ("u", .send(.undo)), ("q", .quit)] {
            for answer in [Key.enter, .escape, .character("n"), .character("Y")] {
                var bench = Bench()
                bench.press(.character(Character(key)), answer)
                #expect(bench.effects.isEmpty, "\(key) \(answer)")
                #expect(bench.state.prompt == nil)
            }
            var bench = Bench()
            bench.press(.character(Character(key)), .character("y"))
            #expect(bench.effects == [command])
        }
    }

    @Test func undoSaysWhatIsLost() {
        var bench = Bench()
        bench.press(.character("u"))
        #expect(bench.rows[22].hasPrefix(" Undo #1 cut 80 %? 430 steps go back"))
    }

    @Test func commandsAreTyped() {
        var bench = Bench()
        bench.press(.character(":"))
        bench.type("floor 88.5")
        bench.press(.enter)
        #expect(bench.effects == [.send(.setFloor(88.5))])
        bench.press(.character(":"))
        bench.type("thr")
        bench.press(.tab)
        #expect(bench.rows[23].hasPrefix(" :threshold"))
        bench.press(.escape, .character(":"))
        bench.type("nonsense")
        bench.press(.enter)
        #expect(bench.rows[22].hasPrefix(" no command “nonsense” here"))
        #expect(!bench.rows[22].contains("did you mean"))
        // The line stays open for another try.
        bench.press(.escape, .character(":"))
        bench.type("thershold")
        bench.press(.enter)
        #expect(bench.rows[22].contains("did you mean 'threshold'?"))
    }

    @Test func pausedTrainsOnWithTheSameKey() {
        var bench = Bench()
        bench.press(.character("p"))
        #expect(bench.effects == [.send(.trainOn(steps: nil))])
        #expect(bench.rows[0].contains("▶ TRAINING"))
        bench.press(.character("p"))
        #expect(bench.effects == [.send(.pause)])
    }

    @Test func freezeHoldsThePictureAndSaysSo() {
        var bench = Bench()
        bench.press(.character("z"))
        bench.port.edit { $0.step = 9999 }
        #expect(bench.rows[0].contains("FROZEN (z)"))
        #expect(bench.rows[19].contains("step 5,590/"))
        bench.press(.character("z"))
        #expect(bench.rows[19].contains("step 9,999/"))
    }

    /// In every view and phase, with prompts, help or a draft: neither Alt nor a paste is a key.
    @Test(arguments: ViewID.allCases)
    func altAndPastesDoNothing(view: ViewID) {
        let letters = (33..<127).map { Character(Unicode.Scalar($0)!) } + ["é"]
        for scene in Self.scenes(view) {
            for opening in [nil, ":", "q", "?"] as [Character?] {
                var state = scene.state
                if let opening { _ = state.handle(.character(opening), scene.snapshot, size: scene.size) }
                let before = Workbench.draw(state, scene.snapshot, size: scene.size)
                for key in letters.map(Key.alt)
                    + (opening == ":" ? [] : [.paste("y"), .paste("A new line"), .paste("qy")])
                {
                    #expect(state.handle(key, scene.snapshot, size: scene.size).isEmpty, "\(key.title)")
                }
                let after = Workbench.draw(state, scene.snapshot, size: scene.size)
                #expect(before == after, "\(view) with \(opening ?? " ") open")
            }
        }
    }

    @Test func altIsBoundByTheConfiguration() throws {
        var bench = Bench()
        bench.options.commands = try Configuration("key.pause = p alt-p", path: "config").commands
        bench.port.edit { $0.phase = .training }
        bench.press(.alt("p"))
        #expect(bench.effects == [.send(.pause)])
        bench.press(.alt("P"), .alt("q"))
        #expect(bench.effects.isEmpty)
        #expect(bench.state.prompt == nil)
    }

    @Test func aPasteGoesIntoALine() {
        var bench = Bench(view: .threshold)
        bench.press(.character("e"), .paste("9"), .character("0"), .paste("% "), .enter)
        #expect(bench.state.draft != nil)
        bench.press(.character("/"), .paste("fc2"))
        #expect(bench.state.filter == "fc2")
        bench.press(.paste(String(repeating: "x", count: 1_000_000)))
        #expect(bench.state.filter.count == 1000)
    }
}
