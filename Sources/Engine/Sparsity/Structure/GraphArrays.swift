import Graph
import Kernels

/// What a graph's nodes hold: the weights of those that have them, in the order of the nodes, and the parameters.
package struct GraphArrays: Sendable, Equatable {
    package var layers: [LayerArrays]
    package var parameters: [ParameterState]

    package init(layers: [LayerArrays], parameters: [ParameterState]) {
        self.layers = layers
        self.parameters = parameters
    }

    package init(_ network: Network, withSlots: Bool = false) {
        layers = network.layers.map { $0.live(withSlots: withSlots) }
        parameters = network.parameters.map { $0.state(withSlots: withSlots) }
    }

    /// Puts them into a network of their graph. A network without optimizer state takes none.
    package func fill(_ network: Network) {
        for (layer, arrays) in zip(network.layers, layers) {
            var arrays = arrays
            if layer.slots.isEmpty { (arrays.slots, arrays.biasSlots) = ([], []) }
            layer.set(arrays)
        }
        for (parameter, state) in zip(network.parameters, parameters) { parameter.set(state) }
    }

    /// Without optimizer state.
    package var withoutSlots: GraphArrays {
        var copy = self
        for number in copy.layers.indices {
            copy.layers[number].slots = []
            copy.layers[number].biasSlots = []
        }
        for number in copy.parameters.indices { copy.parameters[number].slots = [] }
        return copy
    }
}

/// The weights of a graph's nodes, as the nodes use them.
package struct NodeWeights {
    package let shape: WeightShape
    package let arrays: LayerArrays

    package init(shape: WeightShape, arrays: LayerArrays) {
        self.shape = shape
        self.arrays = arrays
    }

    /// Each weight that is not zero, in order.
    @inline(__always)
    package func forEachNonzero(_ body: (_ row: Int, _ channel: Int, _ tap: Int, _ value: Float, _ live: Int) -> Void) {
        let columns = shape.columns, taps = shape.window.taps
        let ofGroup = shape.channels / shape.groups, rowsOfGroup = shape.rows / shape.groups
        arrays.values.withUnsafeBufferPointer { values in
            guard let indices = arrays.indices else {
                var live = 0
                for row in 0..<shape.rows {
                    let first = row / rowsOfGroup * ofGroup
                    for channel in first..<first + ofGroup {
                        for tap in 0..<taps {
                            if values[live] != 0 { body(row, channel, tap, values[live], live) }
                            live += 1
                        }
                    }
                }
                return
            }
            for (live, value) in values.enumerated() where value != 0 {
                let (row, column) = indices[live].quotientAndRemainder(dividingBy: columns)
                body(row, row / rowsOfGroup * ofGroup + column / taps, column % taps, value, live)
            }
        }
    }
}

extension Graph {
    /// Of each node: which of the arrays of layers it uses.
    package var layerNumbers: [Int?] {
        var count = 0
        var numbers: [Int?] = []
        for node in nodes {
            if let owner = node.weightsOf {
                numbers.append(numbers[owner])
            } else if node.weightShape != nil {
                numbers.append(count)
                count += 1
            } else {
                numbers.append(nil)
            }
        }
        return numbers
    }
}
