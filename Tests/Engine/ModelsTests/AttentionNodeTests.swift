import Interchange
import Models
import Testing

/// `Attention` as one node: queries that see nothing, keys of earlier calls.
@Suite struct AttentionNodeTests {
    /// Two tokens of two features and one head: x is queries, keys and values.
    private func file(_ mask: [Float], _ shape: [Int], isTruth: Bool) -> ModelFile {
        var file = ModelFile()
        file.opset = 23
        file.inputs = [("x", [.symbol("N"), .size(2), .size(2)])]
        file.initializers = [("mask.numbers", shape, mask)]
        if isTruth { file.node("Cast", ["mask.numbers"], ["mask"], [("to", .integer(9))]) }
        file.node(
            "Attention", ["x", "x", "x", isTruth ? "mask" : "mask.numbers"], ["y"],
            [("q_num_heads", .integer(1)), ("kv_num_heads", .integer(1))])
        return file
    }

    @Test(arguments: [true, false]) func aQueryThatSeesNothingIsZero(isTruth: Bool) throws {
        let hidden: Float = isTruth ? 0 : -.infinity, seen: Float = isTruth ? 1 : 0
        let file = file([hidden, hidden, hidden, seen], [2, 2], isTruth: isTruth)
        #expect(try file.answers([[1, 2, 3, 4]]) == [[0, 0, 3, 4]])
    }

    /// The mask comes with the sample: tokens of 0 are none.
    @Test func aSampleWithoutTokensIsZero() throws {
        var file = ModelFile()
        file.opset = 23
        file.inputs = [("x", [.symbol("N"), .size(2), .size(2)])]
        file.initializers = [("zero", [1], [0])]
        file.wholes = [("last", [2])]
        file.node("Greater", ["x", "zero"], ["there"])
        file.node("Cast", ["there"], ["flags"], [("to", .integer(1))])
        file.node("ReduceMax", ["flags", "last"], ["tokens"], [("keepdims", .integer(0))])
        file.node("Cast", ["tokens"], ["truths"], [("to", .integer(9))])
        file.wholes += [("axes", [1, 2])]
        file.node("Unsqueeze", ["truths", "axes"], ["mask"])
        file.node(
            "Attention", ["x", "x", "x", "mask"], ["y"],
            [("q_num_heads", .integer(1)), ("kv_num_heads", .integer(1))])
        let answers = try file.answers([[0, 0, 0, 0], [0, 0, 3, 4]])
        #expect(answers == [[0, 0, 0, 0], [3, 4, 3, 4]])
    }

    @Test func aMaskOfFewerKeysHidesTheOthers() throws {
        let file = file([1], [1, 1], isTruth: true)
        #expect(try file.answers([[1, 2, 3, 4]]) == [[1, 2, 1, 2]])
    }

    @Test func causalAttentionSeesEarlierKeys() throws {
        var file = ModelFile()
        file.opset = 23
        file.inputs = [("x", [.symbol("N"), .size(1), .size(1), .size(2)])]
        file.initializers = [("past", [1, 1, 1, 2], [0, 0]), ("past.values", [1, 1, 1, 2], [5, 7])]
        file.node("Expand", ["past", "shape"], ["keys"])
        file.node("Expand", ["past.values", "shape"], ["values"])
        file.node("Shape", ["x"], ["shape"])
        file.node("Attention", ["x", "x", "x", "", "keys", "values"], ["y"], [("is_causal", .integer(1))])
        // Both are seen: the earlier one, and its own.
        #expect(try file.answers([[0, 0]]) == [[2.5, 3.5]])
    }

    /// Of three new keys the one query sees its own, which stands behind the earlier one.
    @Test func aQueryStandsBehindEarlierKeysAlone() throws {
        var file = ModelFile()
        file.opset = 23
        file.inputs = [("x", [.symbol("N"), .size(1), .size(3), .size(1)])]
        file.initializers = [("past", [1, 1, 1, 1], [9])]
        file.wholes = [("zero", [0]), ("one", [1]), ("axis", [2])]
        file.node("Shape", ["first"], ["shape"])
        file.node("Slice", ["x", "zero", "one", "axis"], ["first"])
        file.node("Expand", ["past", "shape"], ["earlier"])
        file.node("Mul", ["first", "nothing"], ["query"])
        file.initializers.append(("nothing", [1], [0]))
        file.node("Attention", ["query", "x", "x", "", "earlier", "earlier"], ["y"], [("is_causal", .integer(1))])
        #expect(try file.answers([[1, 20, 300]]) == [[5]])
    }
}
