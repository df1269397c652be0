import Interchange
import Models
import Testing

/// Points that are taken or put by numbers, as PyTorch's exporters write pools of uneven windows, strides, masks and tables.
@Suite struct PlaceTests {
    /// `name`: whole numbers of a shape.
    private func wholes(_ file: inout ModelFile, _ name: String, _ values: [Int], shape: [Int]) {
        file.wholes += [(name + ".flat", values), (name + ".shape", shape)]
        file.node("Reshape", [name + ".flat", name + ".shape"], [name])
    }

    /// The number of each sample, from the size of the batch.
    private func numbers(_ file: inout ModelFile) {
        file.wholes += [("zero", [0]), ("one", [1]), ("none", [])]
        file.node("Shape", ["x"], ["sizes"], [("start", .integer(0)), ("end", .integer(1))])
        for (name, from) in [("N", "sizes"), ("first", "zero"), ("step", "one")] {
            file.node("Squeeze", [from], [name])
        }
        file.node("Range", ["first", "N", "step"], ["numbers"])
    }

    @Test func severalAxesAtOnce() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2), .size(3)])]
        file.node("Transpose", ["x"], ["points"], [("perm", .integers([1, 2, 0]))])
        wholes(&file, "places", [0, 0, 1, 2, -1, -3, 0, 1], shape: [2, 2, 2])
        file.node("GatherND", ["points", "places"], ["found"])
        file.node("Transpose", ["found"], ["y"], [("perm", .integers([2, 0, 1]))])
        #expect(try file.answers([[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]) == [[1, 6, 4, 2], [7, 12, 10, 8]])
    }

    @Test func placesOutsideAreAFault() throws {
        var file = ModelFile()
        file.node("Transpose", ["x"], ["points"])
        wholes(&file, "places", [3], shape: [1, 1])
        file.node("GatherND", ["points", "places"], ["y"])
        #expect(throws: FileProblem.self) { try file.imported() }
    }

    @Test func samplesAreNotTakenByPlaces() throws {
        var file = ModelFile()
        wholes(&file, "places", [0, 1], shape: [1, 2])
        file.node("GatherND", ["x", "places"], ["y"])
        #expect(try file.imported().problems.first?.reason.contains("mixes samples") == true)
    }

    /// As `as_strided` is written: `Gather(flat, n · 3 + places)`.
    @Test(arguments: [false, true]) func strides(isWrittenOut: Bool) throws {
        var file = ModelFile()
        if isWrittenOut { file.inputs = [("x", [.size(1), .size(3)])] }
        numbers(&file)
        file.wholes += [("size", [3]), ("flat", [-1]), ("axis", [1])]
        file.node("Reshape", ["x", "flat"], ["line"])
        file.node("Mul", ["numbers", "size"], ["starts"])
        file.node("Unsqueeze", ["starts", "axis"], ["column"])
        wholes(&file, "places", [2, 0], shape: [1, 2])
        file.node("Add", ["column", "places"], ["all"])
        file.node("Gather", ["line", "all"], ["y"], [("axis", .integer(0))])
        #expect(try file.answers([[1, 2, 3]]) == [[3, 1]])
        if !isWrittenOut { #expect(try file.answers([[1, 2, 3], [4, 5, 6]]) == [[3, 1], [6, 4]]) }
    }

    @Test(arguments: ["Equal", "Less", "Div", "And"]) func numbersOfSamplesAreOnlySummedAndMultiplied(type: String)
        throws
    {
        var file = ModelFile()
        numbers(&file)
        file.node(type, ["numbers", "one"], ["tested"])
        file.node("Add", ["x", "tested"], ["y"])
        #expect(try !file.imported().problems.isEmpty)
    }

    @Test func partsOfAMaskAreFilled() throws {
        var file = ModelFile()
        file.wholes = [("shape", [1, 3])]
        file.initializers = [("one", [1], [7])]
        file.node("ConstantOfShape", ["shape"], ["zeros"])
        wholes(&file, "places", [0, 1], shape: [1, 2])
        file.node("ScatterND", ["zeros", "places", "one"], ["mask"])
        file.node("Add", ["x", "mask"], ["y"])
        #expect(try file.answers([[1, 2, 3]]) == [[1, 9, 3]])
        file.nodes[file.nodes.count - 2].attributes = [("reduction", .text("add"))]
        #expect(try file.imported().problems.first?.reason.contains("reduction") == true)
    }

    @Test func aTableOfRelativePlacesIsTrained() throws {
        var file = ModelFile()
        file.initializers = [("bias_table", [2, 1], [0.5, -1])]
        file.wholes = [("places", [1, 0, 1]), ("flat", [1, 3])]
        file.node("Gather", ["bias_table", "places"], ["rows"], [("axis", .integer(0))])
        file.node("Reshape", ["rows", "flat"], ["bias"])
        file.node("Add", ["x", "bias"], ["y"])
        #expect(try file.answers([[1, 2, 3]]) == [[0, 2.5, 2]])
        #expect(try file.imported().trainedParameters == ["bias_table.value"])
    }

    @Test func standardisedWeightsAreFolded() throws {
        var file = ModelFile()
        file.initializers = [
            ("w", [1, 2, 2], [1, 3, 2, 6]), ("gain", [2], [1, 2]), ("none", [2], [0, 0.5]), ("mean", [2], [2, 4]),
            ("variance", [2], [1, 4]),
        ]
        file.inputs = [("x", [.symbol("N"), .size(2)])]
        file.wholes = [("square", [2, 2])]
        file.node(
            "BatchNormalization", ["w", "gain", "none", "mean", "variance"], ["standard"], [("epsilon", .float(0))])
        file.node("Reshape", ["standard", "square"], ["matrix"])
        file.node("MatMul", ["x", "matrix"], ["y"])
        // Rows: (1 − 2, 3 − 2) and 2 · (2 − 4) / 2 + 0.5, 2 · (6 − 4) / 2 + 0.5.
        #expect(try file.answers([[1, 10]]) == [[-1 - 15, 1 + 25]])
        // By its own statistics: rows of mean 2 and 4, of variance 1 and 4.
        file.initializers[3].values = [9, 9]
        file.initializers[4].values = [9, 9]
        file.nodes[0].attributes.append(("training_mode", .integer(1)))
        #expect(try file.answers([[1, 10]]) == [[-1 - 15, 1 + 25]])
    }
}
