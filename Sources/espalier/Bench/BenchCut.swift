import Graph
import Kernels
import Training

/// Cuts the layers of a benchmark as training does: their passes run by the kernels that are faster on this machine.
enum BenchCut {
    static let times = KernelTimes.cached()
    /// By then a trainer has chosen, or nothing will make it.
    static let mostSteps = 200

    /// - Parameter samples: of a batch, for which the kernels are chosen; a single one has kernels of its own.
    static func cut(_ layer: WeightLayer, _ keep: [Bool], samples: Int) {
        let arrays = layer.live().keeping(keep)
        let density = Double(arrays.values.count) / Double(max(layer.map.weights, 1))
        layer.costs = samples == 1 ? nil : times.costs(of: layer.map, samples: samples, density: density)
        layer.set(arrays)
        times.save()
    }

    /// Those of the passes that dense kernels run.
    static func dense(_ passes: [WeightPass], of layer: WeightLayer) -> [WeightPass] {
        passes.filter { layer.densePasses.contains($0) }
    }
}
