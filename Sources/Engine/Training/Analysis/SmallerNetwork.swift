import Descriptors
import Graph

extension Graph {
    /// The same network with fewer features and channels throughout, so that it has at most so many weights: each count but
    /// those of the outputs times one factor, one at least.
    ///
    /// - Throws: `AnalysisError` where nothing can be made smaller that far; `GraphError` where sizes are written out in the
    ///   graph and do not fit any more.
    package func narrowed(toWeights most: Int) throws -> Graph {
        var low = 0.0, high = 1.0
        guard weights > most else { return self }
        var best: Graph?
        // The number of weights rises with the factor; 40 halvings are finer than any count.
        for _ in 0..<40 {
            let factor = (low + high) / 2
            let made = try narrowed(by: factor)
            if made.weights <= most {
                best = made
                low = factor
            } else {
                high = factor
            }
        }
        guard let best else {
            throw AnalysisError("no network of this form has as few as \(most) weights")
        }
        return best
    }

    private var weights: Int { nodes.reduce(0) { $0 + ($1.ownWeights?.weights ?? 0) } }

    private func narrowed(by factor: Double) throws -> Graph {
        var list = NodeList(self)
        let isRead = isReadByWeights
        for (number, node) in nodes.enumerated() where node.ownWeights != nil {
            guard isRead[number] else { continue }
            for key in ["outputs", "channels", "groups"] {
                guard case .integer(let count)? = list.nodes[number].arguments?[key]?.value, count > 1 else { continue }
                let fewer = max(1, Int((factor * Double(count)).rounded()))
                list.nodes[number].arguments?[key] = WrittenValue(.integer(fewer))
            }
        }
        return try list.graph()
    }
}
