import Graph

/// The one guard of every change of masks, by schedule, by L1 or by hand: a path from the input to the output stays,
/// through weights that are there and not zero. What a path is, `Paths` says.
package struct PathGuard: Sendable {
    private let paths: Paths

    package init(_ graph: Graph) { paths = Paths(graph) }

    package func isJoined(_ layers: [PathLayer]) -> Bool { paths.isJoined(layers) }

    /// - Parameter passes: whether a path may go through a weight, by layer and place among its weights. Few are asked for.
    package func isJoined(_ layers: [PathLayer], passes: (_ layer: Int, _ live: Int) -> Bool) -> Bool {
        paths.isJoined(layers, passes: passes)
    }

    /// A path through weights that may be passed, from the output back; nil where there is none. Few are asked for.
    package func path(
        _ layers: [PathLayer], passes: (_ layer: Int, _ live: Int) -> Bool
    ) -> [(layer: Int, live: Int)]? {
        paths.strongest(layers) { passes($0, $1) ? Paths.certain : 0 }?.weights
    }

    /// The weights of the path whose weakest weight is the strongest, from the output back; nil where no path leads through
    /// the weights given.
    ///
    /// - Parameter score: of a weight; its place in the order in which equal scores are cut; whether it stays anyway.
    package func strongest(
        _ layers: [PathLayer], _ score: (_ layer: Int, _ live: Int) -> (score: Float, order: Int, stays: Bool)
    ) -> [(layer: Int, live: Int)]? {
        paths.strongest(layers) { layer, live in
            let (score, order, stays) = score(layer, live)
            return stays ? Paths.certain : Self.strength(score, order)
        }?.weights
    }

    /// - Parameter score: nil: weaker than every score.
    private static func strength(_ score: Float?, _ order: Int) -> Paths.Strength {
        let key = score.map { max(1, Paths.Strength(Selection.key($0))) } ?? 0
        return key << 32 | Paths.Strength(min(order + 1, Int(UInt32.max) - 1))
    }

    /// The weights that must stay so that a path does, where none stays by itself.
    ///
    /// - Parameters:
    ///   - layers: live weights, in the order of the graph.
    ///   - stays: whether a live weight stays by itself, by layer and place. One that is zero joins nothing.
    ///   - score: of a weight, and its place in the order in which equal scores are cut.
    /// - Returns: nil where a path stays by itself.
    /// - Complexity: of `Paths`.
    package func weightsToSpare(
        _ layers: [LiveWeights], stays: (_ layer: Int, _ live: Int) -> Bool,
        score: (_ layer: Int, _ live: Int) -> (score: Float, order: Int)
    ) -> Spared? {
        let flags = layers.enumerated().map { number, layer in
            layer.values.indices.map { stays(number, $0) && layer.values[$0] != 0 }
        }
        if isJoined(zip(layers, flags).map { PathLayer(indices: $0.indices, flags: $1) }) { return nil }
        // A criterion may rank a zero high: as a path it is no more than a place where one may grow.
        let path = paths.strongest(layers.map { PathLayer(indices: $0.indices) }) { layer, live in
            if flags[layer][live] { return Paths.certain }
            let (score, order) = score(layer, live)
            return Self.strength(layers[layer].values[live] == 0 ? nil : score, order)
        }?.weights
        return path.map { path in .path(path.filter { !flags[$0.layer][$0.live] }, whole: path) } ?? .impossible
    }

    package enum Spared {
        /// No path leads through the live weights: nothing that stays would join input and output.
        case impossible
        /// The weights that have to stay, and all of the path.
        case path([(layer: Int, live: Int)], whole: [(layer: Int, live: Int)])
    }
}
