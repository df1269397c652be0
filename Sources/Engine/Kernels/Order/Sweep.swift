/// Chunks of 16 floats that a kernel holds in registers together: chunk k is read at `input + k · inputStride` and
/// written at `output + k · outputStride`. Of eight, the last four begin `inputHigh` and `outputHigh` after the first.
package struct ChunkGroup: Sendable, Equatable {
    package let input: Int
    package let output: Int
    /// Up to 16, where the registers hold so many. 8, 4, 2 or 1 in a walk whose runs are powers of two.
    package let chunks: Int
    /// The rows of the kernel that read points of the image; what the others read is the border, zeros.
    package let kernelRows: Range<Int>

    func moved(input: Int, output: Int) -> ChunkGroup {
        ChunkGroup(input: self.input + input, output: self.output + output, chunks: chunks, kernelRows: kernelRows)
    }
}

/// The walk of a kernel over positions and lanes, the same for every row of weights.
///
/// What the chunks of a group are depends on the tensor, and the kernels need not know: the 64 lanes of one panel
/// (stride 16), the same feature in several panels of 16 lanes side by side (stride: one panel), points of an image row
/// (stride 16 · the convolution's stride).
///
/// A unit is what one task walks: one panel, or of a flat layer as many as fill the registers.
package struct Sweep: Sendable {
    package let inputStride: Int
    package let outputStride: Int
    /// From the first to the fifth chunk of a group of eight.
    let inputHigh: Int
    let outputHigh: Int
    package let panelsPerUnit: Int
    /// One position: a linear layer's, whose inputs are cut into tiles first. An image's groups come first: what all rows
    /// of weights read for one group is small, and an image is not.
    let isFlat: Bool
    /// Groups of one segment of an image, which a tile of the dense weight gradient finds in the first-level cache; all of
    /// a flat layer's.
    let groupsPerSegment: Int
    /// Groups that a half of eight chains finds there.
    let groupsPerPart: Int
    /// Bytes of a unit, above which a kernel asks for the next piece ahead.
    let aheadBytes: Int
    /// Bytes that rows go over again and again.
    let tileBytes: Int
    package let inputPanelFloats: Int
    package let outputPanelFloats: Int
    /// Groups of a unit of 1, 2, … panels, one after the other; those of n panels from `starts[n − 1]` on.
    private let groups: [ChunkGroup]
    private let starts: [Int]

    /// Positions (y, x) of `rows` × `columns` points: read at `inputOrigin` + (y, x) · `inputStep`, written at
    /// `outputOrigin` + (y, x) · `outputStep` (floats). `runs` says how an image row is cut into groups; a flat layer's
    /// units have up to `flatRun` chunks and its groups `flatGroup`, or as many. `isFlat` is false for one position among phases of more, for all phases have
    /// the same units. `kernelRows` says which rows of the kernel read the image from a row of positions.
    init(
        rows: Int, columns: Int, lanes: Int, inputOrigin: Int, inputStep: (y: Int, x: Int), outputOrigin: Int,
        outputStep: (y: Int, x: Int), inputPanelFloats: Int, outputPanelFloats: Int,
        runs: Runs = .powersOfTwo, isFlat: Bool? = nil, flatRun: Int = longestRun, flatGroup: Int? = nil,
        caches: Caches, kernelRows: (_ row: Int) -> Range<Int>
    ) {
        aheadBytes = caches.aheadBytes
        tileBytes = caches.tileBytes
        let chunksPerPart = caches.positions(rows: tileRows + tileTermsAtOnce)
        self.inputPanelFloats = inputPanelFloats
        self.outputPanelFloats = outputPanelFloats
        self.isFlat = isFlat ?? (rows * columns == 1)
        if self.isFlat {
            // Panels side by side, so many that their chunks fill a group.
            let chunksPerPanel = lanes / 16
            groupsPerSegment = .max
            groupsPerPart = max(1, chunksPerPart / 4)
            panelsPerUnit = max(1, flatRun / chunksPerPanel)
            (inputStride, outputStride) = lanes == 16 ? (inputPanelFloats, outputPanelFloats) : (16, 16)
            let isWhole = chunksPerPanel < 4
            inputHigh = isWhole ? 4 * inputStride : inputPanelFloats
            outputHigh = isWhole ? 4 * outputStride : outputPanelFloats
            let byPanels = (1...panelsPerUnit).map { panels in
                Sweep.powersOfTwo(panels * chunksPerPanel, longest: flatGroup ?? flatRun).map {
                    let panel = $0.start / chunksPerPanel, chunk = $0.start % chunksPerPanel
                    return ChunkGroup(
                        input: inputOrigin + panel * inputPanelFloats + chunk * 16,
                        output: outputOrigin + panel * outputPanelFloats + chunk * 16, chunks: $0.count,
                        kernelRows: kernelRows(0))
                }
            }
            groups = byPanels.flatMap { $0 }
            starts = byPanels.reduce(into: [0]) { $0.append($0.last! + $1.count) }
            return
        }
        panelsPerUnit = 1
        var groups: [ChunkGroup] = []
        if lanes == 16 {
            inputStride = inputStep.x
            outputStride = outputStep.x
            for y in 0..<rows {
                for run in runs.cut(columns) {
                    groups.append(
                        ChunkGroup(
                            input: inputOrigin + y * inputStep.y + run.start * inputStep.x,
                            output: outputOrigin + y * outputStep.y + run.start * outputStep.x, chunks: run.count,
                            kernelRows: kernelRows(y)))
                }
            }
        } else {
            inputStride = 16
            outputStride = 16
            for y in 0..<rows {
                for x in 0..<columns {
                    for run in Runs.powersOfTwo.cut(lanes / 16) {
                        groups.append(
                            ChunkGroup(
                                input: inputOrigin + y * inputStep.y + x * inputStep.x + run.start * 16,
                                output: outputOrigin + y * outputStep.y + x * outputStep.x + run.start * 16,
                                chunks: run.count, kernelRows: kernelRows(y)))
                    }
                }
            }
        }
        inputHigh = 4 * inputStride
        outputHigh = 4 * outputStride
        let positions = max(1, rows * columns)
        groupsPerSegment = max(
            1, (groups.count * caches.positions(rows: tileRows + tileTermsAtOnce) + positions / 2) / positions)
        groupsPerPart = max(1, chunksPerPart / (groups.map(\.chunks).max() ?? chunksPerPart))
        self.groups = groups
        starts = [0, groups.count]
    }

    /// How a row of positions is cut.
    enum Runs: Equatable {
        /// The longest first.
        case powersOfTwo
        /// About equal ones of up to so many.
        case equal(Int)

        func cut(_ count: Int) -> [(start: Int, count: Int)] {
            switch self {
            case .powersOfTwo: return Sweep.powersOfTwo(count, longest: longestRun)
            case .equal(let most):
                let runs = max(1, (count + most - 1) / most)
                return (0..<runs).map { ($0 * count / runs, ($0 + 1) * count / runs - $0 * count / runs) }
            }
        }
    }

    private static func powersOfTwo(_ count: Int, longest: Int) -> [(start: Int, count: Int)] {
        var start = 0
        var runs: [(Int, Int)] = []
        var length = longest
        while start < count {
            while length > count - start { length /= 2 }
            runs.append((start, length))
            start += length
        }
        return runs
    }

    /// Floats from the first chunk of a group to another.
    @inline(__always)
    func input(_ chunk: Int) -> Int { (chunk &>> 2) &* inputHigh &+ (chunk & 3) &* inputStride }
    @inline(__always)
    func output(_ chunk: Int) -> Int { (chunk &>> 2) &* outputHigh &+ (chunk & 3) &* outputStride }

    package func units(panels: Int) -> Int { (panels + panelsPerUnit - 1) / panelsPerUnit }

    package func panels(ofUnit unit: Int, of panels: Int) -> Range<Int> {
        unit * panelsPerUnit..<min((unit + 1) * panelsPerUnit, panels)
    }

    /// Calls `body` with the groups of one unit and where its panels start.
    @inline(__always)
    func withUnit<Result>(
        _ unit: Int, panels: Int,
        _ body: (_ groups: UnsafeBufferPointer<ChunkGroup>, _ input: Int, _ output: Int) -> Result
    ) -> Result {
        let first = unit * panelsPerUnit
        let held = min(panelsPerUnit, panels - first)
        return groups.withUnsafeBufferPointer {
            body(
                UnsafeBufferPointer(rebasing: $0[starts[held - 1]..<starts[held]]), first * inputPanelFloats,
                first * outputPanelFloats)
        }
    }

    /// Calls `body` with the groups of all units in order, their units' starts added: once for a whole kernel, for
    /// looking them up in its inner loop costs more than a group does.
    func withAllGroups<Result>(panels: Int, _ body: (UnsafeBufferPointer<ChunkGroup>) -> Result) -> Result {
        let unitCount = units(panels: panels)
        return groups.withUnsafeBufferPointer { groups in
            withScratch(of: ChunkGroup.self, capacity: unitCount * groups.count) { all in
                var count = 0
                for unit in 0..<unitCount {
                    let first = unit * panelsPerUnit
                    let held = min(panelsPerUnit, panels - first)
                    for group in groups[starts[held - 1]..<starts[held]] {
                        all[count] = group.moved(input: first * inputPanelFloats, output: first * outputPanelFloats)
                        count += 1
                    }
                }
                return body(UnsafeBufferPointer(rebasing: all[..<count]))
            }
        }
    }
}
