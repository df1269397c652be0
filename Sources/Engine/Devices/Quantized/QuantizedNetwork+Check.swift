import Graph
import Kernels

extension QuantizedNetwork {
    /// What is wrong with a network that somebody else wrote: an executor of one without fault reads and writes within its tensors,
    /// and no sum of it overflows. Nil: nothing.
    package var fault: String? {
        guard let first = tensors.first, first.constant == nil, !nodes.isEmpty else { return "no input or no node" }
        for tensor in tensors {
            let sizes = 1...Graph.mostFeatures
            guard tensor.axes.count <= Shape.mostAxes, tensor.axes.allSatisfy(sizes.contains),
                tensor.axes.reduce(1.0, { $0 * Double($1) }) <= Double(Graph.mostFeatures)
            else { return "tensor '\(tensor.name)' has axes \(tensor.axes)" }
            guard tensor.scale > 0, tensor.scale.isFinite, (-128...127).contains(tensor.zero) else {
                return "tensor '\(tensor.name)' has scale \(tensor.scale) and zero \(tensor.zero)"
            }
            if let constant = tensor.constant, constant.count != tensor.count {
                return "tensor '\(tensor.name)' has \(constant.count) values for \(tensor.axes)"
            }
        }
        var isWritten = tensors.map { $0.constant != nil }
        isWritten[0] = true
        for node in nodes {
            guard !node.inputs.isEmpty, node.inputs.allSatisfy({ tensors.indices.contains($0) && isWritten[$0] }),
                tensors.indices.contains(node.output), !isWritten[node.output]
            else { return "node '\(node.name)' reads what is not there, or writes what is" }
            guard node.low >= -128, node.low <= node.high, node.high <= 127 else {
                return "node '\(node.name)' moves values to \(node.low)…\(node.high)"
            }
            if let fault = fault(of: node) { return "node '\(node.name)': \(fault)" }
            isWritten[node.output] = true
        }
        return nil
    }

    private func fault(of node: QuantizedNode) -> String? {
        let x = tensors[node.inputs[0]], y = tensors[node.output]
        func isSound(_ factor: Requantization) -> Bool {
            factor.multiplier >= 1 << 30 && (1...62).contains(factor.shift)
        }
        func isSame(_ a: QuantizedTensor) -> Bool { a.scale == y.scale && a.zero == y.zero }
        switch node.rule {
        case .sums(let sums): return sums.fault(inputs: x.count, outputs: y.count)
        case .table(let table):
            let count = table.count / 256
            guard table.count % 256 == 0, count > 0, x.count == y.count, x.count % count == 0 else {
                return "a table of \(table.count) for \(x.count) values"
            }
        case .addition(let addition):
            guard (1...62).contains(addition.shift), addition.aMultiplier != .min, addition.bMultiplier != .min else {
                return "a shift of \(addition.shift)"
            }
            return pairs(addition.pairs, node)
        case .product(let pairs, let factor): return isSound(factor) ? self.pairs(pairs, node) : "an unsound factor"
        case .extreme(let pairs, _):
            return node.inputs.allSatisfy { isSame(tensors[$0]) } ? self.pairs(pairs, node) : "several scales"
        case .largest(let area): return isSame(x) ? area.fault(x.count, y.count) : "several scales"
        case .mean(let mean):
            guard mean.counts.allSatisfy({ isSound($0.requantization) && (1...1 << 20).contains($0.points) }) else {
                return "an unsound factor"
            }
            if let fault = mean.area.fault(x.count, y.count) { return fault }
            guard mean.area.counts(countsPads: mean.countsPads).isSubset(of: mean.counts.map(\.points)) else {
                return "a window of another number of points"
            }
        case .softmax(let softmax):
            let sizes = [softmax.outer, softmax.count, softmax.inner]
            guard sizes.allSatisfy({ (1...1 << 30).contains($0) }),
                sizes.reduce(1.0, { $0 * Double($1) }) == Double(x.count), x.count == y.count
            else { return "lines of \(sizes) for \(x.count) values" }
            guard softmax.exponentials.count == 256, let most = softmax.exponentials.max(),
                softmax.exponentials[0] == most, most > 0, Double(most) * Double(softmax.count) < 0x1p31,
                most < 1 << 23
            else { return "a table that overflows" }
        case .move(let sources):
            let count = node.inputs.reduce(0) { $0 + tensors[$1].count }
            guard sources.count == y.count, sources.allSatisfy({ $0 < count }) else { return "points from elsewhere" }
            if !node.inputs.allSatisfy({ isSame(tensors[$0]) }) { return "several scales" }
        case .reshape: return isSame(x) && x.count == y.count ? nil : "another number of values"
        case .blend(let blend):
            let terms = blend.sources.count
            guard blend.starts.count == y.count + 1, blend.weights.count == terms, blend.starts.first == 0,
                blend.starts.last == Int32(exactly: terms), blend.starts == blend.starts.sorted(),
                blend.sources.allSatisfy({ $0 >= 0 && $0 < x.count }), isSame(x)
            else { return "points from elsewhere" }
        case .matrix(let matrix): return isSound(matrix.requantization) ? fault(matrix, node) : "an unsound factor"
        case .norm(let norm): return isSound(norm.requantization) ? norm.fault(x.count, y.count) : "an unsound factor"
        case .lookup(let lookup):
            guard (1...1 << 24).contains(lookup.features), lookup.table.count % lookup.features == 0,
                (1...256).contains(lookup.rows), x.scale == 1, x.zero == -128,
                Double(x.count) * Double(lookup.features) == Double(y.count)
            else { return "a table that does not fit" }
        }
        return nil
    }

