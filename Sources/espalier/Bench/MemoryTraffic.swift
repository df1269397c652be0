import Foundation
import Graph
import Kernels

/// Bytes that one training step moves in and out of a core's own caches, from the patterns and the order in which the
/// kernels walk them. What lies beyond is memory or a cache that all cores (and, on a rented machine, strangers) share;
/// set against the bandwidth of memory it bounds the time where the shared cache does not help. A store counts twice, for
/// its line is read before it is written (as in `memoryBandwidth`).
///
/// For a layer of rows × columns with z nonzeros, P panels, L = 4 · lanes bytes a value and panel, e entries (rows that
/// have nonzeros in a tile) and b blocks of rows, C the second-level cache:
///
///     forward          P · (8 z + 8 e)               values, offsets; rows and starts of entries
///                      P · x, P · y
///     input gradient   P · (12 z + 8 e′)             and positions; values out of order, see below
///                      P · dy, P · dx
///     weight gradient  12 z + 8 e                    offsets; gradients stored
///                      P · x, P · dy, P · dy         the second time for the bias
///     update           20 z                          value and momentum to and fro, gradient
///     ReLU             P · 7 L · rows                forward 3, backward 4
///
/// What is read in a pass (x, or dy for the input gradient; `inputs` of them) costs
///
///     inputs · L                where all of it fits in C: it is fetched once
///     b · inputs · L            where only a tile does: each block of rows fetches every tile
///     z · L                     where not even a tile does: each nonzero is a miss
///
/// and what is summed (y, dx; `outputs`) 2 L · outputs for the first store, and 2 L · e more where the sums of a block do
/// not stay in C from tile to tile. The values behind positions lie z / (t · t′) apart at most, t and t′ tiles either way:
/// 4 z where such a stretch fits in C, else a line each, 64 z. What is streamed once a panel (values and pattern) counts
/// once where it fits in C.
struct MemoryTraffic {
    /// Bytes of the second-level cache.
    let cache: Int

    /// As Linux tells it, else 1 MiB.
    init() {
        let path = "/sys/devices/system/cpu/cpu0/cache/index2/size"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let digits = text.prefix { $0.isNumber }
        let shift = text.dropFirst(digits.count).first == "M" ? 20 : 10
        cache = Int(digits).map { $0 << shift } ?? 1 << 20
    }

    /// - Parameter network: linear layers with ReLU between, all of them sparse.
    func bytes(of network: Network, samples: Int) -> Double {
        network.layers.reduce(0) { sum, layer in
            guard let pattern = layer.pattern as? SparsePattern else { return sum }
            return sum + bytes(of: pattern, panels: network.panels(samples), isOutput: layer.isOutput)
        }
    }

    private func bytes(of pattern: SparsePattern, panels: Int, isOutput: Bool) -> Double {
        let map = pattern.map
        let z = pattern.nnz, line = 4 * map.input.lanes
        let forward = Walk(
            pattern.forward, inputs: map.channels, outputs: map.rows, blocks: map.rowBlocks, width: line, cache: cache)
        var bytes = panels * (forward.read + forward.summed) + streamed(8 * z + 8 * forward.entries, panels)
        // All panels of a nonzero at once.
        let all = Walk(
            pattern.forward, inputs: map.channels, outputs: map.rows, blocks: map.rowBlocks, width: line * panels,
            cache: cache)
        let rows = map.rows / map.rowBlocks * line * panels <= cache ? map.rows : all.entries
        bytes += 12 * z + 8 * all.entries + all.read + (rows + map.rows) * line * panels
        bytes += 20 * z
        if !isOutput { bytes += 7 * line * map.rows * panels }
        for transposed in pattern.transposed {
            let back = Walk(
                transposed.rows, inputs: map.rows, outputs: map.channels, blocks: map.channelStrips, width: line,
                cache: cache)
            let stretch = 4 * z / (pattern.forward.tiles * transposed.rows.tiles)
            bytes += panels * (back.read + back.summed) + streamed(8 * z + 8 * back.entries, panels)
            bytes += 4 * z <= cache ? 4 * z : panels * (stretch <= cache ? 4 : 64) * z
        }
        return Double(bytes)
    }

    private func streamed(_ bytes: Int, _ times: Int) -> Int { bytes <= cache ? bytes : times * bytes }

    /// One pass of a gather kernel over one panel.
    private struct Walk {
        let entries: Int
        let read: Int
        let summed: Int

        init(_ rows: TiledRows, inputs: Int, outputs: Int, blocks: Int, width: Int, cache: Int) {
            entries = rows.entries
            if inputs * width <= cache {
                read = inputs * width
            } else {
                read = min(rows.nnz, inputs / rows.tiles * width <= cache ? blocks * inputs : rows.nnz) * width
            }
            let staysInCache = rows.tiles == 1 || outputs / blocks * width <= cache
            summed = 2 * width * (outputs + (staysInCache ? 0 : entries))
        }
    }
}
