import Training

extension FakePort {
    static let encodings = [
        "dense", "bitmask", "csr32", "csr16", "csr8", "delta8", "delta5", "blocks4x1", "blocks1x4", "blocks4x4", "nm4",
        "nm8", "nm16",
    ]

    private var operations: ImageOperations {
        ImageOperations(
            layers: network.map { .init(dense: $0.status.weights, kept: $0.status.kept) }, products: 0)
    }

    /// Bytes that are easily told apart; an encoding in the middle refuses the last layer.
    var sizes: SizeAnswer {
        SizeAnswer(
            encodings: FakePort.encodings,
            layers: network.enumerated().map { number, layer in
                let (all, kept) = (layer.status.weights, layer.status.kept)
                var bytes: [Int?] = FakePort.encodings.indices.map { 4 * kept + (13 - $0) * layer.status.rows }
                bytes[0] = 4 * all
                bytes[1] = 4 * kept + (all + 7) / 8
                if number == network.count - 1 { bytes[12] = nil }
                let smallest = bytes.indices.filter { bytes[$0] != nil }.min { bytes[$0]! < bytes[$1]! }
                return .init(
                    name: layer.status.name, bytes: bytes, smallest: smallest ?? 0, entropyBound: Double(4 * kept))
            }, operations: operations, kept: network.reduce(0) { $0 + $1.status.kept }, step: stepNow)
    }

    /// The time first, then the zeros of activations: half of what is kept.
    var costs: [ImageCostAnswer] {
        let seconds = network.map { Double($0.status.kept) * 1e-9 }
        var answer = ImageCostAnswer(
            parts: .init(whole: seconds.reduce(2e-6, +), layers: seconds, others: 2e-6), operations: operations,
            doing: "counting zero activations", step: stepNow)
        let first = answer
        for layer in network.indices { answer.operations.layers[layer].active = Double(network[layer].status.kept) / 2 }
        answer.operations.images = 64
        answer.doing = nil
        return [first, answer]
    }
}
