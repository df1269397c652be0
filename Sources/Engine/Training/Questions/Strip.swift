/// Biases of a layer, for the one-row strip.
package struct StripQuery: Question {
    package static let kind = Query.Kind.strip
    package static let manner = Manner.picture

    package var layer: String

    package init(layer: String) { self.layer = layer }

    package func answer(from evidence: Evidence, _ reply: (StripAnswer) -> Void) throws {
        reply(StripAnswer(biases: evidence.copy.state.layers[try evidence.layer(layer)].arrays.bias))
    }
}

package struct StripAnswer: QuestionReply {
    package var biases: [Float]

    package init(biases: [Float]) { self.biases = biases }
}

extension Query.Kind {
    package static let strip = Query.Kind("strip")
}

extension Query {
    package static func strip(layer: String) -> Query { Query(StripQuery(layer: layer)) }
}