    private func pairs(_ pairs: QuantizedPairs, _ node: QuantizedNode) -> String? {
        let output = tensors[node.output]
        guard node.inputs.count == 2, pairs.axes == output.axes, pairs.aStrides.count == pairs.axes.count,
            pairs.bStrides.count == pairs.axes.count
        else { return "axes \(pairs.axes) for \(output.axes)" }
        for (input, strides) in zip(node.inputs, [pairs.aStrides, pairs.bStrides]) {
            let limit = tensors[input].count
            guard strides.allSatisfy({ (0...limit).contains($0) }),
                zip(pairs.axes, strides).reduce(0.0, { $0 + Double($1.0 - 1) * Double($1.1) }) < Double(limit)
            else { return "strides \(strides)" }
        }
        return nil
    }
}

extension KernelWindow {
    /// Numbers with which places are counted without overflow.
    fileprivate var isSound: Bool {
        let sizes = [height, width, stride.y, stride.x, dilation.y, dilation.x]
        let pads = [pads.top, pads.left, pads.bottom, pads.right]
        return sizes.allSatisfy { (1...1 << 20).contains($0) } && pads.allSatisfy { (0...1 << 20).contains($0) }
    }
}

extension QuantizedSums {
    fileprivate func fault(inputs: Int, outputs: Int) -> String? {
        let sizes = [rows, channels, groups, height, width, outputHeight, outputWidth]
        guard sizes.allSatisfy({ (1...1 << 24).contains($0) }), window.isSound, channels % groups == 0,
            rows % groups == 0,
            Double(channels) * Double(height) * Double(width) == Double(inputs),
            Double(rows) * Double(outputHeight) * Double(outputWidth) == Double(outputs),
            case let found = window.outputs(height: height, width: width),
            found == KernelWindow.Axes(y: outputHeight, x: outputWidth)
        else { return "a window that does not fit" }
        guard Double(rows) * Double(columns) < 0x1p40, values.count == indices?.count ?? weights,
            bias.count == rows, requantizations.count == rows, weightScales.count == rows
        else { return "arrays of another size" }
        guard !values.contains(-128),
            requantizations.allSatisfy({ $0.multiplier >= 1 << 30 && (1...62).contains($0.shift) })
        else { return "an unsound factor" }
        if let indices {
            guard zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 }), indices.first ?? 0 >= 0,
                indices.last ?? 0 < weights
            else { return "places of weights that do not ascend" }
        }
        return bounds.allSatisfy { $0 < 1 << 31 } ? nil : "a sum that does not fit into 32 bits"
    }
}

extension QuantizedWindow {
    fileprivate func fault(_ inputs: Int, _ outputs: Int) -> String? {
        let sizes = [channels, height, width, outputHeight, outputWidth]
        guard sizes.allSatisfy({ (1...1 << 30).contains($0) }), window.isSound,
            Double(channels) * Double(height) * Double(width) == Double(inputs),
            Double(channels) * Double(outputHeight) * Double(outputWidth) == Double(outputs),
            !counts(countsPads: false).contains(0)
        else { return "a window that does not fit" }
        return nil
    }

    /// Of each number of points that a window has.
    func counts(countsPads: Bool) -> Set<Int> {
        let axes = [(window.vertical(height), outputHeight), (window.horizontal(width), outputWidth)]
        let (rows, columns) = (
            Set((0..<axes[0].1).map { countsPads ? axes[0].0.counted($0) : axes[0].0.inside($0).count }),
            Set((0..<axes[1].1).map { countsPads ? axes[1].0.counted($0) : axes[1].0.inside($0).count })
        )
        return Set(rows.flatMap { row in columns.map { row * $0 } })
    }
}
