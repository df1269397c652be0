import Foundation
import Kernels
import Testing

@Suite struct SumTests {
    /// Axes of x, and those summed over.
    static let shapes: [([Int], [Int])] = [
        ([7], [0]), ([3, 9], [1]), ([9, 3], [0]), ([2, 5, 18], [1]), ([2, 5, 18], [0, 2]), ([2, 3, 4, 5], [1, 2, 3]),
        ([4, 1], [1]),
        ([2, 21, 20], [2]),
    ]
    static let samples = 18

    /// The points of each column.
    static func columns(_ axes: [Int], _ summed: [Int]) -> [[Int]] {
        var lists: [[Int]: [Int]] = [:], order: [[Int]] = []
        for (number, position) in positions(axes).enumerated() {
            let key = position.indices.filter { !summed.contains($0) }.map { position[$0] }
            if lists[key] == nil { order.append(key) }
            lists[key, default: []].append(number)
        }
        return order.map { lists[$0]! }
    }

    @Test(arguments: shapes.indices, Reduction.allCases) func reductions(_ number: Int, kind: Reduction) {
        let (axes, summed) = Self.shapes[number]
        let kept = axes.indices.filter { !summed.contains($0) }.map { axes[$0] }
        let count = axes.reduce(1, *), outputs = kept.reduce(1, *)
        let values = randomSamples(Self.samples, count, seed: number, range: 1).map { list in
            kind == .logSum ? list.map { abs($0) + 0.1 } : list
        }
        let slopes = randomSamples(Self.samples, outputs, seed: number + 50)
        let columns = Self.columns(axes, summed)
        func reference(_ x: [Double]) -> [Double] {
            columns.map { column in
                let list = column.map { x[$0] }
                return switch kind {
                case .mean: list.reduce(0, +) / Double(list.count)
                case .sum: list.reduce(0, +)
                case .max: list.max()!
                case .min: list.min()!
                case .prod: list.reduce(1, *)
                case .l1: list.reduce(0) { $0 + abs($1) }
                case .l2: list.reduce(0) { $0 + $1 * $1 }.squareRoot()
                case .sumSquare: list.reduce(0) { $0 + $1 * $1 }
                case .logSum: log(list.reduce(0, +))
                case .logSumExp: log(list.reduce(0) { $0 + exp($1) })
                }
            }
        }
        for lanes in [16, 64] {
            let held = min(lanes, Self.samples)
            let x = PlacedTensor(axes, lanes: lanes, gap: 1, values: Array(values.prefix(held)))
            let y = PlacedTensor(kept, lanes: lanes, gap: 1)
            let table = Columns(x.strides, over: summed)
            let plan = ReductionColumns(kind, x: table, y: y.strides)
            #expect(plan.count == outputs)
            plan.forward(columns: 0..<plan.count, x.pointer, to: y.pointer)
            let dy = PlacedTensor(kept, lanes: lanes, values: Array(slopes.prefix(held)))
            let dx = PlacedTensor(axes, lanes: lanes, gap: 2)
            for adds in [false, true] {
                plan.backward(
                    columns: 0..<plan.count, x.pointer, y: y.pointer, dy: dy.pointer, dy.strides, to: dx.pointer,
                    Columns(dx.strides, over: summed), adds: adds)
            }
            #expect(y.gapsAreLeft && dx.gapsAreLeft)
            for sample in 0..<held {
                #expect(worstError(y.values(sample), reference(values[sample].map(Double.init))) < 2e-6)
                #expect(
                    worstDifference(
                        dx.values(sample).map { $0 / 2 }, at: values[sample], weights: slopes[sample], step: 1e-6,
                        reference)
                        < 1e-3)
                let one = PlacedTensor(axes, lanes: 1, gap: 2, values: [values[sample]])
                let oneY = PlacedTensor(kept, lanes: 1, gap: 1)
                ReductionColumns(kind, x: Columns(one.strides, over: summed), y: oneY.strides).forward(
                    columns: 0..<outputs, one.pointer, to: oneY.pointer)
                #expect(oneY.values(0).map(\.bitPattern) == y.values(sample).map(\.bitPattern) && oneY.gapsAreLeft)
            }
        }
    }

    @Test func equalExtremesShareTheGradient() {
        let x = PlacedTensor([4], lanes: 16, values: [[3, 5, 5, 1]]), y = PlacedTensor([1], lanes: 16)
        let plan = ReductionColumns(.max, x: Columns(x.strides, over: [0]), y: y.strides)
        plan.forward(columns: 0..<1, x.pointer, to: y.pointer)
        let dy = PlacedTensor([1], lanes: 16, values: [[6]]), dx = PlacedTensor([4], lanes: 16)
        plan.backward(
            columns: 0..<1, x.pointer, y: y.pointer, dy: dy.pointer, dy.strides, to: dx.pointer,
            Columns(dx.strides, over: [0]), adds: false)
        #expect(y.values(0) == [5] && dx.values(0) == [0, 3, 3, 0])
    }

    /// Zeros in a product: the gradient of the one zero is the product of the others.
    @Test func productsWithZeros() {
        let x = PlacedTensor([3], lanes: 16, values: [[2, 0, 5], [0, 0, 5]]), y = PlacedTensor([1], lanes: 16)
        let plan = ReductionColumns(.prod, x: Columns(x.strides, over: [0]), y: y.strides)
        plan.forward(columns: 0..<1, x.pointer, to: y.pointer)
        let dy = PlacedTensor([1], lanes: 16, values: [[1], [1]]), dx = PlacedTensor([3], lanes: 16)
        plan.backward(
            columns: 0..<1, x.pointer, y: y.pointer, dy: dy.pointer, dy.strides, to: dx.pointer,
            Columns(dx.strides, over: [0]), adds: false)
        #expect(dx.values(0) == [0, 10, 0] && dx.values(1) == [0, 0, 0])
    }

    @Test(arguments: shapes.indices, [false, true]) func softmax(_ number: Int, isLogarithm: Bool) {
        let (axes, summed) = Self.shapes[number]
        let count = axes.reduce(1, *)
        let values = randomSamples(Self.samples, count, seed: number, range: 4)
        let slopes = randomSamples(Self.samples, count, seed: number + 50)
        let columns = Self.columns(axes, summed)
        func reference(_ x: [Double]) -> [Double] {
            var y = x
            for column in columns {
                let largest = column.map { x[$0] }.max()!
                let total = column.reduce(0) { $0 + exp(x[$1] - largest) }
                for point in column {
                    y[point] = isLogarithm ? x[point] - largest - log(total) : exp(x[point] - largest) / total
                }
            }
            return y
        }
        for lanes in [16, 64] {
            let held = min(lanes, Self.samples)
            let x = PlacedTensor(axes, lanes: lanes, gap: 1, values: Array(values.prefix(held)))
            let y = PlacedTensor(axes, lanes: lanes, gap: 2)
            func table(_ tensor: PlacedTensor) -> Columns { Columns(tensor.strides, over: summed) }
            let plan = SoftmaxColumns(x: table(x), y: table(y), isLogarithm: isLogarithm)
            plan.forward(columns: 0..<plan.count, x.pointer, to: y.pointer)
            let dy = PlacedTensor(axes, lanes: lanes, values: Array(slopes.prefix(held)))
            let dx = PlacedTensor(axes, lanes: lanes, gap: 1)
            for adds in [false, true] {
                plan.backward(
                    columns: 0..<plan.count, y: y.pointer, dy: dy.pointer, table(dy), to: dx.pointer, table(dx),
                    adds: adds)
            }
            #expect(y.gapsAreLeft && dx.gapsAreLeft)
            for sample in 0..<held {
                #expect(worstError(y.values(sample), reference(values[sample].map(Double.init))) < 1e-6)
                #expect(
                    worstDifference(
                        dx.values(sample).map { $0 / 2 }, at: values[sample], weights: slopes[sample], reference)
                        < 1e-3)
                let one = PlacedTensor(axes, lanes: 1, gap: 1, values: [values[sample]])
                SoftmaxColumns(x: table(one), y: table(one), isLogarithm: isLogarithm).forward(
                    columns: 0..<plan.count, one.pointer, to: one.pointer)
                #expect(one.values(0).map(\.bitPattern) == y.values(sample).map(\.bitPattern) && one.gapsAreLeft)
            }
        }
    }

    @Test func softmaxOfMaskedValues() {
        let x = PlacedTensor([4], lanes: 16, values: [[1, -.infinity, 1, -1000], [1, .nan, 2, 3]])
        let plan = SoftmaxColumns(
            x: Columns(x.strides, over: [0]), y: Columns(x.strides, over: [0]), isLogarithm: false)
        plan.forward(columns: 0..<1, x.pointer, to: x.pointer)
        #expect(x.values(0) == [0.5, 0, 0.5, 0])
        #expect(x.values(1).allSatisfy { $0.isNaN })
    }

    /// Of layers (the last axes), of groups of channels.
    static let norms: [(axes: [Int], groups: Int, summed: [Int], isByPoint: Bool)] = [
        ([12], 1, [0], true), ([3, 9], 1, [1], true), ([9, 3], 1, [0], true), ([2, 4, 5], 1, [1, 2], true),
        ([4, 3, 5], 2, [1, 2, 3], false), ([3, 3, 2], 3, [1, 2, 3], false), ([6, 20], 3, [1, 2], false),
    ]

    @Test(arguments: norms.indices, [(true, true), (true, false), (false, true), (false, false)])
    func normalisations(_ number: Int, _ kind: (centers: Bool, hasParameters: Bool)) {
        let (centers, hasParameters) = kind
        let (axes, groups, summed, isByPoint) = Self.norms[number]
        // Groups split the first axis in two.
        let viewed = isByPoint ? axes : [groups, axes[0] / groups] + axes.dropFirst()
        let count = axes.reduce(1, *)
        let values = randomSamples(Self.samples, count, seed: number),
            slopes = randomSamples(Self.samples, count, seed: 7)
        let columns = Self.columns(viewed, summed)
        let length = columns[0].count, inner = axes.dropFirst().reduce(1, *)
        let columnParameters = columns.indices.map { Int32(isByPoint ? 0 : $0 * axes[0] / groups) }
        let pointParameters = (0..<length).map { Int32(isByPoint ? $0 : $0 / inner) }
        let parameters = isByPoint ? length : axes[0]
        let scale = randomSamples(1, parameters, seed: 8)[0], shift = randomSamples(1, parameters, seed: 9)[0]
        let epsilon: Float = 0.01
        func reference(_ x: [Double], _ scale: [Double], _ shift: [Double]) -> [Double] {
            var y = x
            for (number, column) in columns.enumerated() {
                let mean = centers ? column.reduce(0) { $0 + x[$1] } / Double(length) : 0
                let variance = column.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / Double(length)
                for (point, place) in column.enumerated() {
                    let parameter = Int(columnParameters[number] + pointParameters[point])
                    let value = (x[place] - mean) / (variance + Double(epsilon)).squareRoot()
                    y[place] = hasParameters ? value * scale[parameter] + shift[parameter] : value
                }
            }
            return y
        }
        func table(_ tensor: PlacedTensor) -> Columns { Columns(tensor.strides, over: summed) }
        func plan(_ x: PlacedTensor, _ y: PlacedTensor) -> NormColumns {
            NormColumns(
                x: table(x), y: table(y), epsilon: epsilon, centers: centers, columnParameters: columnParameters,
                pointParameters: pointParameters)
        }
        func forward(_ x: PlacedTensor, _ y: PlacedTensor, moments: UnsafeMutablePointer<Float>?) {
            scale.withUnsafeBufferPointer { scale in
                shift.withUnsafeBufferPointer { shift in
                    plan(x, y).forward(
                        columns: 0..<columns.count, x.pointer, to: y.pointer,
                        scale: hasParameters ? scale.baseAddress : nil, shift: hasParameters ? shift.baseAddress : nil,
                        moments: moments)
                }
            }
        }
        for lanes in [16, 64] {
            let held = min(lanes, Self.samples)
            let x = PlacedTensor(viewed, lanes: lanes, gap: 1, values: Array(values.prefix(held)))
            let y = PlacedTensor(viewed, lanes: lanes, gap: 2)
            let moments = FloatBuffer(count: 2 * lanes * columns.count)
            forward(x, y, moments: moments.pointer)
            let dy = PlacedTensor(viewed, lanes: lanes, values: Array(slopes.prefix(held)))
            // Lanes without a sample have no gradient.
            for offset in dy.strides.offsets { for lane in held..<lanes { dy.memory[Int(offset) + lane] = 0 } }
            let dx = PlacedTensor(viewed, lanes: lanes, gap: 1)
            let sums = FloatBuffer(count: 2 * parameters)
            let work = plan(x, y)
            #expect(work.parameters == parameters)
            for adds in [false, true] {
                scale.withUnsafeBufferPointer { scale in
                    work.backward(
                        columns: 0..<columns.count, x.pointer, dy: dy.pointer, table(dy), to: dx.pointer, table(dx),
                        adds: adds, scale: hasParameters ? scale.baseAddress : nil, moments: moments.pointer,
                        sums: sums.pointer)
                }
            }
            #expect(y.gapsAreLeft && dx.gapsAreLeft)
            let (scales, shifts) = (scale.map(Double.init), shift.map(Double.init))
            for sample in 0..<held {
                let exact = values[sample].map(Double.init)
                #expect(worstError(y.values(sample), reference(exact, scales, shifts)) < 1e-5)
                #expect(
                    worstDifference(dx.values(sample).map { $0 / 2 }, at: values[sample], weights: slopes[sample]) {
                        reference($0, scales, shifts)
                    } < 1e-3)
                let one = PlacedTensor(viewed, lanes: 1, gap: 1, values: [values[sample]])
                let oneY = PlacedTensor(viewed, lanes: 1, gap: 2)
                forward(one, oneY, moments: nil)
                #expect(oneY.values(0).map(\.bitPattern) == y.values(sample).map(\.bitPattern) && oneY.gapsAreLeft)
            }
            guard hasParameters else { continue }
            // Of all samples together.
            let all = (0..<held).flatMap { slopes[$0] }
            let gradients = sums.array
            #expect(
                worstDifference(Array(gradients.prefix(parameters)), at: scale, weights: all) { scale in
                    (0..<held).flatMap { reference(values[$0].map(Double.init), scale, shifts) }
                } < 1e-3)
            #expect(
                worstDifference(Array(gradients.suffix(parameters)), at: shift, weights: all) { shift in
                    (0..<held).flatMap { reference(values[$0].map(Double.init), scales, shift) }
                } < 1e-3)
        }
    }

    @Test(arguments: [(true, false), (true, true), (false, false), (false, true)])
    func placesOfExtremes(isLargest: Bool, takesLast: Bool) {
        let values = randomSamples(Self.samples, 60, seed: 3).map { $0.map { ($0 * 2).rounded() } }
        let columns = Self.columns([3, 5, 4], [1])
        func run(_ lanes: Int, _ values: [[Float]]) -> PlacedTensor {
            let x = PlacedTensor([3, 5, 4], lanes: lanes, gap: 1, values: values),
                y = PlacedTensor([3, 4], lanes: lanes)
            let plan = ExtremePlaces(
                x: Columns(x.strides, over: [1]), y: y.strides, isLargest: isLargest, takesLast: takesLast)
            plan.forward(columns: 0..<plan.count, x.pointer, to: y.pointer)
            return y
        }
        let panel = run(64, values)
        for sample in 0..<Self.samples {
            let wanted = columns.map { column -> Float in
                let list = column.map { values[sample][$0] }
                let best = isLargest ? list.max()! : list.min()!
                return Float(takesLast ? list.lastIndex(of: best)! : list.firstIndex(of: best)!)
            }
            #expect(panel.values(sample) == wanted)
            #expect(run(1, [values[sample]]).values(0) == wanted)
        }
    }

    @Test func rowsOfATable() {
        let vocabulary = 5, features = 19
        let random = CounterRandom(seed: 1, purpose: .test)
        let table = randomSamples(1, vocabulary * features, seed: 2)[0]
        var tokens = (0..<Self.samples).map { sample in (0..<6).map { Float(Int(random.uniform(sample, $0) * 5)) } }
        // From the end, and outside.
        tokens[3] = [-1, -5, 7, -9, .nan, 1e30]
        let rows = [3: [4, 0, 4, 0, 0, 4]]
        for lanes in [1, 16, 64] {
            let held = min(lanes, Self.samples)
            let x = PlacedTensor([2, 3], lanes: lanes, gap: 1, values: Array(tokens.prefix(held)))
            let y = PlacedTensor([2, 3, features], lanes: lanes, gap: 1)
            let plan = EmbeddingRows(tokens: x.strides, y: y.strides, vocabulary: vocabulary)
            plan.forward(points: 0..<plan.count, x.pointer, table: table, to: y.pointer)
            #expect(y.gapsAreLeft)
            var wanted = [Double](repeating: 0, count: table.count)
            let slopes = randomSamples(held, 6 * features, seed: 4)
            for sample in 0..<held {
                let numbers = rows[sample] ?? tokens[sample].map { Int($0) }
                #expect(y.values(sample) == numbers.flatMap { Array(table[$0 * features..<($0 + 1) * features]) })
                for (point, number) in numbers.enumerated() {
                    for feature in 0..<features {
                        wanted[number * features + feature] += Double(slopes[sample][point * features + feature])
                    }
                }
            }
            guard lanes > 1 else { continue }
            let dy = PlacedTensor([2, 3, features], lanes: lanes, values: slopes)
            var gradient = [Float](repeating: 0, count: table.count)
            for part in [0..<7, 7..<features] {
                plan.addGradient(
                    features: part, samples: held, x.pointer, dy: dy.pointer, Columns(dy.strides, over: [2]),
                    to: &gradient)
            }
            #expect(worstError(gradient, wanted) < 1e-5)
        }
    }
}
