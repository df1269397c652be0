import Descriptors

extension NamedNetworks {
    static let encoderMini = Named(
        "encoder-mini", "two transformer layers of 64 features and four heads over up to 256 different tokens",
        citation: "Vaswani et al. 2017, arXiv:1706.03762"
    ) { input, outputs in
        guard input.rank == 1 else {
            throw GraphError.shape(node: "encoder-mini", found: "\(input)", expected: "a row of token numbers")
        }
        let tokens = input[0], features = 64, heads = 4, hidden = 256
        let each = features / heads
        var list = EntryList()
        try list.add(
            "embedding", "embedding", ["vocabulary": .integer(256), "features": .integer(features)])
        // Weights of tokens are 1×1 convolutions: features are the channels.
        try list.add("by-features", "transpose", ["perm": .integers([1, 0])])
        let embedded = list.last
        list.add("positions", Constant(shape: Shape([features, tokens]), isTrained: true))
        list.add("embedded", Add(), embedded, "positions")
        func norm(_ name: String) throws { try list.add(name, "layer-norm", ["axes": .integers([0])]) }
        func linear(_ name: String, _ outputs: Int, _ input: String) -> String {
            list.add(name, Convolution(channels: outputs, kernel: 1), input)
        }
        func split(_ name: String, _ input: String) throws -> String {
            try list.add(name, "reshape", ["shape": .integers([heads, each, tokens])], input)
        }
        for number in 1...2 {
            let name = "layer\(number)", before = list.last
            try norm("\(name).norm1")
            let normed = list.last
            let query = try split("\(name).queries", linear("\(name).query", features, normed))
            let key = try split("\(name).keys", linear("\(name).key", features, normed))
            let value = try split("\(name).values", linear("\(name).value", features, normed))
            try list.add("\(name).products", "matmul", ["transpose-a": .boolean(true)], query, key)
            try list.add("\(name).scaled", "affine", ["scale": .number(1 / Double(each).squareRoot())])
            let shares = try list.add("\(name).attention", "softmax", ["axis": .integer(-1)])
            try list.add("\(name).mixed", "matmul", ["transpose-b": .boolean(true)], value, shares)
            try list.add("\(name).joined", "reshape", ["shape": .integers([features, tokens])])
            let attended = linear("\(name).output", features, list.last)
            let middle = list.add("\(name).add1", Add(), before, attended)
            try norm("\(name).norm2")
            _ = linear("\(name).fc1", hidden, list.last)
            try list.add("\(name).gelu", "gelu")
            _ = linear("\(name).fc2", features, list.last)
            list.add("\(name).add2", Add(), middle, list.last)
        }
        try norm("norm")
        try list.add("mean", "reduce", ["axes": .integers([1]), "keep": .boolean(false)])
        list.add("fc", Linear(outputs: outputs))
        return try Graph(input: input, list.entries)
    }
}
