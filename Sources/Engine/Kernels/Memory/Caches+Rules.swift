// The sizes that stand for a cache. `Documentation/Kernels.md` has the measurements that each was chosen by.

extension Caches {
    /// What a kernel goes over again and again: the rest is for what streams past it.
    private var near: Int { first / 4 * 3 }

    /// Bytes of x that a tile of a sparse pattern reads for one group of points.
    var tileBytes: Int { near }
    /// Of a row of a linear layer in such a tile, on average: of few, pointers and reloading sums cost most, and more so the
    /// larger the cache is that a larger tile would leave.
    var tileNonzeros: Double { min(30, max(8, Double(first) / 1_600)) }

    /// Terms of a dense forward pass in a tile, at most: reading and writing the sums of six rows is little beside them.
    var denseTile: Int { max(16, first / 192) }
    /// Of the input gradient, whose weights stand apart.
    var denseGradientTile: Int { max(16, first / 320) }
    /// Bytes of x in all panels, of the terms of a linear layer's dense weight gradient that all rows pass over.
    var denseTermsBytes: Int { first / 8 * 3 }

    /// Positions that a kernel goes over with so many rows of x and dy, 64 bytes of each a position.
    func positions(rows: Int) -> Int { max(1, near / (64 * rows)) }

    /// Chains of an image's weight gradient, 64 bytes each, that wait in memory together: they leave the second-level cache
    /// room for what they read.
    var chains: Int { max(1, second / 128) }
    /// Of both gradients in one pass. They are read and written in order, so it does no harm that they come from the
    /// third-level cache, of which a core has a share.
    var chainsOfBoth: Int { max(chains, min(third / 8, 5 << 20) / 64) }

    /// Bytes of x and y of a unit, above which a kernel asks for the next piece of them ahead.
    var aheadBytes: Int { second / 2 }
}
