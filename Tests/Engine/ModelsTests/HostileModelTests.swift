import Interchange
import Kernels
import Models
import Testing

/// Files that were made to break an importer: whatever they say, it ends in a sentence.
@Suite struct HostileModelTests {
    /// A bit of everything.
    private var rich: ModelFile {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2), .size(6), .size(4)])]
        file.initializers = [
            ("c.weight", [4, 2, 3, 3], (0..<72).map { Float($0) }), ("c.bias", [4], [1, 2, 3, 4]),
            ("w", [12, 3], (0..<36).map { Float($0) }),
            ("s", [4], [1, 2, 3, 4]),
        ]
        file.wholes = [
            ("shape", [0, 4, -1]), ("axes", [1]), ("starts", [0]), ("ends", [3]), ("pads", [0, 0, 0, 0, 0, 1]),
        ]
        file.node(
            "Conv", ["x", "c.weight", "c.bias"], ["a"],
            [("pads", .integers([1, 1, 1, 1])), ("strides", .integers([2, 2]))])
        file.node("BatchNormalization", ["a", "s", "s", "s", "s"], ["b"])
        file.node("MaxPool", ["b"], ["p"], [("kernel_shape", .integers([2, 2])), ("strides", .integers([1, 1]))])
        file.node("Reshape", ["p", "shape"], ["r"])
        file.node("Pad", ["r", "pads"], ["q"])
        file.node("Slice", ["q", "starts", "ends", "axes"], ["t"])
        file.node("Shape", ["t"], ["u"])
        file.node("Transpose", ["t"], ["v"], [("perm", .integers([0, 2, 1]))])
        file.node("Softmax", ["v"], ["f"], [("axis", .integer(2))])
        file.node("ReduceMean", ["f"], ["m"], [("axes", .integers([1]))])
        file.node("Flatten", ["t"], ["g"])
        file.node("Squeeze", ["m", "axes"], ["h"])
        file.node("Gather", ["u", "axes"], ["i"])
        file.node("Concat", ["g", "h"], ["j"], [("axis", .integer(1))])
        file.node("MatMul", ["j", "w"], ["y"])
        return file
    }

    @Test func theFileItselfRuns() throws {
        let imported = try rich.imported()
        #expect(imported.problems.isEmpty, "\(imported.problems)")
    }

    @Test func changedBytesNeverTrap() throws {
        let bytes = rich.bytes
        let random = CounterRandom(seed: 3, purpose: .test)
        var ran = 0
        for attempt in 0..<4000 {
            var changed = bytes
            for change in 0...random.integer(below: 3, attempt, 1) {
                let value = [0, 1, 2, 5, 0x7F, 0x80, 0xFF, random.integer(below: 256, attempt, change, 3)]
                changed[random.integer(below: bytes.count, attempt, change, 2)] = UInt8(
                    value[random.integer(below: value.count, attempt, change, 4)])
            }
            do {
                if try Models.importModel(ONNXReader.read(MappedFile(changed, path: "changed"))).graph != nil {
                    ran += 1
                }
            } catch {
                #expect(error is FileProblem, "\(error)")
            }
        }
        #expect(ran > 0)
    }

    @Test(
        arguments: [
            ("ConstantOfShape", [1 << 40, 1 << 40]), ("ConstantOfShape", [1 << 20, 1 << 20]), ("ConstantOfShape", [-1]),
            ("ConstantOfShape", [Int.max, Int.max]), ("Expand", [1 << 31, 1 << 31, 3]), ("Expand", [-5, 3]),
            ("Tile", [1 << 40, 1 << 40]), ("Tile", [1, Int.max]), ("Tile", [0, 0]), ("Reshape", [-1, -1]),
            ("Reshape", [Int.max, Int.max]),
            ("Reshape", [Int.min, 3]), ("Reshape", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), ("Unsqueeze", [Int.max]),
            ("Unsqueeze", [1, 1]),
            ("Squeeze", [Int.min]), ("Pad", [0, Int.max, 0, Int.max]), ("Pad", [0, Int.min, 0, 0]),
            ("Slice", [Int.min]), ("Gather", [Int.max]),
            ("Split", [Int.max, Int.max]), ("Split", [-1, 4]), ("Resize", [Int.max, 3]),
        ] as [(String, [Int])])
    func numbersOutOfReach(type: String, numbers: [Int]) {
        var file = ModelFile()
        file.wholes = [("n", numbers), ("one", [1])]
        switch type {
        case "ConstantOfShape":
            file.node(type, ["n"], ["c"])
            file.node("Add", ["x", "c"], ["y"])
        case "Slice": file.node(type, ["x", "n", "n", "one", "n"], ["y"])
        case "Resize": file.node(type, ["x", "", "", "n"], ["y"])
        case "Split": file.node(type, ["x", "n"], ["y", "z"], [("axis", .integer(1))])
        default: file.node(type, ["x", "n"], ["y"])
        }
        do { _ = try file.imported() } catch { #expect(error is FileProblem, "\(error)") }
    }

    @Test(
        arguments: [
            ("kernel_shape", [Int.max, 1]), ("kernel_shape", [0, 0]), ("pads", [Int.max, Int.max, Int.max, Int.max]),
            ("pads", [-1, -1, -1, -1]), ("strides", [0, 0]), ("strides", [Int.min, 1]),
            ("dilations", [Int.max, Int.max]), ("pads", [1]),
        ] as [(String, [Int])])
    func kernelsOutOfReach(name: String, numbers: [Int]) {
        for type in ["Conv", "MaxPool", "AveragePool", "ConvTranspose"] {
            var file = ModelFile()
            file.inputs = [("x", [.symbol("N"), .size(2), .size(4), .size(4)])]
            file.initializers = [("w", [2, 2, 2, 2], [Float](repeating: 1, count: 16))]
            let isPool = type.hasSuffix("Pool")
            var attributes: [(String, ModelFile.Attribute)] = [(name, .integers(numbers))]
            if isPool, name != "kernel_shape" { attributes.append(("kernel_shape", .integers([2, 2]))) }
            file.node(type, isPool ? ["x"] : ["x", "w"], ["y"], attributes)
            do { _ = try file.imported() } catch { #expect(error is FileProblem, "\(error)") }
        }
    }

    @Test func arithmeticOfShapesThatOverflows() throws {
        for type in ["Add", "Mul", "Sub", "Div", "Mod", "Pow"] {
            var file = ModelFile()
            file.wholes = [("a", [Int.max, Int.min]), ("b", [Int.max, -1]), ("zero", [0, 0])]
            for other in ["b", "zero", "a"] {
                file.nodes = []
                file.node(type, ["a", other], ["c"])
                file.node("Reshape", ["x", "c"], ["y"])
                do { _ = try file.imported() } catch { #expect(error is FileProblem) }
            }
        }
        var file = ModelFile()
        file.wholes = [("a", [0]), ("b", [1 << 50]), ("c", [1])]
        file.node("Range", ["a", "b", "c"], ["r"])
        file.node("Add", ["x", "r"], ["y"])
        #expect(try file.imported().problems.count == 1)
    }

    @Test func severalInputsAreOne() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(3)]), ("z", [.symbol("N"), .size(3)])]
        file.node("Sub", ["x", "z"], ["y"])
        let imported = try file.imported()
        #expect(imported.graph?.input.axes == [6] && imported.inputs.map(\.offset) == [0, 3])
        #expect(try file.answers([[1, 2, 3, 10, 20, 30]]) == [[-9, -18, -27]])
        file.inputs[1].axes = [.symbol("N"), .size(1)]
        #expect(try file.imported().graph?.input.axes == [4])
        #expect(try file.answers([[1, 2, 3, 10]]) == [[-9, -8, -7]])
    }
}
