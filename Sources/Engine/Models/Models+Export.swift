import Graph
import Interchange
import Kernels

extension Models {
    /// An ONNX file of a network, in pieces that follow one another.
    ///
    /// What was imported goes out as the file that it was, with these weights; where its layers are not those any more, or batch
    /// normalisations are to be folded, it is written anew from the graph. Its input and its output keep their names.
    ///
    /// - Throws: `ExportProblem` where ONNX has nothing for an operator, `FileProblem` where the frame is damaged.
    package static func onnx(
        _ graph: Graph, _ arrays: ModelArrays, frame: ONNXFrame? = nil, options: ExportOptions = ExportOptions()
    ) throws -> [[UInt8]] {
        if let frame, !options.folds, let chunks = try frame.filled(graph, arrays, options) { return chunks }
        var export = GraphExport(
            try frame?.answering(graph) ?? graph, arrays, options, ends: try frame?.ends() ?? GraphExport.Ends())
        return try export.chunks()
    }

    /// Tensors for safetensors and npz, as PyTorch names them: `conv1.weight`, `norm1.running_mean`.
    /// - Parameter others: in place of a layer's weights, by the layer's name.
    package static func tensors(_ graph: Graph, _ arrays: ModelArrays, others: [String: [Tensor]] = [:]) -> [Tensor] {
        var tensors: [Tensor] = []
        for node in graph.nodes {
            if let shape = node.ownWeights {
                if let other = others[node.name] {
                    tensors += other
                } else if let values = arrays.weights[node.name] {
                    tensors.append(Tensor("\(node.name).weight", values, shape: node.op.weightAxes(node.inputShapes)))
                }
                if let values = arrays.biases[node.name], shape.biases > 0 {
                    tensors.append(Tensor("\(node.name).bias", values, shape: [shape.rows]))
                }
            }
            for parameter in node.op.parameters(node.inputShapes) {
                let name = "\(node.name).\(parameter.name)"
                if let values = arrays.parameters[name] { tensors.append(Tensor(name, values, shape: parameter.axes)) }
            }
        }
        return tensors
    }
}

extension ModelArrays {
    /// What a network in memory holds, with every zero.
    /// - Parameter others: layers whose weights are held elsewhere.
    /// - Throws: `ZerosProblem` where that is more than memory takes.
    package init(_ network: Network, besides others: Set<String> = []) throws {
        self.init()
        let layers = network.layers.filter { !others.contains($0.name) }
        try ZerosProblem.require(4 * layers.reduce(0) { $0 + ($1.isDense ? 0 : $1.map.weights) })
        for layer in network.layers {
            let live = layer.live(withSlots: false)
            guard !others.contains(layer.name) else {
                biases[layer.name] = live.bias
                continue
            }
            add(layer.name, live, weights: layer.map.weights)
        }
        for parameter in network.parameters { parameters[parameter.name] = parameter.values.array }
    }

    /// A layer's arrays, cut or not.
    package mutating func add(_ name: String, _ arrays: LayerArrays, weights count: Int) {
        if let indices = arrays.indices {
            var values = [Float](repeating: 0, count: count)
            for (index, value) in zip(indices, arrays.values) { values[index] = value }
            weights[name] = values
        } else {
            weights[name] = arrays.values
        }
        biases[name] = arrays.bias
    }
}

/// A network that has weights for its nonzeros alone, and is asked for in a form that holds the zeros too.
package struct ZerosProblem: Error, CustomStringConvertible, Equatable {
    package let bytes: Int
    package let free: FreeMemory

    /// - Throws: itself, where so many bytes are not free.
    package static func require(_ bytes: Int, free: FreeMemory = .now) throws {
        if Double(bytes) > free.bytes { throw ZerosProblem(bytes: bytes, free: free) }
    }

    package var description: String {
        func gigabytes(_ bytes: Double) -> String { "\((bytes / 1e8).rounded() / 10) GB" }
        return
            "weights with all their zeros take \(gigabytes(Double(bytes))), and \(gigabytes(free.bytes)) are \(free.holder); "
            + "'export --encoding best' and 'export --sparse' to safetensors write a network without its zeros"
    }
}
