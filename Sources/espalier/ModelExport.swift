import Graph
import Interchange
import Kernels
import Models
import Training

/// A network as a file that others read. What `inspect` says of its size is what `export` writes.
struct ModelExport {
    enum Format: String, CaseIterable {
        case onnx, safetensors, npz
    }

    let network: Network
    /// The ONNX file that it came from, without its weights.
    let frame: ONNXFrame?
    let metadata: [(key: String, value: String)]

    init(_ opened: OpenedNetwork) {
        self.init(opened.network, frame: opened.frame, recipe: opened.recipe.name, step: opened.step)
    }

    init(_ network: Network, frame: ONNXFrame?, recipe: String, step: Int) {
        self.network = network
        self.frame = frame
        let total = network.layers.reduce(0) { $0 + $1.map.weights }
        let zeros = total - network.layers.reduce(0) { $0 + $1.nnz }
        metadata = [
            ("espalier.recipe", recipe), ("espalier.step", "\(step)"),
            ("espalier.sparsity", "\(Double(zeros) / Double(max(1, total)))"),
        ]
    }

    /// The file in pieces.
    /// - Throws: `ExportProblem` where ONNX has nothing for an operator.
    func onnx(isSparse: Bool = false, folds: Bool = false, opset: Int = 17) throws -> [[UInt8]] {
        var options = ExportOptions()
        options.isSparse = isSparse
        options.folds = folds
        options.opset = opset
        options.metadata = metadata
        return try Models.onnx(network.graph, ModelArrays(network), frame: frame, options: options)
    }

    func bytes(isSparse: Bool) throws -> Int { try onnx(isSparse: isSparse).reduce(0) { $0 + $1.count } }

    /// - Throws: `ZerosProblem`.
    func tensors(isSparse: Bool) throws -> [Tensor] {
        var sparse: [String: [Tensor]] = [:]
        for layer in network.layers where isSparse {
            let live = layer.live(withSlots: false)
            guard let indices = live.indices else { continue }
            sparse[layer.name] = SparseTensor(
                rows: layer.map.rows, columns: layer.map.columns, indices: indices, values: live.values
            ).tensors("\(layer.name).weight")
        }
        return Models.tensors(
            network.graph, try ModelArrays(network, besides: Set(sparse.keys)), others: sparse)
    }
}
