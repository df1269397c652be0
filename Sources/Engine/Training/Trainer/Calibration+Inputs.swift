import Graph
import Interchange
import Kernels

/// What the rows of a layer read: of a linear layer its inputs, of a convolution the window before each point (channel, tap).
extension Calibration {
    /// ‖X_j‖₂ of each input over samples and points, by layer: groups one after another. Users of shared weights count, too.
    func inputNorms(_ samples: Int) -> [[Float]] {
        inputSums(samples) { $0 * $0 }.map { sums, _ in sums.map { Float($0.squareRoot()) } }
    }

    func inputMeans(_ samples: Int) -> [[Float]] {
        inputSums(samples) { $0 }.map { sums, count in sums.map { Float($0 / Double(max(1, count))) } }
    }

    private func inputSums(
        _ samples: Int, _ term: @escaping (Double) -> Double
    ) -> [(sums: [Double], count: Int)] {
        var counts = layers.map { _ in 0 }
        var sums = network.layers.map { [Double](repeating: 0, count: $0.map.groups * $0.map.columns) }
        forEachInput(samples) { layer, input, count in
            let columns = input.columns, groups = input.groups
            let rows = input.rows(count)
            counts[layer] += rows
            sums[layer].withUnsafeMutableBufferPointer { sums in
                nonisolated(unsafe) let sums = sums  // Each task writes its own group.
                network.team.run(tasks: groups) { group in
                    input.forEachChunk(of: rows, group: group) { values, held in
                        for row in 0..<held {
                            let values = values + row * input.stride
                            for column in 0..<columns {
                                sums[group * columns + column] += term(values[column])
                            }
                        }
                    }
                }
            }
        }
        // Which rows of a table are looked up says nothing of its columns: they count alike.
        for (number, layer) in network.layers.enumerated() where layer.isTable {
            sums[number] = sums[number].map { _ in 1 }
            counts[number] = 1
        }
        return Array(zip(sums, counts)).map { (sums: $0.0, count: $0.1) }
    }

    /// X Xᵀ of each layer, (groups, columns, columns), with the number of samples and points that it sums.
    /// - Throws: `MemoryError` before any of it is taken.
    func inputGrams(_ samples: Int) throws -> [(values: [Float], count: Int)] {
        try requireGramMemory()
        var sums = network.layers.map { layer in
            (0..<layer.map.groups).map { _ in GramSums(columns: layer.map.columns) }
        }
        var counts = layers.map { _ in 0 }
        forEachInput(samples) { layer, input, count in
            let rows = input.rows(count)
            counts[layer] += rows
            for group in 0..<input.groups {
                sums[layer][group].add(input, rows: rows, group: group, team: network.team)
            }
        }
        for (number, layer) in network.layers.enumerated() where layer.isTable {
            sums[number][0].becomeUnit()
            counts[number] = 1
        }
        return sums.indices.map { layer in
            defer { sums[layer] = [] }
            return (sums[layer].flatMap(\.values), counts[layer])
        }
    }

    private func requireGramMemory() throws {
        var bytes = 0.0, largest = (name: "", columns: 0)
        for layer in network.layers {
            // The sum in double precision, and what is made of it.
            bytes += 12 * Double(layer.map.groups) * Double(layer.map.columns) * Double(layer.map.columns)
            if layer.map.columns > largest.columns { largest = (layer.name, layer.map.columns) }
        }
        guard bytes > free.bytes else { return }
        throw MemoryError(
            description:
                "products of all pairs of inputs need about \(MemoryError.gigabytes(bytes)) GB, most of it for "
                + "layer '\(largest.name)' with \(largest.columns) inputs, and \(MemoryError.gigabytes(free.bytes)) GB "
                + "are \(free.holder); criterion 'wanda' needs one number an input")
    }

    /// The network on calibration samples, and what each node with weights reads.
    func forEachInput(_ samples: Int, _ body: (_ layer: Int, _ input: LayerInput, _ samples: Int) -> Void) {
        let owners = owners()
        let parts = Calibration.parts(chosen(samples), atMost: network.capacity)
        for (place, part) in parts.enumerated() {
            guard goesOn(place, of: parts.count) else { break }
            answer(part)
            for (number, node) in plan.graph.nodes.enumerated() {
                guard node.summedWeights != nil, let layer = owners.firstIndex(of: node.weightsOf ?? number) else {
                    continue
                }
                body(layer, LayerInput(node, network.tensors[node.inputs[0] + 1]), part.count)
            }
        }
    }
}

/// The rows of X that a layer reads, one for each sample and point of its output.
struct LayerInput {
    let columns: Int
    let groups: Int
    /// From one row to the next, filled up with zeros.
    let stride: Int
    private let tensor: PanelTensor
    private let window: KernelWindow
    private let height: Int
    private let width: Int
    /// From the point of the first tap to that of each column's, in floats.
    private let offsets: [Int]
    private let groupFloats: Int

    init(_ node: Graph.Node, _ tensor: PanelTensor) {
        let shape = node.weightShape!
        self.tensor = tensor
        window = shape.window
        columns = shape.columns
        groups = shape.groups
        stride = (columns + 7) / 8 * 8
        height = node.shape.height
        width = node.shape.width
        let layout = tensor.layout
        groupFloats = shape.channels / shape.groups * layout.plane * layout.lanes
        offsets = (0..<columns).map { column in
            let (channel, tap) = column.quotientAndRemainder(dividingBy: shape.window.taps)
            let y = tap / shape.window.width * shape.window.dilation.y
            let x = tap % shape.window.width * shape.window.dilation.x
            return (channel * layout.plane + y * layout.pitch + x) * layout.lanes
        }
    }

