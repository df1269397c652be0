/// Up to four chunks of 16 floats that a kernel holds in registers together: chunk k is read at
/// `input + k · inputStride` and written at `output + k · outputStride`.
package struct ChunkGroup: Sendable, Equatable {
    package let input: Int
    package let output: Int
    /// 4, 2 or 1.
    package let chunks: Int
}

/// The walk of a kernel over positions and lanes, the same for every row of weights.
///
/// What the chunks of a group are depends on the tensor, and the kernels need not know: the 64 lanes of one panel
/// (stride 16), the same feature in four panels of 16 lanes side by side (stride: one panel), four points of an
/// image row (stride 16 · the convolution's stride).
///
/// A unit is what one task walks: one panel, or four side by side.
package struct Sweep: Sendable {
    package let inputStride: Int
    package let outputStride: Int
    package let panelsPerUnit: Int
    package let inputPanelFloats: Int
    package let outputPanelFloats: Int
    /// Groups of a unit of 1, 2, 3 or 4 panels, one after the other; those of n panels from `starts[n − 1]` on.
    private let groups: [ChunkGroup]
    private let starts: [Int]

    /// Positions (y, x) of `rows` × `columns` points: read at `inputOrigin` + (y, x) · `inputStep`, written at
    /// `outputOrigin` + (y, x) · `outputStep` (floats).
    package init(
        rows: Int, columns: Int, lanes: Int, inputOrigin: Int, inputStep: (y: Int, x: Int), outputOrigin: Int,
        outputStep: (y: Int, x: Int), inputPanelFloats: Int, outputPanelFloats: Int
    ) {
        self.inputPanelFloats = inputPanelFloats
        self.outputPanelFloats = outputPanelFloats
        if rows * columns == 1 && lanes == 16 {
            panelsPerUnit = 4
            inputStride = inputPanelFloats
            outputStride = outputPanelFloats
            let byPanels = (1...4).map { panels in
                Sweep.runs(of: panels).map {
                    ChunkGroup(
                        input: inputOrigin + $0.start * inputPanelFloats,
                        output: outputOrigin + $0.start * outputPanelFloats, chunks: $0.count)
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
                for run in Sweep.runs(of: columns) {
                    groups.append(
                        ChunkGroup(
                            input: inputOrigin + y * inputStep.y + run.start * inputStep.x,
                            output: outputOrigin + y * outputStep.y + run.start * outputStep.x, chunks: run.count))
                }
            }
        } else {
            inputStride = 16
            outputStride = 16
            for y in 0..<rows {
                for x in 0..<columns {
                    for run in Sweep.runs(of: lanes / 16) {
                        groups.append(
                            ChunkGroup(
                                input: inputOrigin + y * inputStep.y + x * inputStep.x + run.start * 16,
                                output: outputOrigin + y * outputStep.y + x * outputStep.x + run.start * 16,
                                chunks: run.count))
                    }
                }
            }
        }
        self.groups = groups
        starts = [0, groups.count]
    }

    /// `count` cut into runs of 4, 2 and 1.
    private static func runs(of count: Int) -> [(start: Int, count: Int)] {
        var start = 0
        var runs: [(Int, Int)] = []
        while start < count {
            let left = count - start
            let length = left >= 4 ? 4 : (left >= 2 ? 2 : 1)
            runs.append((start, length))
            start += length
        }
        return runs
    }

    package func units(panels: Int) -> Int { (panels + panelsPerUnit - 1) / panelsPerUnit }

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

    /// Calls `body` with all units in order, once for a whole kernel: looking them up in the inner loop costs more
    /// than a group does.
    func withUnits<Result>(panels: Int, _ body: (UnsafeBufferPointer<UnitWalk>) -> Result) -> Result {
        let count = units(panels: panels)
        return groups.withUnsafeBufferPointer { groups in
            withUnsafeTemporaryAllocation(of: UnitWalk.self, capacity: count) { walks in
                for unit in 0..<count {
                    let first = unit * panelsPerUnit
                    let held = min(panelsPerUnit, panels - first)
                    walks[unit] = UnitWalk(
                        groups: groups.baseAddress! + starts[held - 1], count: starts[held] - starts[held - 1],
                        input: first * inputPanelFloats, output: first * outputPanelFloats)
                }
                return body(UnsafeBufferPointer(walks))
            }
        }
    }
}

/// The groups of one unit, and where its panels start.
struct UnitWalk {
    let groups: UnsafePointer<ChunkGroup>
    let count: Int
    let input: Int
    let output: Int
}
