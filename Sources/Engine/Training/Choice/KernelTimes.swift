import Dispatch
import Foundation
import Graph
import Interchange
import Kernels

/// What dense and sparse kernels cost on this machine, measured when a layer first needs it and kept in a file by machine
/// and shape: where the costs that a `WeightLayer` chooses by come from.
///
/// Costs decide which kernels run and never what they compute, so a run has the same bytes with any of them, with a
/// wrong one too. That is why a file that is damaged, foreign or cannot be written is passed over without a word.
package final class KernelTimes: Sendable {
    /// Times the dense passes of a layer, and the sparse ones at some densities.
    package typealias Measure = @Sendable (LayerShape, [Double]) -> KernelCosts

    /// Nil: nothing is kept.
    private let path: String?
    private let measure: Measure
    private let known: Locked<Known>

    private struct Known {
        var costs: [LayerShape: KernelCosts] = [:]
        var isRead = false
        var isSaved = true
        var measuredSeconds = 0.0
    }

    /// Of measuring in one process. Beyond it what is not known stays so, and its layers run by sparse kernels: a network of
    /// thousands of layers, no two alike, must not stand still for minutes at its first cut.
    private static let mostSeconds = 10.0

    package init(path: String?, measure: @escaping Measure = KernelTimes.measure) {
        self.path = path
        self.measure = measure
        known = Locked(Known())
    }

    /// Costs of a layer for a decision at a density, measured now where they are not known; nil where there is no time left for
    /// that, or nothing to choose: grouped layers have sparse kernels only, and below `KernelCosts.leastDensity` those always
    /// win.
    package func costs(of map: WeightMap, samples: Int, density: Double) -> KernelCosts? {
        guard map.groups == 1, density >= KernelCosts.leastDensity else { return nil }
        let shape = LayerShape(map, samples: samples)
        return known.withLock { known in
            if !known.isRead {
                known.isRead = true
                known.costs = read()
            }
            var costs = known.costs[shape]
            let missing = KernelCosts.neighbours(of: density).filter { wanted in
                costs?.points.contains { $0.density == wanted } != true
            }
            if !missing.isEmpty {
                guard known.measuredSeconds < Self.mostSeconds else { return nil }
                let start = DispatchTime.now().uptimeNanoseconds
                let measured = measure(shape, missing)
                known.measuredSeconds += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
                // Dense and sparse figures that are compared come from one moment, as far as can be.
                var merged = KernelCosts(dense: costs?.dense ?? measured.dense)
                for point in (costs?.points ?? []) + measured.points { merged.insert(point) }
                costs = merged
                known.costs[shape] = merged
                known.isSaved = false
            }
            return costs!
        }
    }

    // MARK: Measuring

    /// Seconds of the whole layer on one thread, from samples of it; on the caller's queue. Takes some tens of milliseconds
    /// for a shape that is new, and half of that for a density that is.
    package static let measure: Measure = { shape, densities in
        let sample = LayerSample(shape.sample, of: shape), gradient = LayerSample(shape.gradientSample, of: shape)
        func passes(_ pattern: (LayerSample) -> any WeightPattern) -> KernelCosts.Passes {
            let subject = sample.timer.subject(pattern(sample))
            return KernelCosts.Passes(
                forward: sample.seconds(.forward, subject), inputGradient: sample.seconds(.inputGradient, subject),
                weightGradient: gradient.seconds(.weightGradient, gradient.timer.subject(pattern(gradient))))
        }
        let points = densities.map { density in
            let sparse = passes { sample in
                SparsePattern(
                    map: sample.map, indices: sample.timer.indices(density: density), needsInputGradient: true)
            }
            let (scatter, gather) = sample.copySeconds(density: density)
            return KernelCosts.Point(
                density: density, sparse: sparse, gradients: sample.gradientsSeconds(density: density),
                scatter: scatter, gather: gather)
        }
        return KernelCosts(dense: passes { DensePattern(map: $0.map) }, points: points)
    }

    // MARK: The file

    private struct File: Codable {
        /// The program that measured: another build may have other kernels.
        var program: String
        var layers: [Entry]

        struct Entry: Codable {
            var shape: LayerShape
            var costs: KernelCosts
        }
    }

    private func read() -> [LayerShape: KernelCosts] {
        guard let path, let bytes = try? FileBytes.read(path, limit: 1 << 24),
            let file = try? JSONDecoder().decode(File.self, from: Data(bytes)), file.program == Self.program
        else { return [:] }
        return Dictionary(
            file.layers.filter(\.costs.isPlausible).map { ($0.shape, $0.costs) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Writes what was measured since the last time, together with what another process wrote meanwhile.
    package func save() {
        guard let path else { return }
        known.withLock { known in
            guard !known.isSaved else { return }
            // Tried once: a folder that cannot be written to now costs no second try before the next measurement.
            known.isSaved = true
            for (shape, costs) in read() where known.costs[shape] == nil { known.costs[shape] = costs }
            let layers = known.costs.map { File.Entry(shape: $0, costs: $1) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            guard let data = try? encoder.encode(File(program: Self.program, layers: layers)) else { return }
            let folder = Files.folder(of: path)
            try? Files.makeFolder(folder)
            AtomicFile.removeLeftOvers(in: folder)
            try? AtomicFile.write([UInt8](data), to: path)
        }
    }
}