    func rows(_ samples: Int) -> Int { samples * height * width }

    /// Rows that are unfolded at once.
    static let chunk = 128

    /// Fills (rows, stride) in double precision.
    func fill(_ values: UnsafeMutablePointer<Double>, rows: Range<Int>, group: Int) {
        let layout = tensor.layout, points = height * width
        for row in rows {
            let (sample, point) = row.quotientAndRemainder(dividingBy: points)
            let y = point / width * window.stride.y - window.pads.top
            let x = point % width * window.stride.x - window.pads.left
            let source =
                tensor.values.pointer + sample / layout.lanes * layout.panelFloats + sample % layout.lanes
                + layout.offset(0, y, x) + group * groupFloats
            let target = values + (row - rows.lowerBound) * stride
            for column in 0..<columns { target[column] = Double(source[offsets[column]]) }
        }
    }

    func forEachChunk(of rows: Int, group: Int, _ body: (UnsafePointer<Double>, Int) -> Void) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: LayerInput.chunk * stride) { values in
            for first in Swift.stride(from: 0, to: rows, by: LayerInput.chunk) {
                let some = first..<min(rows, first + LayerInput.chunk)
                fill(values.baseAddress!, rows: some, group: group)
                body(UnsafePointer(values.baseAddress!), some.count)
            }
        }
    }
}

/// The sum of xᵀx over rows, in double precision: blocks of four rows of the product by eight columns, on and above the diagonal.
final class GramSums: @unchecked Sendable {
    // Unchecked: each task writes rows of its own.
    private let columns: Int
    private let stride: Int
    private var sums: [Double]
    private var chunk: [Double] = []

    init(columns: Int) {
        self.columns = columns
        stride = (columns + 7) / 8 * 8
        sums = [Double](repeating: 0, count: (columns + 3) / 4 * 4 * stride)
    }

    func add(_ input: LayerInput, rows: Int, group: Int, team: Team) {
        if chunk.isEmpty { chunk = [Double](repeating: 0, count: LayerInput.chunk * stride + 8) }
        chunk.withUnsafeMutableBufferPointer { chunk in
            sums.withUnsafeMutableBufferPointer { sums in
                nonisolated(unsafe) let chunk = chunk.baseAddress!
                nonisolated(unsafe) let sums = sums.baseAddress!
                for first in Swift.stride(from: 0, to: rows, by: LayerInput.chunk) {
                    let some = first..<min(rows, first + LayerInput.chunk)
                    team.run(tasks: (some.count + 15) / 16) { task in
                        let own = some.lowerBound + task * 16..<min(some.upperBound, some.lowerBound + task * 16 + 16)
                        input.fill(chunk + task * 16 * self.stride, rows: own, group: group)
                    }
                    let blocks = (columns + 3) / 4
                    // Blocks of the product that begin lower are shorter: turns, so that tasks are alike.
                    let tasks = min(blocks, 4 * team.size)
                    team.run(tasks: tasks) { task in
                        for block in Swift.stride(from: task, to: blocks, by: tasks) {
                            self.add(chunk, some.count, block: block, to: sums)
                        }
                    }
                }
            }
        }
    }

    private func add(
        _ values: UnsafeMutablePointer<Double>, _ rows: Int, block: Int, to sums: UnsafeMutablePointer<Double>
    ) {
        let first = block * 4
        for column in Swift.stride(from: first / 8 * 8, to: stride, by: 8) {
            func sum(_ row: Int) -> UnsafeMutableRawPointer {
                UnsafeMutableRawPointer(sums + (first + row) * stride + column)
            }
            var (a, b) = (sum(0).loadUnaligned(as: SIMD8<Double>.self), sum(1).loadUnaligned(as: SIMD8<Double>.self))
            var (c, d) = (sum(2).loadUnaligned(as: SIMD8<Double>.self), sum(3).loadUnaligned(as: SIMD8<Double>.self))
            var row = values
            for _ in 0..<rows {
                let x = UnsafeRawPointer(row + column).loadUnaligned(as: SIMD8<Double>.self)
                // Behind the last column there are zeros, in the chunk or behind it.
                a.addProduct(SIMD8(repeating: row[first]), x)
                b.addProduct(SIMD8(repeating: row[first + 1]), x)
                c.addProduct(SIMD8(repeating: row[first + 2]), x)
                d.addProduct(SIMD8(repeating: row[first + 3]), x)
                row += stride
            }
            sum(0).storeBytes(of: a, as: SIMD8<Double>.self)
            sum(1).storeBytes(of: b, as: SIMD8<Double>.self)
            sum(2).storeBytes(of: c, as: SIMD8<Double>.self)
            sum(3).storeBytes(of: d, as: SIMD8<Double>.self)
        }
    }

    /// As if each input had been one once, and no two at a time.
    func becomeUnit() { for column in 0..<columns { sums[column * stride + column] = 1 } }

    /// (columns, columns), both halves.
    var values: [Float] {
        var values = [Float](repeating: 0, count: columns * columns)
        for row in 0..<columns {
            for column in row..<columns {
                let value = Float(sums[row * stride + column])
                values[row * columns + column] = value
                values[column * columns + row] = value
            }
        }
        return values
    }
}
