/// What the weights of a layer connect, point by point.
struct Taps {
    private let shape: WeightShape
    private let input: Shape
    private let output: Shape
    /// Points of an output channel.
    let plane: Int

    init(_ shape: WeightShape, from input: Shape, to output: Shape) {
        self.shape = shape
        self.input = input
        self.output = output
        plane = output.height * output.width
    }

    private var area: Int { shape.window.taps }
    private func channel(_ row: Int, _ column: Int) -> Int {
        row / (shape.rows / shape.groups) * (shape.channels / shape.groups) + column / area
    }

    /// The point of the input that an output point reads through the weight of a column of its row; nil: the border.
    func source(ofPoint point: Int, column: Int) -> Int? {
        let (row, place) = point.quotientAndRemainder(dividingBy: plane)
        let tap = column % area
        let window = shape.window
        let y =
            place / output.width * window.stride.y + tap / window.width * window.dilation.y - window.pads.top
        let x =
            place % output.width * window.stride.x + tap % window.width * window.dilation.x - window.pads.left
        guard y >= 0, y < input.height, x >= 0, x < input.width else { return nil }
        return (channel(row, column) * input.height + y) * input.width + x
    }

    /// The strengths of the output's points from those of the input's.
    func carry(
        _ values: [Paths.Strength], _ layer: PathLayer, strength: (_ live: Int) -> Paths.Strength
    ) -> [Paths.Strength] {
        var result = [Paths.Strength](repeating: 0, count: output.features)
        let columns = shape.columns
        let count = layer.indices?.count ?? shape.weights
        values.withUnsafeBufferPointer { values in
            result.withUnsafeMutableBufferPointer { result in
                var live = 0
                while live < count {
                    let (row, column) = layer.position(live).quotientAndRemainder(dividingBy: columns)
                    let base = row * plane
                    let passes = strength(live)
                    var isDone = false
                    if plane == 1, area == 1 {
                        let held = min(values[channel(row, column)], passes)
                        if held > result[base] { result[base] = held }
                        isDone = held == Paths.certain
                    } else if passes > 0 {
                        var certain = 0
                        for place in 0..<plane {
                            if result[base + place] < passes, let from = source(ofPoint: base + place, column: column) {
                                result[base + place] = max(result[base + place], min(values[from], passes))
                            }
                            certain += result[base + place] == Paths.certain ? 1 : 0
                        }
                        isDone = certain == plane
                    }
                    live = isDone ? layer.first(from: (row + 1) * columns, after: live + 1) : live + 1
                }
            }
        }
        return result
    }
}

/// A table whose rows are looked up: any of them may be the one that a number reads.
struct TablePath {
    private let rows: Int
    private let columns: Int
    private let input: [Paths.Strength]

    /// - Parameter input: of the numbers.
    init(_ shape: WeightShape, _ input: [Paths.Strength]) {
        rows = shape.rows
        columns = shape.columns
        self.input = input
    }

    /// The strengths of the output's points, (numbers, columns).
    func carry(_ layer: PathLayer, strength: (_ live: Int) -> Paths.Strength) -> [Paths.Strength] {
        var best = [Paths.Strength](repeating: 0, count: columns)
        forEachWeight(layer) { live, column in best[column] = max(best[column], strength(live)) }
        return input.flatMap { held in best.map { min(held, $0) } }
    }

    /// The strongest weight of a column, the first of equal ones.
    func best(column: Int, _ layer: PathLayer, strength: (_ live: Int) -> Paths.Strength) -> Int {
        var found: (live: Int, strength: Paths.Strength)?
        forEachWeight(layer) { live, here in
            guard here == column else { return }
            let strength = strength(live)
            if strength > found?.strength ?? 0 { found = (live, strength) }
        }
        return found!.live
    }

    private func forEachWeight(_ layer: PathLayer, _ body: (_ live: Int, _ column: Int) -> Void) {
        for live in 0..<(layer.indices?.count ?? rows * columns) { body(live, layer.position(live) % columns) }
    }
}
