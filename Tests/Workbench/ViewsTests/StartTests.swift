import Terminal
import Testing
import Training
import Views

/// The start page: keys in, grid and effects out.
@Suite struct StartTests {
    static let size = Size(80, 24)
    static let now = 1_000_000.0

    static let findings = Findings(
        [
            Finding(
                path: "runs/lenet-5-gradual-2",
                content: .run(
                    RunGlance(
                        network: "lenet-5", data: "fashion-mnist", step: 10_320, sparsity: 0.9, figure: "val 89.62 %",
                        isFinished: false)), changed: now - 7200),
            Finding(
                path: "runs/digits-1",
                content: .run(
                    RunGlance(
                        network: "mlp-64-100-50-10", data: "digits", step: 1480, sparsity: 0.9, figure: "test 95.28 %",
                        isFinished: true)), changed: now - 86_400 * 3),
            Finding(
                path: "models/resnet18.onnx",
                content: .model(ModelGlance(format: "ONNX", bytes: 44_700_000, origin: "by pytorch 2.13.0")),
                changed: now - 60),
            Finding(path: "data/own", content: .data(DataGlance(form: "IDX images", extent: "600 of 28×28"))),
            Finding(
                path: "digits",
                content: .data(DataGlance(form: "handwritten digits", extent: "", shape: [8, 8], isNamed: true))),
            Finding(
                path: "/samples/recipes/digits.yaml",
                content: .recipe(
                    RecipeGlance(
                        network: "mlp-64-100-50-10", data: "digits", summary: "Seconds, and nothing to install.",
                        isSample: true))),
        ], isWhole: true)

    private func page(_ findings: Findings = findings, model: String? = nil) -> StartState {
        var state = StartState(model: model)
        state.folder = "/home/me/work"
        state.now = Self.now
        state.take(findings, isLast: true)
        return state
    }

