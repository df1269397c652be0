import Descriptors

/// A layer's weights in one encoding, with one kind of value.
package struct EncodedLayer: Sendable {
    package let encoding: any Encoding
    package let values: any ValueEncoding

    package init(_ encoding: any Encoding, _ values: any ValueEncoding) {
        (self.encoding, self.values) = (encoding, values)
    }

    /// Exact bytes of `tensors`, from the pattern alone; nil where the encoding refuses the layer.
    package func bytes(_ kept: KeptWeights) -> Int? {
        guard encoding.refusal(kept) == nil else { return nil }
        let places = encoding.size(kept)
        return places.bytes + values.bytes(entries: places.entries, rows: kept.rows)
    }

    /// The encoding of fewest bytes; the first in the list among equal ones.
    package static func smallest(_ kept: KeptWeights, _ values: any ValueEncoding) -> EncodedLayer {
        var best = EncodedLayer(Encodings.all[0], values)
        for encoding in Encodings.all.dropFirst() {
            let other = EncodedLayer(encoding, values)
            if let bytes = other.bytes(kept), bytes < best.bytes(kept)! { best = other }
        }
        return best
    }

    /// - Parameter weights: of the kept ones, ascending.
    /// - Throws: `ArgumentError` where the encoding refuses the layer, or its values one of the weights.
    package func tensors(_ name: String, _ kept: KeptWeights, _ weights: [Float]) throws -> [Tensor] {
        precondition(weights.count == kept.nnz)
        if let refusal = encoding.refusal(kept) {
            throw ArgumentError.outOfRange(
                name: encoding.name, of: name, value: refusal, accepted: "another encoding, or 'best'")
        }
        let places = encoding.places(name, kept)
        return try places.tensors
            + values.tensors(
                name, places.entries.map { $0 < 0 ? nil : weights[$0] },
                rowOf: places.entries.map { $0 < 0 ? 0 : kept.indices[$0] / kept.columns }, rows: kept.rows)
    }

    /// What `tensors` wrote. A kept weight whose value is zero reads back as cut where the encoding has zeros of its own.
    /// - Throws: `FileProblem`.
    package func read(
        _ name: String, rows: Int, columns: Int, from file: TensorFile
    ) throws -> (kept: KeptWeights, weights: [Float]) {
        let positions = try encoding.positions(name, rows: rows, columns: columns, from: file)
        let found = try values.values(
            name, rowOf: positions.map { $0 < 0 ? 0 : $0 / columns }, rows: rows, from: file)
        let pairs = zip(positions, found).filter { encoding.isExact || $1 != 0 }.sorted { $0.0 < $1.0 }
        guard pairs.first.map({ $0.0 >= 0 }) ?? true, zip(pairs, pairs.dropFirst()).allSatisfy({ $0.0 < $1.0 }) else {
            throw FileProblem(
                path: file.path, place: "tensor \(FileProblem.quote(name))",
                found: "a weight twice, or outside the layer", expected: "each place once")
        }
        return (KeptWeights(rows: rows, columns: columns, indices: pairs.map { $0.0 }), pairs.map { $0.1 })
    }
}
