import Graph
import Interchange
import Models
import Testing

/// What users of importers report: each either works, or is said in one sentence.
@Suite struct ImportFailureTests {
    private func expectProblem(
        _ file: ModelFile, _ place: String, found: String, expected: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(
            throws: FileProblem(path: "model.onnx", place: place, found: found, expected: expected),
            sourceLocation: location
        ) { try file.imported() }
    }

    @Test(arguments: [0, 29, 99, -1]) func anOpsetThatNobodyRegistered(opset: Int) {
        var file = ModelFile()
        file.opset = opset
        file.node("Relu", ["x"], ["y"])
        expectProblem(file, "opset_import", found: "version \(opset) of ONNX's operators", expected: "1 to 28")
    }

    @Test func everythingUnsupportedIsNamedAtOnce() throws {
        var file = ModelFile()
        file.node("If", ["x"], ["a"], [("then_branch", .graph), ("else_branch", .graph)], name: "choice")
        file.node("Loop", ["a"], ["b"], [("body", .graph)])
        file.node("NonMaxSuppression", ["b"], ["c"])
        file.node("NonMaxSuppression", ["c"], ["d"])
        file.node("FusedConv", ["d"], ["e"])
        file.node("Gelu", ["e"], ["f"], domain: "com.microsoft")
        file.node("Relu", ["f"], ["y"])
        let imported = try file.imported()
        #expect(imported.graph == nil)
        #expect(
            imported.problems.map(\.description) == [
                "If (opset 17) at node 'choice' (If): what runs depends on values that come at run time: such networks do not run here",
                "Loop (opset 17) at node 'b' (Loop): what runs depends on values that come at run time: such networks do not run here",
                "NonMaxSuppression (opset 17) at node 'c' (NonMaxSuppression) and 1 more: not known here",
                "FusedConv (opset 17) at node 'e' (FusedConv): not known here",
                "com.microsoft.Gelu (opset 17) at node 'f' (Gelu): operators of the domain 'com.microsoft' are not known here",
            ])
        #expect(imported.operators.first?.type == "NonMaxSuppression" && imported.operators.first?.count == 2)
    }

    @Test func aShapeComputedFromValuesIsRefusedAndOneFromShapesIsNot() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(4), .size(6)])]
        file.node("Shape", ["x"], ["shape"])
        file.wholes = [("zero", [0]), ("two", [2]), ("three", [3]), ("minus", [-1])]
        file.node("Gather", ["shape", "zero"], ["n"])
        file.node("Concat", ["n", "three", "minus", "two"], ["target"], [("axis", .integer(0))])
        file.node("Reshape", ["x", "target"], ["y"])
        let imported = try file.imported()
        #expect(imported.problems.isEmpty && imported.outputs[0].fileShape == "[N, 3, 4, 2]")
        #expect(try file.answers([(0..<24).map(Float.init)]) == [(0..<24).map(Float.init)])
        var other = ModelFile()
        other.node("Cast", ["x"], ["target"], [("to", .integer(7))])
        other.node("Reshape", ["x", "target"], ["y"])
        #expect(
            try other.imported().problems.map(\.reason) == [
                "its input 1 is computed from the network's input, so its shape is not known before"
            ])
    }

    @Test func computedExpand() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(1), .size(2)])]
        file.node("Shape", ["x"], ["shape"])
        file.wholes = [("first", [0]), ("last", [2]), ("three", [3])]
        file.node("Gather", ["shape", "first"], ["n"])
        file.node("Gather", ["shape", "last"], ["w"])
        file.node("Concat", ["n", "three", "w"], ["target"], [("axis", .integer(0))])
        file.node("Expand", ["x", "target"], ["y"])
        #expect(try file.answers([[1, 2], [3, 4]]) == [[1, 2, 1, 2, 1, 2], [3, 4, 3, 4, 3, 4]])
    }

    @Test func squeezeOfASingleNumber() throws {
        var file = ModelFile()
        file.node("Constant", [], ["c"], [("value_float", .float(2))])
        file.node("Squeeze", ["c"], ["s"])
        file.node("Mul", ["x", "s"], ["y"])
        #expect(try file.answers([[1, 2, 3]]) == [[2, 4, 6]])
    }

    /// Of an odd number of zeros the one that is left over goes to the end, or to the front.
    @Test(arguments: [("SAME_UPPER", [9, 7] as [Float]), ("SAME_LOWER", [3, 9])])
    func autoPadWithStrides(mode: String, expected: [Float]) throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(1), .size(1), .size(4)])]
        file.initializers = [("w.weight", [1, 1, 1, 3], [1, 1, 1])]
        file.node("Conv", ["x", "w.weight"], ["y"], [("auto_pad", .text(mode)), ("strides", .integers([1, 2]))])
        #expect(try file.answers([[1, 2, 6, 1]]) == [expected])
    }

    @Test func nodesOutOfOrderAreSortedAndCirclesRefused() throws {
        var file = ModelFile()
        file.node("Relu", ["a"], ["y"])
        file.node("Neg", ["x"], ["a"])
        #expect(try file.answers([[1, -2, 3]]) == [[0, 2, 0]])
        file.nodes[1].inputs = ["y"]
        expectProblem(
            file, "node 'y' (Relu)", found: "a circle: it reads what is made of its own output",
            expected: "a graph without circles")
    }

    @Test func symbolsAgainstNumbers() throws {
        var file = ModelFile()
        file.node("Flatten", ["x"], ["y"])
        for axis in [ModelFile.Axis.symbol("N"), .symbol("unk__1"), .size(1), .size(5)] {
            file.inputs = [("x", [axis, .size(2), .size(2)])]
            let imported = try file.imported()
            #expect(imported.inputs[0].shape == [2, 2] && imported.outputs[0].fileShape == "[N, 4]")
        }
        file.inputs = [("x", [.symbol("N"), .size(2), .symbol("length")])]
        #expect(try file.imported().free.map(\.symbol) == ["length"])
        let imported = try file.imported(ImportOptions(inputShapes: ["x": [2, 7]]))
        #expect(imported.free.isEmpty && imported.outputs[0].shape == [14])
        #expect(throws: FileProblem.self) { try file.imported(ImportOptions(inputShapes: ["x": [3, 7]])) }
        #expect(throws: FileProblem.self) { try file.imported(ImportOptions(inputShapes: ["x": [2]])) }
    }

    @Test func matMulOfRankOne() throws {
        var file = ModelFile()
        file.initializers = [("v", [3], [1, 10, 100])]
        file.node("MatMul", ["x", "v"], ["y"])
        #expect(try file.answers([[1, 2, 3], [4, 5, 6]]) == [[321], [654]])
    }

    @Test func optionalInputsLeftEmpty() throws {
        var file = ModelFile()
        file.initializers = [("most", [], [2])]
        file.node("Clip", ["x", "", "most"], ["y"])
        #expect(try file.answers([[1, -2, 3]]) == [[1, -2, 2]])
    }

    @Test func anOutputMidwayThatIsReadTwice() throws {
        var file = ModelFile()
        file.node("Relu", ["x"], ["a"])
        file.node("Add", ["a", "a"], ["y"])
        file.outputs = ["y", "a"]
        #expect(try file.answers([[1, -2, 3]]) == [[2, 0, 6]])
        var options = ImportOptions()
        options.output = "a"
        #expect(try file.answers([[1, -2, 3]], options) == [[1, 0, 3]])
        #expect(try file.imported().facts.contains { $0.contains("of 2 outputs 'y' is run") })
    }

    @Test func initializersThatAreInputs() throws {
        var file = ModelFile()
        file.irVersion = 3
        file.opset = 8
        file.inputs.append(("w", [.size(3), .size(2)]))
        file.initializers = [("w", [3, 2], [1, 2, 3, 4, 5, 6])]
        file.node("MatMul", ["x", "w"], ["y"])
        let imported = try file.imported()
        #expect(imported.inputs.map(\.name) == ["x"] && imported.prunable == ["w"])
        #expect(imported.weights["w"] == [1, 3, 5, 2, 4, 6])
        #expect(try file.answers([[1, 1, 1]]) == [[9, 12]])
    }

    @Test func duplicateNames() throws {
        var file = ModelFile()
        file.node("Relu", ["x"], ["y"], name: "n")
        file.node("Relu", ["x"], ["y"], name: "n")
        expectProblem(
            file, "node 'n' (Relu)", found: "output 'y', which is made already", expected: "each name once")
        file.nodes[0].outputs = ["x"]
        #expect(throws: FileProblem.self) { try file.imported() }
        // Nodes may be called alike: only values have to be told apart.
        file.nodes[0].outputs = ["a"]
        file.nodes[1].inputs = ["a"]
        #expect(try file.imported().graph?.nodes.map(\.name) == ["n", "n.2"])
    }

    @Test func missingValues() {
        var file = ModelFile()
        file.node("Add", ["x", "nowhere"], ["y"])
        expectProblem(
            file, "node 'y' (Add)", found: "input 'nowhere', which nothing makes", expected: "a value of the graph")
    }

    @Test func weightsSharedByTwoNodesStayOne() throws {
        var file = ModelFile()
        file.initializers = [("w", [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])]
        file.node("MatMul", ["x", "w"], ["a"])
        file.node("MatMul", ["a", "w"], ["y"])
        let imported = try file.imported()
        #expect(imported.ties == [["w", "w.2"]] && imported.prunable == ["w"])
        #expect(imported.facts.contains { $0.contains("use the same weights") })
        #expect(try file.answers([[1, 2, 3]]) == [[1, 2, 3]])
    }

    @Test func elementsOfWrongLength() {
        var file = ModelFile()
        file.initializers = [("w", [3, 2], [1, 2, 3])]
        file.node("MatMul", ["x", "w"], ["y"])
        expectProblem(
            file, "tensor 'w'", found: "3 elements of float", expected: "6 for shape [3, 2]")
    }

    @Test func aModelWithoutWeights() throws {
        var file = ModelFile()
        file.node("Relu", ["x"], ["y"])
        let imported = try file.imported()
        #expect(imported.prunable.isEmpty && imported.problems.isEmpty && imported.graph != nil)
        #expect(try file.answers([[1, -2, 3]]) == [[1, 0, 3]])
    }

    @Test func nothingButTheInput() throws {
        var file = ModelFile()
        file.outputs = ["x"]
        #expect(try file.answers([[1, -2, 3]]) == [[1, -2, 3]])
        file.initializers = [("w", [1], [1])]
        file.outputs = ["w"]
        #expect(try file.imported().problems.map(\.reason) == ["its output does not depend on its input"])
    }

    @Test func samplesAreNotMixed() throws {
        for (type, attributes) in [
            ("Softmax", [("axis", ModelFile.Attribute.integer(0))]), ("ReduceMean", [("axes", .integers([0]))]),
        ] {
            var file = ModelFile()
            file.node(type, ["x"], ["y"], attributes)
            #expect(try file.imported().problems.count == 1)
        }
    }
}
