import Descriptors
import Kernels

/// The product of two matrices of activations for each sample, leading axes broadcast, as NumPy's `matmul`.
package struct MatMul: StridedOperator {
    package static let descriptor = Descriptor(
        name: "matmul", summary: "the product of two matrices of activations for each sample",
        parameters: [
            Parameter(
                "transpose-a", "whether the last two axes of the first are exchanged", .boolean,
                default: .boolean(false)),
            Parameter(
                "transpose-b", "whether the last two axes of the second are exchanged", .boolean,
                default: .boolean(false)),
        ])
    package static let inputCount = 2...2
    package static let cases = [
        OperatorCase(inputs: [Shape([3, 4]), Shape([4, 5])], samples: 17, tolerance: 2e-3, values: -2...2),
        OperatorCase(
            ["transpose-a": .boolean(true)], inputs: [Shape([2, 4, 3]), Shape([2, 4, 5])], tolerance: 2e-3,
            values: -2...2),
        OperatorCase(
            ["transpose-b": .boolean(true)], inputs: [Shape([3, 1, 2, 4]), Shape([2, 3, 4])], tolerance: 2e-3,
            values: -2...2),
        OperatorCase(inputs: [Shape([4]), Shape([4, 3])], tolerance: 2e-3, values: -2...2),
        OperatorCase(inputs: [Shape([2, 3, 4]), Shape([4])], tolerance: 2e-3, values: -2...2),
        OperatorCase(inputs: [Shape([5]), Shape([5])], tolerance: 2e-3, values: -2...2),
    ]

    package let transposesA: Bool
    package let transposesB: Bool

    package init(_ arguments: Arguments) throws {
        self.init(transposesA: arguments.boolean("transpose-a"), transposesB: arguments.boolean("transpose-b"))
    }
    package init(transposesA: Bool = false, transposesB: Bool = false) {
        (self.transposesA, self.transposesB) = (transposesA, transposesB)
    }

    package var arguments: [String: Value] {
        ["transpose-a": .boolean(transposesA), "transpose-b": .boolean(transposesB)]
    }
    /// Sixteen lanes are a chunk: of more the numbers of a matrix would lie further apart than the cache likes.
    package var traits: OperatorTraits { [.wantsNarrowPanels, .multipliesMatrices] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        func fail(_ expected: String) -> GraphError {
            .shape(node: "", found: "\(inputs[0]) and \(inputs[1])", expected: expected)
        }
        guard inputs[0].rank > 0, inputs[1].rank > 0 else { throw fail("two vectors or matrices") }
        let a = matrix(inputs[0].axes, isFirst: true, transposesA)
        let b = matrix(inputs[1].axes, isFirst: false, transposesB)
        guard a[a.count - 1] == b[b.count - 2] else { throw fail("as many columns of the first as rows of the second") }
        guard let leading = broadcastAxes(a.dropLast(2), b.dropLast(2)) else {
            throw fail("leading axes that are equal or 1")
        }
        var axes = leading
        if inputs[0].rank > 1 { axes.append(a[a.count - 2]) }
        if inputs[1].rank > 1 { axes.append(b[b.count - 1]) }
        return Shape(axes)
    }
    /// A vector is a matrix of one row or one column.
    private func matrix(_ axes: [Int], isFirst: Bool, _ transposes: Bool) -> [Int] {
        var axes = axes
        if axes.count == 1 {
            axes.insert(1, at: isFirst ? 0 : 1)
        } else if transposes {
            axes.swapAt(axes.count - 1, axes.count - 2)
        }
        return axes
    }
    /// Leading axes and what is left of the matrices pass on; what is summed over goes from both.
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        guard let output = try? outputShape(inputs) else { return rule }
        rule.zeroOfOneInput = true
        let ranks = (inputs[0].rank, inputs[1].rank)
        let leading = output.rank - (ranks.0 > 1 ? 1 : 0) - (ranks.1 > 1 ? 1 : 0)
        for (number, rank) in [ranks.0, ranks.1].enumerated() where rank > 2 {
            for axis in 0..<rank - 2 {
                let to = axis + leading - (rank - 2)
                if inputs[number][axis] == output[to] { rule.link(.input(number, axis: axis), .output(axis: to)) }
            }
        }
        // (rows, inner) and (inner, columns), as they lie.
        let inner = (
            ranks.0 == 1 ? 0 : transposesA ? ranks.0 - 2 : ranks.0 - 1,
            ranks.1 == 1 ? 0 : transposesB ? ranks.1 - 1 : ranks.1 - 2
        )
        if ranks.0 > 1 { rule.link(.input(0, axis: 2 * ranks.0 - 3 - inner.0), .output(axis: leading)) }
        if ranks.1 > 1 { rule.link(.input(1, axis: 2 * ranks.1 - 3 - inner.1), .output(axis: output.rank - 1)) }
        rule.link(.input(0, axis: inner.0), .input(1, axis: inner.1))
        rule.sum(.input(0, axis: inner.0), .ofValues)
        rule.sum(.input(1, axis: inner.1), .ofValues)
        return rule
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func multiplyAdds(_ inputs: [Shape]) -> Int {
        let a = matrix(inputs[0].axes, isFirst: true, transposesA)
        return ((try? outputShape(inputs))?.features ?? 0) * a[a.count - 1]
    }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        let (isVectorA, isVectorB) = (places.inputs[0].axes.count == 1, places.inputs[1].axes.count == 1)
        func first(_ tensor: AxisStrides) -> AxisStrides {
            isVectorA ? tensor.inserting(at: 0) : transposesA ? tensor.turned : tensor
        }
        func second(_ tensor: AxisStrides) -> AxisStrides {
            isVectorB ? tensor.inserting(at: 1) : transposesB ? tensor.turned : tensor
        }
        func result(_ tensor: AxisStrides) -> AxisStrides {
            var held = tensor
            if isVectorB { held = held.inserting(at: held.axes.count) }
            if isVectorA { held = held.inserting(at: held.axes.count - 1) }
            return held
        }
        let a = first(places.inputs[0]), b = second(places.inputs[1])
        let dy = result(places.outputGradient)
        return MatMulKernel(
            forward: MatrixProduct(a: a, b: b, c: result(places.output)),
            gradientA: MatrixProduct(a: dy, b: b.turned, c: first(places.inputGradients[0])),
            gradientB: MatrixProduct(a: a.turned, b: dy, c: second(places.inputGradients[1])))
    }
}

/// dA = dC · Bᵀ and dB = Aᵀ · dC.
private struct MatMulKernel: StridedKernel {
    let forward: MatrixProduct
    let gradientA: MatrixProduct
    let gradientB: MatrixProduct

    var tasks: Int { forward.tasks }
    // One after the other where both operands are one tensor: the second is then added to what the first wrote.
    var gradientTasks: Int { 1 }

    func forward(_ panel: StridedPanel, task: Int) {
        forward.run(task: task, panel.inputs[0], panel.inputs[1], to: panel.output)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let targets = panel.inputGradients else { return }
        if let target = targets[0] {
            for task in 0..<gradientA.tasks {
                gradientA.run(task: task, dy, panel.inputs[1], to: target, adds: panel.adds![0])
            }
        }
        if let target = targets[1] {
            for task in 0..<gradientB.tasks {
                gradientB.run(task: task, panel.inputs[0], dy, to: target, adds: panel.adds![1])
            }
        }
    }
}
