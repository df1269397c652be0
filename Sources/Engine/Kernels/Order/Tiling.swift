/// How the terms of a sum are cut into tiles: some inputs (channels of x; of the transposed pattern rows of dy) of one row of
/// the kernel. Where a row of weights has too few nonzeros there, all inputs of some rows of the kernel, or of all.
///
/// What a tile touches stays within `Caches.tileBytes` for one group of points, but a row of weights has about so many nonzeros in it on
/// average, or more, that the pointers and the reloading of sums cost less than the cache brings.
package struct Tiling: Sendable {
    private let kernelRows: Int
    private let kernelRowsPerTile: Int
    let inputsPerTile: Int
    /// Tiles of the same rows of the kernel.
    private let tilesPerKernelRow: Int

    package var count: Int { (kernelRows + kernelRowsPerTile - 1) / kernelRowsPerTile * tilesPerKernelRow }

    /// - Parameters:
    ///   - inputs: of all groups.
    ///   - sums: rows of weights, or channels of dx.
    ///   - leastNonzeros: of a sum in a tile.
    ///   - inputBytes: that one row of the kernel reads of an input for one group of points.
    init(
        inputs: Int, groups: Int, sums: Int, kernelRows: Int, nonzeros: Int, leastNonzeros: Double, inputBytes: Int,
        tileBytes: Int
    ) {
        let perGroup = inputs / groups
        let perKernelRow = Double(nonzeros) / Double(max(1, sums * kernelRows))
        let fitting = max(1, tileBytes / inputBytes)
        self.kernelRows = max(1, kernelRows)
        if self.kernelRows == 1 || perKernelRow >= leastNonzeros {
            kernelRowsPerTile = 1
            // As many equal tiles as keep within the cache, but not more than have about their nonzeros.
            let most = perKernelRow / leastNonzeros * Double(inputs) / Double(perGroup)
            let tiles = min((inputs + fitting - 1) / fitting, max(1, Int(min(most, Double(inputs)).rounded())))
            inputsPerTile = max(1, (inputs + tiles - 1) / max(1, tiles))
        } else {
            let worthwhile = perKernelRow > 0 ? leastNonzeros / perKernelRow : Double(kernelRows)
            kernelRowsPerTile = worthwhile >= Double(kernelRows) ? kernelRows : Int(worthwhile.rounded(.up))
            // A sum has all its inputs in one tile, lest rows of the kernel change places.
            inputsPerTile = min(inputs, max(1, fitting / kernelRowsPerTile / perGroup) * perGroup)
        }
        tilesPerKernelRow = max(1, (inputs + inputsPerTile - 1) / inputsPerTile)
    }

    func tile(kernelRow: Int, input: Int) -> Int {
        kernelRow / kernelRowsPerTile * tilesPerKernelRow + input / inputsPerTile
    }

    /// The tiles in which some rows of the kernel lie.
    @inline(__always)
    func tiles(ofKernelRows rows: Range<Int>) -> Range<Int> {
        guard !rows.isEmpty else { return 0..<0 }
        return rows.lowerBound / kernelRowsPerTile
            &* tilesPerKernelRow..<((rows.upperBound &- 1) / kernelRowsPerTile &+ 1)
            &* tilesPerKernelRow
    }
}

// Of an image a row has eight nonzeros in a tile.
extension WeightMap {
    /// Of the forward pattern.
    func forwardTiling(nonzeros: Int) -> Tiling {
        let points = input.isFlat ? 1 : min(output.width, longestGather)
        return Tiling(
            inputs: channels, groups: groups, sums: rows, kernelRows: kernelHeight, nonzeros: nonzeros,
            leastNonzeros: input.isFlat ? caches.tileNonzeros : 8,
            inputBytes: bytes(ofPoints: (points - 1) * window.stride.x + window.extent.x),
            tileBytes: caches.tileBytes)
    }

    /// Of the transposed pattern of one phase.
    func gradientTiling(_ phase: Phase, nonzeros: Int) -> Tiling {
        let points = outputGradient.isFlat ? 1 : min(outputGradient.width, longestGather)
        return Tiling(
            inputs: rows, groups: groups, sums: channels, kernelRows: phase.kernelRows, nonzeros: nonzeros,
            leastNonzeros: outputGradient.isFlat ? caches.tileNonzeros : 8,
            inputBytes: bytes(ofPoints: points + (window.extent.x - 1) / window.stride.x), tileBytes: caches.tileBytes)
    }

    private func bytes(ofPoints points: Int) -> Int {
        points * 4 * (input.isFlat && output.isFlat ? longestFlatGather * 16 : input.lanes)
    }
}
