/// The three passes of a layer with weights.
package enum WeightPass: String, Sendable, CaseIterable {
    case forward, inputGradient, weightGradient
}

/// Passes that the dense kernels run; the others are run by the sparse ones.
package struct DensePasses: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let forward = DensePasses(rawValue: 1)
    package static let inputGradient = DensePasses(rawValue: 2)
    package static let weightGradient = DensePasses(rawValue: 4)
    package static let all: DensePasses = [.forward, .inputGradient, .weightGradient]
    /// None first.
    package static let combinations = (UInt8(0)..<8).map(DensePasses.init(rawValue:))

    /// Both read the packed copy of the weights.
    package var readWeights: Bool { !isDisjoint(with: [.forward, .inputGradient]) }

    package func contains(_ pass: WeightPass) -> Bool {
        switch pass {
        case .forward: contains(DensePasses.forward)
        case .inputGradient: contains(DensePasses.inputGradient)
        case .weightGradient: contains(DensePasses.weightGradient)
        }
    }
}

/// A mask whose passes run by the sparse or the dense kernels, each as it was chosen. Values, gradient and optimizer
/// state are those of the sparse pattern, nnz long and in its order.
///
///     values (nnz) ── prepare: scatter ──> copy, packed, zero where cut ──> dense forward, dense input gradient
///     gradient (nnz) <── gather ── a thread's scratch, packed <── dense weight gradient
///
/// A cut weight adds a product with zero to its sums, which changes no bit of finite numbers.
package struct MixedPattern: WeightPattern {
    package private(set) var sparse: SparsePattern
    package private(set) var densePasses: DensePasses
    private let dense: DensePattern
    /// Empty where no dense pass reads it.
    private var copy: FloatBuffer
    /// Where a weight lies among the packed ones; in canonical order.
    private let packedPositions: IndexBuffer

    /// - Parameters:
    ///   - indices: ascending row-major positions of the weights.
    ///   - servesAll: whether it has what any passes need, for `running`.
    /// - Precondition: one group.
    /// - Complexity: O(nnz), and of the copy O(rows · columns).
    package init(
        map: WeightMap, indices: [Int], densePasses: DensePasses, needsInputGradient: Bool, servesAll: Bool = false,
        team: Team? = nil
    ) {
        sparse = SparsePattern(
            map: map, indices: indices,
            needsInputGradient: needsInputGradient
                && (servesAll || !densePasses.contains(DensePasses.inputGradient)), team: team)
        self.densePasses = densePasses
        dense = DensePattern(map: map)
        copy = FloatBuffer(count: servesAll || densePasses.readWeights ? dense.storageCount : 0)
        let columns = map.columns
        packedPositions = IndexBuffer(
            sparse.canonicalIndices().map {
                UInt32(
                    DensePacking.position(
                        row: $0 / columns, term: map.term(ofColumn: $0 % columns), terms: columns))
            })
    }

    /// The same weights by other kernels, in the same memory.
    /// - Precondition: made to serve all.
    package func running(_ densePasses: DensePasses) -> MixedPattern {
        var other = self
        other.densePasses = densePasses
        return other
    }

    /// Without what the kernels at work do not read.
    package var lean: any WeightPattern {
        if densePasses.isEmpty { return sparse }
        var lean = self
        if densePasses.contains(DensePasses.inputGradient) { lean.sparse = sparse.forwardOnly }
        if !densePasses.readWeights { lean.copy = FloatBuffer(count: 0) }
        return lean
    }

    package var map: WeightMap { sparse.map }
    package var storageCount: Int { sparse.storageCount }
    package var nnz: Int { sparse.nnz }
    package var bytes: Int { sparse.bytes + 4 * copy.count + 4 * nnz }
    package func rowMajorOrder() -> [UInt32] { sparse.rowMajorOrder() }
    package func rowMajorIndices() -> [Int] { sparse.rowMajorIndices() }

    package var needsPreparation: Bool { densePasses.readWeights }

    /// Takes the values of some blocks of rows to the copy.
    package func prepare(_ values: UnsafePointer<Float>, blocks: Range<Int>) {
        guard densePasses.readWeights else { return }
        let to = packedPositions.pointer
        let copy = copy.pointer
        for tile in 0..<sparse.forward.tiles {
            for weight in sparse.forward.nonzeros(tile: tile, blocks: blocks) { copy[Int(to[weight])] = values[weight] }
        }
    }

    /// Takes what the dense kernel left to the gradient of some rows.
    /// - Parameter packed: (rows, columns), packed.
    package func gather(_ gradient: UnsafeMutablePointer<Float>, from packed: UnsafePointer<Float>, rows: Range<Int>) {
        let pattern = sparse.forward
        let blocks = rows.lowerBound / map.rowsPerBlock..<(rows.upperBound - 1) / map.rowsPerBlock + 1
        let from = packedPositions.pointer
        for tile in 0..<pattern.tiles {
            for entry in pattern.entries(tile: tile, blocks: blocks)
            where rows.contains(Int(pattern.entryRows[entry])) {
                for weight in Int(pattern.entryStarts[entry])..<Int(pattern.entryStarts[entry + 1]) {
                    gradient[weight] = packed[Int(from[weight])]
                }
            }
        }
    }

    package func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        if densePasses.contains(DensePasses.forward) {
            dense.forward(copy.pointer, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
        } else {
            sparse.forward(values, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
        }
    }

    // The sparse kernels begin from the bias or zero by themselves, so each is asked for the whole pass.
    package func forward(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        if densePasses.contains(DensePasses.forward) {
            dense.forward(
                copy.pointer, bias: bias, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
        } else {
            sparse.forward(
                values, bias: bias, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
        }
    }

    package func answer(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, tail: ForwardTail, unit: Int, panels: Int,
        blocks: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        if densePasses.contains(DensePasses.forward) {
            dense.answer(
                copy.pointer, bias: bias, tail: tail, unit: unit, panels: panels, blocks: blocks, input: input,
                output: output)
        } else {
            sparse.answer(
                values, bias: bias, tail: tail, unit: unit, panels: panels, blocks: blocks, input: input,
                output: output)
        }
    }

    package func storeInputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        if densePasses.contains(DensePasses.inputGradient) {
            dense.storeInputGradient(
                copy.pointer, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
                inputGradient: inputGradient)
        } else {
            sparse.storeInputGradient(
                values, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
                inputGradient: inputGradient)
        }
    }

    package func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        if densePasses.contains(DensePasses.inputGradient) {
            dense.inputGradient(
                copy.pointer, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
                inputGradient: inputGradient)
        } else {
            sparse.inputGradient(
                values, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
                inputGradient: inputGradient)
        }
    }

    package var makesBothGradients: Bool {
        densePasses.isDisjoint(with: [.inputGradient, .weightGradient]) && sparse.makesBothGradients
    }

    package func gradients(
        _ values: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>,
        rows: Range<Int>, stores: Bool, panels: Int, strips: Range<Int>, input: UnsafePointer<Float>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
        wrote: (_ panel: Int, _ channels: Range<Int>) -> Void
    ) {
        sparse.gradients(
            values, gradient, bias: bias, rows: rows, stores: stores, panels: panels, strips: strips, input: input,
            outputGradient: outputGradient, inputGradient: inputGradient, wrote: wrote)
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        guard densePasses.contains(DensePasses.weightGradient) else {
            return sparse.weightGradient(
                gradient, bias: bias, panels: panels, blocks: blocks, input: input, outputGradient: outputGradient)
        }
        // Six rows at once, or as many as have 65,536 weights, more than the kernel takes at a time by itself: they fit the
        // scratch that a thread keeps anyway.
        let all = map.rows(ofBlocks: blocks)
        let step = max(1, 65_536 / (map.columns * DensePacking.rows)) * DensePacking.rows
        for first in stride(from: all.lowerBound, to: all.upperBound, by: step) {
            let rows = first..<min(first + step, all.upperBound)
            let count = DensePacking.count(rows: rows.count, columns: map.columns)
            withScratch(of: Float.self, capacity: count) { scratch in
                let packed = scratch.baseAddress! - first * map.columns
                denseWeightGradient(
                    packed, bias: bias, map: map, panels: panels, blocks: DensePacking.blocks(rows), input: input,
                    outputGradient: outputGradient)
                gather(gradient, from: packed, rows: rows)
            }
        }
    }
}
