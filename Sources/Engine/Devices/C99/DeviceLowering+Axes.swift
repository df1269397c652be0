import Graph
import Kernels

// Operators that go along axes: softmax, reductions, normalisations, the largest, products of matrices.
extension DeviceLowering {
    func alongAxes() -> DeviceRule? {
        let input = node.inputShapes[0]
        switch node.op {
        case let op as any SoftmaxOperator:
            return .softmax(
                columns(along: [axis(op.axis, input)], output: node.shape.axes, keeps: true),
                isLogarithm: type(of: op).isLogarithm)
        case let op as Reduce:
            let summed = op.axes.isEmpty ? Array(0..<input.rank) : op.axes.map { axis($0, input) }.sorted()
            return .reduce(op.kind, columns(along: summed, output: nil, keeps: false))
        case let op as any ExtremeOperator:
            return .extreme(
                columns(along: [axis(op.axis, input)], output: nil, keeps: false),
                isLargest: type(of: op).isLargest, takesLast: op.takesLast)
        case let op as LayerNorm: return norm(over: op.axes, epsilon: op.epsilon, centers: true)
        case let op as RMSNorm: return norm(over: op.axes, epsilon: op.epsilon, centers: false)
        case let op as GroupNorm: return norm(groups: op.groups, epsilon: op.epsilon)
        case let op as InstanceNorm: return norm(groups: input.channels, epsilon: op.epsilon)
        case is MatMul: return product()
        default: return nil
        }
    }

    private func axis(_ axis: Int, _ shape: Shape) -> Int { axis < 0 ? axis + shape.rank : axis }

    /// - Parameter output: axes of the output where they are those of the input; else what is left lies without gaps.
    private func columns(along summed: [Int], output: [Int]?, keeps: Bool) -> DeviceColumns {
        let axes = node.inputShapes[0].axes, strides = DeviceLayout(axes).strides(axes)
        let left = axes.indices.filter { !summed.contains($0) }
        let packed = DeviceLayout(left.map { axes[$0] }).strides(left.map { axes[$0] })
        return DeviceColumns(
            outer: left.enumerated().map { (axes[$1], strides[$1], keeps ? strides[$1] : packed[$0]) },
            inner: summed.map { (axes[$0], strides[$0], keeps ? strides[$0] : 0) })
    }

    private func norm(over given: [Int], epsilon: Float, centers: Bool) -> DeviceRule {
        let input = node.inputShapes[0], summed = given.map { axis($0, input) }.sorted()
        let sizes = summed.map { input[$0] }
        let own = DeviceLayout(sizes).strides(sizes)
        return .norm(
            DeviceNorm(
                columns: columns(along: summed, output: input.axes, keeps: true), epsilon: epsilon, centers: centers,
                scale: parameters.first, shift: parameters.count > 1 ? parameters[1] : nil,
                outerStrides: [Int](repeating: 0, count: input.rank - summed.count), innerStrides: own))
    }

    private func norm(groups: Int, epsilon: Float) -> DeviceRule {
        let input = node.inputShapes[0], ofGroup = input.channels / groups
        let points = input.features / input.channels
        let columns = DeviceColumns(
            outer: [(groups, ofGroup * points, ofGroup * points)],
            inner: [(ofGroup, points, points), (points, 1, 1)])
        return .norm(
            DeviceNorm(
                columns: columns, epsilon: epsilon, centers: true, scale: parameters.first,
                shift: parameters.count > 1 ? parameters[1] : nil, outerStrides: [ofGroup], innerStrides: [1, 0]))
    }

    private func product() -> DeviceRule? {
        let (a, b) = (node.inputShapes[0], node.inputShapes[1])
        func isTurned(_ name: String) -> Bool { node.op.arguments[name] == .boolean(true) }
        func matrix(_ shape: Shape, isFirst: Bool, turned: Bool) -> (axes: [Int], strides: [Int]) {
            var axes = shape.axes, strides = DeviceLayout(axes).strides(axes)
            if axes.count == 1 {
                axes.insert(1, at: isFirst ? 0 : 1)
                strides.insert(0, at: isFirst ? 0 : 1)
            } else if turned {
                axes.swapAt(axes.count - 1, axes.count - 2)
                strides.swapAt(axes.count - 1, axes.count - 2)
            }
            return (axes, strides)
        }
        let first = matrix(a, isFirst: true, turned: isTurned("transpose-a"))
        let second = matrix(b, isFirst: false, turned: isTurned("transpose-b"))
        let (m, n) = (first.axes.count, second.axes.count)
        let rows = first.axes[m - 2], inner = first.axes[m - 1], columns = second.axes[n - 1]
        let leading = max(m, n) - 2
        var loops: [(count: Int, a: Int, b: Int, c: Int)] = []
        var stride = rows * columns
        for place in (0..<leading).reversed() {
            let (i, j) = (place - (leading - (m - 2)), place - (leading - (n - 2)))
            let (x, y) = (i < 0 ? 1 : first.axes[i], j < 0 ? 1 : second.axes[j])
            loops.insert(
                (max(x, y), x == 1 ? 0 : first.strides[i], y == 1 ? 0 : second.strides[j], stride), at: 0)
            stride *= max(x, y)
        }
        return .product(
            DeviceProduct(
                leading: loops, rows: (rows, first.strides[m - 2], columns),
                columns: (columns, second.strides[n - 1], 1),
                inner: (inner, first.strides[m - 1], second.strides[n - 2])))
    }
}
