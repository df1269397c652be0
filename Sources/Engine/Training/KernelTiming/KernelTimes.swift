import Dispatch
import Foundation
import Graph
import Interchange
import Kernels

/// What dense and sparse kernels cost on this machine, measured when a layer first needs it and kept in a file by machine
/// and shape: where the costs that a `WeightLayer` chooses by come from. What was measured while the machine did other
/// things is kept for a minute.
///
/// Costs decide which kernels run and never what they compute, so a run has the same bytes with any of them, with a
/// wrong one too. That is why a file that is damaged, foreign or cannot be written is passed over without a word.
package final class KernelTimes: Sendable {
    /// Times the dense passes of a layer, and the sparse ones at some densities.
    package typealias Measure = @Sendable (LayerShape, [Double]) -> KernelCosts

    /// Nil: nothing is kept.
    private let path: String?
    private let measure: Measure
    /// Seconds since 1970.
    private let clock: @Sendable () -> Double
    private let known: Locked<Known>

    private struct Known {
        var tables: [LayerShape: Table] = [:]
        var isRead = false
        var isSaved = true
        var measuredSeconds = 0.0
    }

    /// The costs of a layer and when they were taken, in seconds since 1970.
    struct Table: Codable {
        var costs: KernelCosts
        var taken: Double

        /// Taken while the machine did other things, or contradicted by steps: good for the moment.
        var isNoisy: Bool { costs.spread > KernelTimes.mostSpread }
        func isStale(_ now: Double) -> Bool { isNoisy && !(0..<KernelTimes.noisySeconds).contains(now - taken) }
    }

    /// A table whose figures varied by more than `mostSpread` is measured again `noisySeconds` after it was taken.
    static let mostSpread = 0.15
    static let noisySeconds = 60.0

    /// Of measuring in one process. Beyond it what is not known stays so, and its layers run by sparse kernels: a network of
    /// thousands of layers, no two alike, must not stand still for minutes at its first cut.
    private static let mostSeconds = 10.0

    package init(
        path: String?, measure: @escaping Measure = KernelTimes.measure,
        clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.path = path
        self.clock = clock
        self.measure = measure
        known = Locked(Known())
    }

    /// Costs of a layer for a decision at a density, measured now where they are not known or not to be trusted; nil where there
    /// is no time left for that, or nothing to choose: grouped layers have sparse kernels only, and below
    /// `KernelCosts.leastDensity` those always win.
    package func costs(of map: WeightMap, samples: Int, density: Double) -> KernelCosts? {
        guard map.groups == 1, density >= KernelCosts.leastDensity else { return nil }
        let shape = LayerShape(map, samples: samples)
        return known.withLock { known in
            readOnce(&known)
            let now = clock()
            let old = known.tables[shape]
            let have = old?.costs.points.map(\.density) ?? []
            let missing = KernelCosts.neighbours(of: density).filter { !have.contains($0) }
            let isStale = old?.isStale(now) == true
            guard isStale || !missing.isEmpty else { return old?.costs }
            guard known.measuredSeconds < Self.mostSeconds else { return missing.isEmpty ? old?.costs : nil }
            let start = DispatchTime.now().uptimeNanoseconds
            let fresh = measure(shape, isStale ? have + missing : missing)
            known.measuredSeconds += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            // A stale table makes way for any, and of what was joined to another the older part goes on ageing.
            let table =
                old.flatMap { isStale ? nil : Table(costs: $0.costs.joined(by: fresh), taken: $0.taken) }
                ?? Table(costs: fresh, taken: now)
            known.tables[shape] = table
            known.isSaved = false
            return table.costs
        }
    }

    /// Steps of training took another kernel to be clearly faster than the table says: it is measured again by whoever asks for
    /// it after a while, or in a later session.
    package func doubt(_ map: WeightMap, samples: Int) {
        known.withLock { known in
            guard var table = known.tables[LayerShape(map, samples: samples)], !table.isNoisy else { return }
            table.costs.spread = 1
            known.tables[LayerShape(map, samples: samples)] = table
            known.isSaved = false
        }
    }

    // MARK: The file

    private struct File: Codable {
        /// The program that measured: another build may have other kernels.
        var program: String
        var layers: [Entry]

        struct Entry: Codable {
            var shape: LayerShape
            var table: Table
        }
    }

    private func readOnce(_ known: inout Known) {
        guard !known.isRead else { return }
        known.isRead = true
        known.tables = read()
    }

    private func read() -> [LayerShape: Table] {
        guard let path, let bytes = try? FileBytes.read(path, limit: 1 << 24),
            let file = try? JSONDecoder().decode(File.self, from: Data(bytes)), file.program == Self.program
        else { return [:] }
        return Dictionary(
            file.layers.filter(\.table.costs.isPlausible).map { ($0.shape, $0.table) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Writes what was measured since the last time, together with what another process wrote meanwhile.
    package func save() {
        guard let path else { return }
        known.withLock { known in
            guard !known.isSaved else { return }
            // Tried once: a folder that cannot be written to now costs no second try before the next measurement.
            known.isSaved = true
            for (shape, table) in read() {
                // What is doubted here stands there as it was before.
                if let mine = known.tables[shape], !mine.isNoisy || table.isNoisy || table.taken <= mine.taken {
                    continue
                }
                known.tables[shape] = table
            }
            let layers = known.tables.map { File.Entry(shape: $0, table: $1) }
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
