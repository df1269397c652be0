import Interchange
import Sparsity

/// Exact bytes of each layer's weights in every encoding, and the multiply-adds of one image: what counting alone tells.
package struct SizeQuery: Question {
    package static let kind = Query.Kind.size
    package static let manner = Manner(extent: .weights, lane: .files, copyAgeSeconds: 1, pace: .seconds(10))

    /// What a value is kept as.
    package var values: String
    /// Changes by hand so far: after one the counts are asked for at once.
    package var edits: Int

    package init(values: String, edits: Int) {
        self.values = values
        self.edits = edits
    }

    package func answer(from evidence: Evidence, _ reply: (SizeAnswer) -> Void) throws {
        let copy = evidence.copy
        let form = try ValueEncodings.make(values)
        var layers: [SizeAnswer.Layer] = []
        for (layer, shape) in zip(copy.state.layers, copy.layerShapes) {
            if evidence.isCancelled() { return }
            // Of one layer at a time: all positions of a dense one are a large array.
            let kept = KeptWeights(
                rows: shape.rows, columns: shape.columns, indices: layer.arrays.indices ?? Array(0..<layer.total))
            layers.append(SizeAnswer.Layer(layer.name, EncodedSizes(kept, form)))
        }
        reply(
            SizeAnswer(
                encodings: Encodings.all.map { $0.name }, layers: layers,
                operations: ImageOperations(copy.plan.graph, copy.state.arrays),
                kept: copy.state.layers.reduce(0) { $0 + $1.arrays.values.count }, step: copy.step))
    }
}

package struct SizeAnswer: QuestionReply {
    package struct Layer: Codable, Sendable, Equatable {
        package var name: String
        /// In the order of the encodings; nil where one refuses the layer.
        package var bytes: [Int?]
        /// Place of the smallest.
        package var smallest: Int
        package var entropyBound: Double

        package init(name: String, bytes: [Int?], smallest: Int, entropyBound: Double) {
            self.name = name
            self.bytes = bytes
            self.smallest = smallest
            self.entropyBound = entropyBound
        }

        fileprivate init(_ name: String, _ sizes: EncodedSizes) {
            self.init(
                name: name, bytes: sizes.bytes, smallest: sizes.smallest, entropyBound: sizes.entropyBound)
        }
    }

    package var encodings: [String]
    package var layers: [Layer]
    /// The sums of all layers, in one encoding each; of the smallest of each layer.
    package private(set) var sums: [Int?]
    package private(set) var best: Int
    package private(set) var entropyBound: Double
    /// Without what has to be measured.
    package var operations: ImageOperations
    /// Weights that were there.
    package var kept: Int
    package var step: Int

    package init(encodings: [String], layers: [Layer], operations: ImageOperations, kept: Int, step: Int) {
        self.encodings = encodings
        self.layers = layers
        sums = encodings.indices.map { place in
            layers.reduce(Int?.some(0)) { sum, layer in sum.flatMap { sum in layer.bytes[place].map { sum + $0 } } }
        }
        best = layers.reduce(0) { $0 + ($1.bytes[$1.smallest] ?? 0) }
        entropyBound = layers.reduce(0) { $0 + $1.entropyBound }
        self.operations = operations
        self.kept = kept
        self.step = step
    }
}

extension Query.Kind {
    package static let size = Query.Kind("size")
}