    private func rows(_ state: StartState, _ size: Size = size) -> [String] {
        state.draw(size).text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @discardableResult
    private func press(_ state: inout StartState, _ keys: Key...) -> StartEffect? {
        var effect: StartEffect?
        for key in keys { effect = state.handle(key, size: Self.size) }
        return effect
    }

    private func type(_ state: inout StartState, _ text: String) {
        for character in text { _ = state.handle(.character(character), size: Self.size) }
    }

    @Test func whatWasFoundIsListedWithWhatItIs() {
        let rows = rows(page())
        #expect(rows[0].hasPrefix(" [Start] /home/me/work"))
        #expect(rows[1].hasPrefix("┌ what to open "))
        #expect(rows[2].hasPrefix("│runs "))
        #expect(rows[3].hasPrefix("│▸ runs/lenet-5-gradual-2"))
        #expect(rows[3].contains("  step 10,320  90.0 % zeros  val 89.62 %"))
        #expect(rows[3].hasSuffix("2 h ago│"))
        #expect(rows[4].contains("test 95.28 %") || rows[4].contains("step 1,480"))
        #expect(rows.contains { $0.contains("models/resnet18.onnx") && $0.contains("ONNX  44.7 MB") })
        #expect(rows.contains { $0.contains("LeNet-300-100, dense") })
        #expect(rows[22] == " Enter goes on with this run.")
        #expect(rows[23].hasPrefix(" ↑↓ choose  Enter open  Esc back  / or letters filter"))
        #expect(rows[23].hasSuffix("q  ?"))
    }

    @Test(arguments: [(80, 24), (120, 40), (200, 60), (400, 100), (20, 5), (1, 1)])
    func everySizeIsDrawnWhole(width: Int, height: Int) {
        for var state in [page(), page(Findings()), page(model: "a.onnx")] {
            let size = Size(width, height)
            for key in [Key.down, .pageDown, .character("?"), .escape, .pageUp, .character("x"), .escape] {
                _ = state.handle(key, size: size)
                let grid = state.draw(size)
                #expect(grid.width == width && grid.height == height)
            }
        }
        if width >= 120, height >= 36 { #expect(rows(page(), Size(width, height))[1].contains("what it is")) }
    }

    @Test func aRunIsOpened() {
        var state = page()
        #expect(press(&state, .down, .enter) == .choose(.open("runs/digits-1")))
    }

    @Test func typingFiltersAndEscShowsAllAgain() {
        var state = page()
        type(&state, "res onnx")
        #expect(rows(state)[3].contains("▸ models/resnet18.onnx"))
        #expect(rows(state)[23].hasPrefix(" /res onnx"))
        #expect(press(&state, .escape) == nil)
        #expect(rows(state)[3].contains("▸ runs/lenet-5-gradual-2"))
        // What is a key is a letter once typing began.
        #expect(press(&state, .character("/"), .character("q")) == nil)
        #expect(rows(state)[23].hasPrefix(" /q"))
        #expect(press(&state, .escape, .escape) == .leave)
    }

    @Test func nothingIsLeftByWhatHasNoLetters() {
        var state = page()
        type(&state, "zzz")
        #expect(rows(state)[3].contains("▸ zzz"), "what was typed may be a path")
        #expect(press(&state, .enter) == .choose(.open("zzz")))
    }

    @Test func qAndEscLeave() {
        for key in [Key.character("q"), .escape] {
            var state = page()
            #expect(press(&state, key) == .leave)
        }
    }

    @Test func aModelAsksForData() {
        var state = page()
        type(&state, "resnet18")
        #expect(press(&state, .enter) == nil)
        #expect(rows(state)[1].hasPrefix("┌ data for models/resnet18.onnx "))
        #expect(rows(state)[3].contains("▸ data/own") && rows(state)[4].contains("digits"))
        var typed = state
        #expect(press(&state, .down, .enter) == .choose(.model("models/resnet18.onnx", data: "digits")))
        type(&typed, "~/elsewhere/d.npz")
        #expect(press(&typed, .enter) == .choose(.model("models/resnet18.onnx", data: "~/elsewhere/d.npz")))
        #expect(press(&typed, .escape, .escape) == nil)
        #expect(rows(typed)[1].hasPrefix("┌ what to open "))
    }

    @Test func aModelOfTheCommandLineAsksAtOnce() {
        let state = page(model: "m.onnx")
        #expect(rows(state)[1].hasPrefix("┌ data for m.onnx "))
    }

    @Test func dataAsksForANetworkThatFits() {
        var state = page()
        type(&state, "data/own")
        press(&state, .enter)
        #expect(rows(state)[1].hasPrefix("┌ a network for data/own "))
        #expect(rows(state).contains { $0.contains("lenet-5") })
        press(&state, .escape)
        type(&state, "handwritten")
        press(&state, .enter)
        // 8×8 is too small for its windows.
        #expect(!rows(state).contains { $0.contains("lenet-5") })
        #expect(rows(state)[3].contains("▸ lenet-300-100"))
        #expect(press(&state, .enter) == .choose(.network("lenet-300-100", data: "digits")))
    }

    @Test func whereNothingWasDoneYetThereIsSomethingToTry() {
        var state = page(
            Findings(
                Self.findings.all.filter { if case .run = $0.content { false } else { true } }.suffix(2), isWhole: true)
        )
        #expect(rows(state)[2].hasPrefix("│try it "))
        #expect(press(&state, .enter) == .choose(.standard))
    }

    @Test func aProblemIsShownUntilAKeyAndNothingIsLost() {
        var state = page()
        press(&state, .down)
        state.problem = "x.npz: byte 0: found 'PK', expected an array\u{1B}[2J"
        #expect(rows(state)[22] == " ✗ x.npz: byte 0: found 'PK', expected an array␛[2J")
        press(&state, .up)
        #expect(rows(state)[22].hasPrefix(" Enter goes on"))
    }

    @Test func whatIsFoundLaterTakesNoPlaceOfWhatIsSelected() {
        var state = page(Findings(Array(Self.findings.all.suffix(4))))
        press(&state, .down)
        let selected = rows(state).first { $0.contains("▸") }
        let name = selected!.split(separator: "▸")[1].split(separator: " ")[0]
        state.take(Self.findings, isLast: true)
        #expect(rows(state).first { $0.contains("▸") }!.contains("▸ \(name)"))
    }

    @Test func theSearchIsTold() {
        var state = StartState()
        #expect(rows(state)[0].hasSuffix("… LOOKING"))
        state.take(Findings(Self.findings.all), isLast: true)
        #expect(rows(state)[0].hasSuffix("not all was looked at"))
    }

    /// Letters that fit nothing yet are no name: Enter waits for what is still looked for.
    @Test func lettersAreNoNameWhileItIsLookedFor() {
        var state = StartState()
        type(&state, "nothing such")
        #expect(!rows(state).contains { $0.contains("▸") } && press(&state, .enter) == nil && state.problem == nil)
        state.take(Self.findings, isLast: true)
        #expect(rows(state).contains { $0.contains("▸ nothing such") })
        #expect(press(&state, .enter) == .choose(.open("nothing such")))
    }

    @Test func aPasteAndTheMouse() {
        var state = page()
        press(&state, .paste("digits-1"))
        #expect(rows(state)[3].contains("▸ runs/digits-1"))
        press(&state, .escape)
        press(&state, .mouse(MouseEvent(x: 10, y: 4, kind: .press)))
        #expect(rows(state)[4].contains("▸ runs/digits-1"))
        #expect(press(&state, .mouse(MouseEvent(x: 10, y: 4, kind: .press))) == .choose(.open("runs/digits-1")))
    }

    @Test func aKeyThatDoesSomethingIsInTheHelp() {
        var help = page()
        press(&help, .character("?"))
        let words = rows(help).joined(separator: " ").split(separator: " ").map(String.init)
        let before = page()
        for key in KeyTests.keys {
            var state = before
            let effect = state.handle(key, size: Self.size)
            // Letters filter, as the help says.
            if case .character(let letter) = key,
                letter.isLetter || letter.isNumber || letter.isPunctuation || letter.isSymbol
            {
                if !"q?/".contains(letter) { continue }
            }
            if effect != nil || state.draw(Self.size) != before.draw(Self.size) {
                #expect(words.contains(key.title), "\(key.title) is not in the help")
            }
        }
    }
}
