import Graph
import Interchange
import Kernels
import Models
import Testing

/// Operators that exporters write out in smaller ones become one again, with the same answers.
@Suite struct WrittenOutTests {
    private func operators(_ file: ModelFile) throws -> [String] {
        let graph = try #require(try file.imported().graph)
        return graph.nodes.map { type(of: $0.op).descriptor.name }
    }

    private static let x: [Float] = [0.5, -1, 2, 3, 0.25, -0.75, 1, 1, -2, 0, 4, 0.5]
    private static let scale: [Float] = [1, 0.5, -2, 3]
    private static let shift: [Float] = [0.25, 0, -1, 2]

    /// Three tokens of four features.
    private static func file(squares: String = "Pow", axes: [Int] = [-1]) -> ModelFile {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(3), .size(4)])]
        file.initializers = [("norm.weight", [4], scale), ("norm.bias", [4], shift)]
        file.node("Constant", [], ["two"], [("value_float", .float(2))])
        file.node("Constant", [], ["epsilon"], [("value_float", .float(1e-5))])
        file.node("ReduceMean", ["x"], ["mean"], [("axes", .integers(axes))])
        file.node("Sub", ["x", "mean"], ["centred"])
        if squares == "Pow" {
            file.node("Pow", ["centred", "two"], ["squares"])
        } else {
            file.node("Mul", ["centred", "centred"], ["squares"])
        }
        file.node("ReduceMean", ["squares"], ["variance"], [("axes", .integers(axes))])
        file.node("Add", ["variance", "epsilon"], ["sum"])
        file.node("Sqrt", ["sum"], ["deviation"])
        return file
    }

    /// Rows that are masked whole answer 0, and what leads there is a number, so that it can be trained.
    @Test func aSoftmaxOfMaskedRowsIsSafe() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2), .size(2)])]
        file.initializers = [("zero", [1], [0])]
        file.node("Softmax", ["x"], ["shares"], [("axis", .integer(-1))])
        file.node("IsNaN", ["shares"], ["wrong"])
        file.node("Where", ["wrong", "zero", "shares"], ["y"])
        #expect(try operators(file).filter { $0 != "constant" } == ["reduce", "equal", "clip", "softmax", "where"])
        let hidden = -Float.infinity
        #expect(try file.answers([[hidden, hidden, hidden, 3]])[0] == [0, 0, 0, 1])
        #expect(try file.answers([[1, 1, hidden, hidden]])[0] == [0.5, 0.5, 0, 0])
    }

    private static func normed(scale: [Float], shift: [Float]) -> [Float] {
        (0..<3).flatMap { token -> [Float] in
            let values = (0..<4).map { Double(x[4 * token + $0]) }
            let mean = values.reduce(0, +) / 4
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4
            return (0..<4).map {
                Float((values[$0] - mean) / (variance + 1e-5).squareRoot() * Double(scale[$0]) + Double(shift[$0]))
            }
        }
    }

    private func expectNear(_ found: [Float], _ wanted: [Float]) {
        #expect(found.count == wanted.count)
        #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }, "\(found) \(wanted)")
    }

    @Test(arguments: ["Pow", "Mul"]) func aLayerNormIsOneOperator(squares: String) throws {
        var file = Self.file(squares: squares)
        file.node("Div", ["centred", "deviation"], ["normal"])
        file.node("Mul", ["normal", "norm.weight"], ["scaled"])
        file.node("Add", ["scaled", "norm.bias"], ["y"])
        #expect(try operators(file) == ["layer-norm"])
        let imported = try file.imported()
        #expect(imported.graph?.nodes.first?.name == "norm")
        #expect(imported.parameters == ["norm.weight": Self.scale, "norm.bias": Self.shift])
        expectNear(try file.answers([Self.x])[0], Self.normed(scale: Self.scale, shift: Self.shift))
        // The file goes out as it came, with other weights in the same places.
        let graph = try #require(imported.graph)
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        imported.fill(network)
        let arrays = try ModelArrays(network)
        #expect(try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 } == file.bytes)
        var changed = arrays
        changed.parameters["norm.weight"] = [5, 6, 7, 8]
        let bytes = try Models.onnx(graph, changed, frame: imported.frame).flatMap { $0 }
        let back = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: "back")))
        #expect(back.parameters["norm.weight"] == [5, 6, 7, 8] && back.parameters["norm.bias"] == Self.shift)
    }

    @Test func withTheDifferenceTwiceAndWithoutScale() throws {
        var file = Self.file()
        file.node("Sub", ["x", "mean"], ["again"])
        file.node("Div", ["again", "deviation"], ["y"])
        #expect(try operators(file) == ["layer-norm"])
        let ones = [Float](repeating: 1, count: 4), zeros = [Float](repeating: 0, count: 4)
        expectNear(try file.answers([Self.x])[0], Self.normed(scale: ones, shift: zeros))
    }

    @Test func withAScaleAlone() throws {
        var file = Self.file()
        file.node("Div", ["centred", "deviation"], ["normal"])
        file.node("Mul", ["norm.weight", "normal"], ["y"])
        #expect(try operators(file) == ["layer-norm"])
        expectNear(
            try file.answers([Self.x])[0], Self.normed(scale: Self.scale, shift: [Float](repeating: 0, count: 4)))
    }

    /// What looks alike and is something else runs as it is written.
    @Test func whatIsNoLayerNormStaysWhatItIs() throws {
        var other = Self.file()
        other.node("Add", ["x", "mean"], ["more"])
        other.node("Div", ["more", "deviation"], ["y"])
        #expect(try !operators(other).contains("layer-norm"))
        // A scale along the tokens.
        var tokens = Self.file()
        tokens.initializers.append(("by-token", [3, 1], [1, 2, 3]))
        tokens.node("Div", ["centred", "deviation"], ["normal"])
        tokens.node("Mul", ["normal", "by-token"], ["y"])
        #expect(try !operators(tokens).contains("layer-norm"))
        let ones = [Float](repeating: 1, count: 4), zeros = [Float](repeating: 0, count: 4)
        let normal = Self.normed(scale: ones, shift: zeros)
        expectNear(try tokens.answers([Self.x])[0], normal.indices.map { normal[$0] * Float($0 / 4 + 1) })
        // The difference is an output, too.
        var both = Self.file()
        both.node("Div", ["centred", "deviation"], ["normal"])
        both.node("Add", ["normal", "centred"], ["y"])
        let answer = try both.answers([Self.x])[0]
        let centred = Self.x.indices.map { index in
            Self.x[index] - Self.x[index / 4 * 4..<index / 4 * 4 + 4].reduce(0, +) / 4
        }
        expectNear(answer, zip(normal, centred).map { $0 + $1 })
    }

    @Test(arguments: [false, true]) func aGELUIsOneOperator(halvesFirst: Bool) throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(12)])]
        for (name, value) in [("root", Float(2).squareRoot()), ("one", 1), ("half", 0.5)] {
            file.node("Constant", [], [name], [("value_float", .float(value))])
        }
        file.node("Div", ["x", "root"], ["inner"])
        file.node("Erf", ["inner"], ["erf"])
        file.node("Add", ["erf", "one"], ["sum"])
        if halvesFirst {
            file.node("Mul", ["x", "half"], ["halved"])
            file.node("Mul", ["halved", "sum"], ["y"])
        } else {
            file.node("Mul", ["x", "sum"], ["product"])
            file.node("Mul", ["product", "half"], ["y"])
        }
        #expect(try operators(file) == ["gelu"])
        var whole = ModelFile()
        whole.opset = 20
        whole.inputs = file.inputs
        whole.node("Gelu", ["x"], ["y"])
        expectNear(try file.answers([Self.x])[0], try whole.answers([Self.x])[0])
    }
}
