import Foundation
import Interchange
import Models
import Testing

/// What models that people exchange hold, and small files by hand do not.
@Suite struct RealModelTests {
    @Test func masksOfTheLeastFloat() throws {
        var file = ModelFile()
        file.initializers = [("least", [], [-.greatestFiniteMagnitude])]
        file.node("Mul", ["x", "least"], ["y"])
        #expect(
            try file.answers([[0, 1, 0.5]]) == [[0, -.greatestFiniteMagnitude, -.greatestFiniteMagnitude / 2]])
    }

    /// Queries of two heads read keys of one; each sees itself and what stands before.
    @Test(arguments: [false, true]) func attentionIsOneNode(isMasked: Bool) throws {
        var file = ModelFile()
        file.opset = 24
        file.inputs = [("q", [.symbol("N"), .size(3), .size(4)]), ("k", [.symbol("N"), .size(3), .size(2)])]
        file.initializers = [("bias", [3, 3], [0, -9, 2, 1, 0, 0, -1, 3, 0])]
        file.node(
            "Attention", ["q", "k", "k"] + (isMasked ? ["bias"] : []), ["y"],
            [("q_num_heads", .integer(2)), ("kv_num_heads", .integer(1)), ("is_causal", .integer(1))])
        let q: [[Float]] = [[1, 0, 2, -1], [0, 1, 0.5, 0.5], [-1, 1, 0, 2]],
            k: [[Float]] = [[1, 2], [0, 1], [-1, 1]]
        let bias: [[Float]] = isMasked ? [[0, -9, 2], [1, 0, 0], [-1, 3, 0]] : [[0, 0, 0], [0, 0, 0], [0, 0, 0]]
        var expected: [Float] = []
        for query in 0..<3 {
            for head in 0..<2 {
                let parts = (0...query).map { key -> Float in
                    let product = q[query][2 * head] * k[key][0] + q[query][2 * head + 1] * k[key][1]
                    return exp(product / Float(2).squareRoot() + bias[query][key])
                }
                let sum = parts.reduce(0, +)
                for feature in 0..<2 {
                    expected.append((0...query).reduce(Float(0)) { $0 + parts[$1] * k[$1][feature] } / sum)
                }
            }
        }
        let answer = try file.answers([q.flatMap { $0 } + k.flatMap { $0 }])[0]
        #expect(answer.count == expected.count && zip(answer, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    /// A file counts the keys that are there, or has those of earlier calls apart: both together mean nothing.
    @Test func keysOfEarlierCallsThatAreCountedTooAreRefused() throws {
        var file = ModelFile()
        file.opset = 24
        file.inputs = [("x", [.symbol("N"), .size(1), .size(3), .size(4)])]
        file.wholes = [("count", [3])]
        file.node("Attention", ["x", "x", "x", "", "x", "x", "count"], ["y"])
        #expect(throws: FileProblem.self) { try file.imported() }
        file.nodes[0].inputs.removeLast()
        #expect(try file.imported().graph != nil)
    }

    @Test(
        arguments: [
            ([], [1, 3, 6]), (["exclusive"], [0, 1, 3]), (["reverse"], [6, 5, 3]),
            (["exclusive", "reverse"], [5, 3, 0]),
        ] as [([String], [Float])])
    func sumsSoFar(attributes: [String], expected: [Float]) throws {
        var file = ModelFile()
        file.wholes = [("axis", [1])]
        file.node("CumSum", ["x", "axis"], ["y"], attributes.map { ($0, .integer(1)) })
        #expect(try file.answers([[1, 2, 3]]) == [expected])
    }

    @Test func whatFitsNoWholeNumberIsTheLeast() throws {
        var file = ModelFile()
        file.initializers = [("zero", [1], [0])]
        file.wholes = [("three", [3])]
        file.node("Log", ["zero"], ["log"])
        file.node("Cast", ["log"], ["least"], [("to", .integer(7))])
        file.node("Max", ["least", "three"], ["most"])
        file.node("Cast", ["most"], ["shift"], [("to", .integer(1))])
        file.node("Add", ["x", "shift"], ["y"])
        #expect(try file.answers([[1, 2, 3]]) == [[4, 5, 6]])
    }

    @Test func anArrayOfTheWholeInput() throws {
        var file = ModelFile()
        file.inputs = [("x", [.size(2), .size(3)])]
        file.node("ReduceSum", ["x"], ["y"], [("keepdims", .integer(0))])
        let options = ImportOptions(arrayShapes: ["": [2, 3]])
        #expect(try file.answers([[1, 2, 3, 4, 5, 6]], options) == [[21]])
        file.inputs = [("x", [.size(3)])]
        file.nodes[0].type = "Relu"
        file.nodes[0].attributes = []
        #expect(try file.answers([[1, -2, 3]], ImportOptions(arrayShapes: ["": [3]])) == [[1, 0, 3]])
        #expect(throws: FileProblem.self) { try file.imported(ImportOptions(arrayShapes: ["": [2, 2, 3]])) }
    }

    @Test func minusOneIsNoSize() throws {
        var file = ModelFile()
        file.inputs = [("x", [.size(-1), .size(3), .size(-1)])]
        file.node("Relu", ["x"], ["y"])
        let imported = try file.imported(ImportOptions(inputShapes: ["": [3, 7]]))
        #expect(imported.inputs[0].fileShape == "[N, 3, 7]")
        file.inputs = [("x", [.size(2), .size(-3)])]
        #expect(throws: FileProblem.self) { try file.imported() }
    }

    @Test func aSizeThatNobodyGaveIsTold() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2), .symbol("width")])]
        file.initializers = [("w", [1, 2, 300], [Float](repeating: 0.5, count: 600))]
        file.node("Conv", ["x", "w"], ["y"])
        let problem = #expect(throws: FileProblem.self) { try file.imported() }
        #expect(problem?.expected.contains("axis 1 of a sample of 'x' as 32") == true)
        #expect(try Models.inputs(of: file.model()).free.map(\.axis) == [1])
        // A window wider than those of images.
        let wide = ImportOptions(inputShapes: ["": [2, 301]])
        #expect(try file.answers([[Float](repeating: 1, count: 602)], wide) == [[300, 300]])
    }

    /// The usual encoder reads kinds of tokens, which data of single texts has not.
    @Test func kindsOfTokensAreZeroWhereTheDataHasNone() throws {
        var file = ModelFile()
        file.inputs = ["input_ids", "token_type_ids", "attention_mask"].map { ($0, [.symbol("N"), .symbol("T")]) }
        file.node("Add", ["input_ids", "token_type_ids"], ["a"])
        file.node("Mul", ["a", "attention_mask"], ["y"])
        let options = try ImportOptions(file.model(), sample: [2, 3])
        #expect(options.constants.keys.sorted() == ["token_type_ids"])
        #expect(try file.answers([[1, 2, 3, 1, 0, 2]], options) == [[1, 0, 6]])
        #expect(try ImportOptions(file.model(), sample: [3, 3]).constants.isEmpty)
    }

    @Test func trainingModeIsTold() throws {
        var file = ModelFile()
        file.initializers = [
            ("one", [3], [1, 1, 1]), ("zero", [3], [0, 0, 0]), ("half", [], [0.5]), ("yes", [], [1]),
        ]
        file.node("BatchNormalization", ["x", "one", "zero", "zero", "one"], ["n"], [("training_mode", .integer(1))])
        file.node("Dropout", ["n", "half", "yes"], ["y"])
        let told = try file.imported().facts
        #expect(told.contains { $0.hasPrefix("2 nodes are in training mode") })
    }

    @Test func aSliceToAnEndThatNoBatchReaches() throws {
        var file = ModelFile()
        file.wholes = [("from", [0, 1]), ("to", [1_000_000_000, 2])]
        file.node("Slice", ["x", "from", "to"], ["y"])
        #expect(try file.answers([[1, 2, 3], [4, 5, 6]]) == [[2], [5]])
    }

    @Test func answersLieAsInTheFile() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2), .size(3)])]
        file.node("Flatten", ["x"], ["y"], [("axis", .integer(2))])
        #expect(try file.imported().outputs[0].axes(samples: 4) == [8, 3])
        file.nodes[0].attributes = []
        #expect(try file.imported().outputs[0].axes(samples: 4) == [4, 6])
    }
}
