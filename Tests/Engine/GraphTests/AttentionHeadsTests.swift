import Graph
import Testing

/// Which weights belong to one attention head, found in the graph alone.
@Suite struct AttentionHeadsTests {
    private func members(_ graph: Graph) -> [String: HeadMembers] {
        Dictionary(
            uniqueKeysWithValues: zip(graph.nodes, graph.attentionHeads()).compactMap { node, heads in
                heads.map { (node.name, $0) }
            })
    }

    /// Each number as often, in order.
    private func runs(_ numbers: [Int32], of count: Int) -> [Int32] {
        numbers.flatMap { [Int32](repeating: $0, count: count) }
    }

    @Test func theHeadsOfEncoderMini() throws {
        let found = members(try NamedNetworks.make("encoder-mini", input: Shape([12]), classes: 4))
        let none = [Int32](repeating: -1, count: 64)
        for (layer, heads) in [("layer1", Int32(0)..<4), ("layer2", 4..<8)] {
            let each = runs(Array(heads), of: 16)
            for name in ["query", "key", "value"] {
                #expect(found["\(layer).\(name)"] == HeadMembers(rows: each, channels: none))
            }
            #expect(found["\(layer).output"] == HeadMembers(rows: none, channels: each))
        }
        #expect(found.count == 8)
    }

    private func write(_ operators: String, input: [Int]) throws -> Graph {
        try NodeList(json: "{\"input\": \(input), \"nodes\": [\(operators)]}").graph()
    }

    private func node(_ name: String, _ op: String, _ inputs: [String], _ arguments: String = "") -> String {
        let list = inputs.map { "\"\($0)\"" }.joined(separator: ", ")
        return "{\"name\": \"\(name)\", \"operator\": \"\(op)\", \"inputs\": [\(list)], \"arguments\": {\(arguments)}}"
    }

    /// Six features of two heads on five tokens, queries, keys and values made by one layer, as PyTorch's exporters write it.
    @Test func oneProjectionForQueriesKeysAndValues() throws {
        func slice(_ name: String, _ from: Int) -> String {
            node(
                name, "slice", ["three"],
                "\"axes\": [0], \"starts\": [\(from)], \"ends\": [\(from + 1)], \"steps\": [1]")
                + ", " + node("\(name).heads", "reshape", [name], "\"shape\": [2, 3, 5]")
        }
        let graph = try write(
            [
                node("in", "convolution", ["input"], "\"channels\": 18, \"kernel\": 1"),
                node("three", "reshape", ["in"], "\"shape\": [3, 6, 5]"), slice("q", 0), slice("k", 1), slice("v", 2),
                node("scaled", "affine", ["q.heads"], "\"scale\": 0.5"),
                node("products", "matmul", ["scaled", "k.heads"], "\"transpose-a\": true"),
                node("shares", "softmax", ["products"], "\"axis\": 2"),
                node("mixed", "matmul", ["v.heads", "shares"], "\"transpose-b\": true"),
                node("joined", "reshape", ["mixed"], "\"shape\": [6, 5]"),
                node("out", "convolution", ["joined"], "\"channels\": 6, \"kernel\": 1"),
                node("sum", "add", ["input", "out"]),
                node("fc", "convolution", ["sum"], "\"channels\": 2, \"kernel\": 1"),
            ].joined(separator: ", "), input: [6, 5])
        let found = members(graph)
        #expect(found["in"]?.rows == runs([0, 1, 0, 1, 0, 1], of: 3))
        #expect(found["in"]?.channels == runs([-1], of: 6))
        #expect(found["out"] == HeadMembers(rows: runs([-1], of: 6), channels: runs([0, 1], of: 3)))
        #expect(found.count == 2)
    }

    /// Tokens first, heads interleaved: feature 2 i + h belongs to head h. A mask is added; a norm stands before the keys.
    @Test func headsAreFollowedThroughMoves() throws {
        func heads(_ name: String, _ from: String, _ order: String) -> String {
            node("\(name).turned", "transpose", [from], "\"perm\": [1, 0]") + ", "
                + node("\(name).split", "reshape", ["\(name).turned"], "\"shape\": [3, 2, 2]") + ", "
                + node(name, "transpose", ["\(name).split"], "\"perm\": \(order)")
        }
        func linear(_ name: String, _ from: String, _ outputs: Int) -> String {
            node(name, "convolution", [from], "\"channels\": \(outputs), \"kernel\": 1")
        }
        let graph = try write(
            [
                linear("query", "input", 4), linear("key", "input", 4), linear("value", "input", 4),
                node("normed", "layer-norm", ["key"], "\"axes\": [0]"),
                heads("q", "query", "[2, 0, 1]"), heads("k", "normed", "[2, 1, 0]"), heads("v", "value", "[2, 0, 1]"),
                node("products", "matmul", ["q", "k"]),
                node("mask", "constant", [], "\"shape\": [3, 3]"), node("masked", "add", ["products", "mask"]),
                node("shares", "softmax", ["masked"], "\"axis\": 2"), node("mixed", "matmul", ["shares", "v"]),
                // (heads, tokens, features of a head) → (features, tokens)
                node("back", "transpose", ["mixed"], "\"perm\": [2, 0, 1]"),
                node("joined", "reshape", ["back"], "\"shape\": [4, 3]"), linear("out", "joined", 2),
            ].joined(separator: ", "), input: [5, 3])
        let found = members(graph)
        for name in ["query", "key", "value"] { #expect(found[name]?.rows == [0, 1, 0, 1]) }
        #expect(found["out"]?.channels == [0, 1, 0, 1])
    }

    /// Keys and values that all heads share belong to none.
    @Test func sharedKeysBelongToNoHead() throws {
        let graph = try write(
            [
                node("query", "convolution", ["input"], "\"channels\": 4, \"kernel\": 1"),
                node("key", "convolution", ["input"], "\"channels\": 2, \"kernel\": 1"),
                node("value", "convolution", ["input"], "\"channels\": 2, \"kernel\": 1"),
                node("q", "reshape", ["query"], "\"shape\": [2, 2, 3]"),
                node("products", "matmul", ["q", "key"], "\"transpose-a\": true"),
                node("shares", "softmax", ["products"], "\"axis\": 2"),
                node("mixed", "matmul", ["value", "shares"], "\"transpose-b\": true"),
                node("joined", "reshape", ["mixed"], "\"shape\": [4, 3]"),
                node("out", "convolution", ["joined"], "\"channels\": 2, \"kernel\": 1"),
            ].joined(separator: ", "), input: [5, 3])
        let found = members(graph)
        #expect(found["query"]?.rows == [0, 0, 1, 1] && found["out"]?.channels == [0, 0, 1, 1])
        #expect(found["key"] == nil && found["value"] == nil)
    }

    @Test func networksWithoutAttentionHaveNone() throws {
        for name in ["resnet-8", "lenet-5"] {
            let graph = try NamedNetworks.make(name, input: Shape([1, 28, 28]), classes: 10)
            #expect(members(graph).isEmpty)
        }
    }
}
