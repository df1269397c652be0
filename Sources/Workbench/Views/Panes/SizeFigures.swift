import Training

/// What a row of the table of sizes holds: of one layer, or the sums of several.
struct SizeFigures {
    /// By encoding; nil where one of the layers cannot be written so.
    var bytes: [Int?]
    /// Place of the encoding of fewest bytes.
    var smallest: Int?
    /// Of each layer in its own smallest encoding.
    var best: Int
    var dense: Int
    var kept: Int
    /// Nil: not measured.
    var active: Double?
    var seconds: Double?
    /// Of several layers.
    var isSum: Bool

    /// - Parameter members: numbers of layers.
    init(_ members: [Int], _ size: SizeAnswer, _ cost: ImageCostAnswer?) {
        let layers = members.map { size.layers[$0] }
        isSum = layers.count > 1
        bytes = size.encodings.indices.map { place in
            layers.reduce(Int?.some(0)) { sum, layer in
                sum.flatMap { sum in layer.bytes[place].map { sum + $0 } }
            }
        }
        smallest = Self.smallest(bytes)
        best = layers.reduce(0) { $0 + ($1.bytes[$1.smallest] ?? 0) }
        dense = members.reduce(0) { $0 + size.operations.layers[$1].dense }
        kept = members.reduce(0) { $0 + size.operations.layers[$1].kept }
        active = nil
        seconds = nil
        guard let cost, cost.operations.layers.count == size.layers.count else { return }
        active = members.reduce(Double?.some(0)) { sum, layer in
            sum.flatMap { sum in cost.operations.layers[layer].active.map { sum + $0 } }
        }
        if let parts = cost.parts { seconds = members.reduce(0) { $0 + parts.layers[$1] } }
    }

    /// Of the whole network, with what belongs to no layer.
    init(_ size: SizeAnswer, _ cost: ImageCostAnswer?) {
        isSum = true
        (bytes, best) = (size.sums, size.best)
        smallest = Self.smallest(size.sums)
        (dense, kept) = (size.operations.dense, size.operations.kept)
        active = cost?.operations.layers.count == size.layers.count ? cost?.operations.active : nil
        seconds = cost?.parts?.whole
    }

    private static func smallest(_ bytes: [Int?]) -> Int? {
        bytes.indices.filter { bytes[$0] != nil }.min { bytes[$0]! < bytes[$1]! }
    }
}
