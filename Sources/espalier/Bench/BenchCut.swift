import Graph
import Kernels
import Training

/// Cuts the layers of a benchmark as training does: their passes run by the kernels that are faster on this machine.
enum BenchCut {
    private static let times = KernelTimes.cached()

    /// - Parameter samples: of a batch, for which the kernels are chosen.
    static func cut(_ layer: WeightLayer, _ keep: [Bool], samples: Int) {
        let arrays = layer.live().keeping(keep)
        let density = Double(arrays.values.count) / Double(max(layer.map.weights, 1))
        layer.costs = times.costs(of: layer.map, samples: samples, density: density)
        layer.set(arrays)
        times.save()
    }

    /// The passes that dense kernels run.
    static func densePasses(_ layer: WeightLayer) -> String {
        let passes = WeightPass.allCases.filter { layer.densePasses.contains($0) }.map(\.rawValue)
        return passes.isEmpty ? "none" : passes.joined(separator: " ")
    }
}
