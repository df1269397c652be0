import Descriptors
import Graph

/// An attention of three heads over thirteen tokens, written in one of the ways that files have.
struct AttentionForm: CustomStringConvertible, Sendable {
    let description: String
    /// Whether it is run as one.
    let isOne: Bool
    private let between: [String]
    private let sharesAreLeft: Bool
    private let softmaxAxis: Int

    static let all = [
        AttentionForm(description: "plain", isOne: true),
        AttentionForm(description: "scaled", isOne: true, between: ["affine"]),
        AttentionForm(description: "shares first", isOne: true, between: ["affine", "tanh"], sharesAreLeft: true),
        AttentionForm(description: "dropped", isOne: true, between: ["dropout", "affine"], sharesAreLeft: true),
        AttentionForm(description: "read twice", isOne: false, between: ["add"]),
        AttentionForm(description: "by columns", isOne: false, softmaxAxis: 1),
    ]

    private init(
        description: String, isOne: Bool, between: [String] = [], sharesAreLeft: Bool = false, softmaxAxis: Int = -1
    ) {
        (self.description, self.isOne, self.between) = (description, isOne, between)
        (self.sharesAreLeft, self.softmaxAxis) = (sharesAreLeft, softmaxAxis)
    }

    func graph() throws -> Graph {
        let (heads, each, tokens) = (3, 4, 13), features = heads * each
        var entries: [Graph.Entry] = []
        func add(_ name: String, _ kind: String, _ arguments: [String: Value] = [:], _ inputs: String...) throws {
            entries.append(.init(name, try Operators.make(kind, arguments), inputs: inputs))
        }
        for name in ["query", "key", "value"] {
            entries.append(.init(name, Convolution(channels: features, kernel: 1), inputs: [Graph.inputName]))
            try add("\(name)-heads", "reshape", ["shape": .integers([heads, each, tokens])], name)
        }
        // One operand as the projection left it, the other turned around before.
        try add("keys", "transpose", ["perm": .integers([0, 2, 1])], "key-heads")
        try add(
            "products", "matmul", ["transpose-a": .boolean(true), "transpose-b": .boolean(true)], "query-heads", "keys")
        var last = "products"
        for kind in between where kind != "dropout" {
            try kind == "add"
                ? add(kind, kind, [:], last, last)
                : add(kind, kind, kind == "affine" ? ["scale": .number(0.5)] : [:], last)
            last = kind
        }
        try add("shares", "softmax", ["axis": .integer(softmaxAxis)], last)
        last = "shares"
        if between.contains("dropout") {
            try add("dropout", "dropout", ["rate": .number(0.5)], last)
            last = "dropout"
        }
        if sharesAreLeft {
            try add("mixed", "matmul", ["transpose-b": .boolean(true)], last, "value-heads")
            try add("turned", "transpose", ["perm": .integers([0, 2, 1])], "mixed")
        } else {
            try add("turned", "matmul", ["transpose-b": .boolean(true)], "value-heads", last)
        }
        try add("joined", "reshape", ["shape": .integers([features, tokens])], "turned")
        entries.append(.init("output", Convolution(channels: 5, kernel: 3, padding: 1)))
        return try Graph(input: Shape([6, tokens]), entries)
    }
}
