import Kernels

/// Asked of one layer in one step: gradients of weights that are not there. Answered before the layer's way back, while its
/// input and the gradient of its output are both in memory.
package final class GradientProbe {
    package enum Question: Sendable, Equatable {
        /// The largest of the layer, so many at most.
        case largest(Int)
        /// These, and of each row its largest.
        case largestOfRows(Int, each: Int)
        /// At ascending row-major positions.
        case at([Int])
    }

    package let question: Question
    /// Ascending positions, and the gradient of each: the bits that it would have if the weight were there. nil before the step.
    package private(set) var answer: [(position: Int, value: Float)]?

    package init(_ question: Question) { self.question = question }

    /// Bytes of dense gradient that a task holds at once, about.
    private static let blockBytes = 1 << 18

    func answer(
        _ layer: WeightLayer, panels: Int, input: UnsafePointer<Float>, outputGradient dy: UnsafePointer<Float>,
        team: Team
    ) {
        let sums = GradientSums(map: layer.map, panels: panels, input: input, outputGradient: dy)
        switch question {
        case .at(let positions):
            guard !positions.isEmpty else { return answer = [] }
            let pattern = sparsePattern(map: layer.map, indices: positions, needsInputGradient: false)
            answer = Array(zip(positions, sums.values(pattern, team: team)))
        case .largest(let count): answer = largest(count, each: 0, layer, sums, team)
        case .largestOfRows(let count, let each): answer = largest(count, each: each, layer, sums, team)
        }
    }

    private func largest(
        _ count: Int, each: Int, _ layer: WeightLayer, _ sums: GradientSums, _ team: Team
    ) -> [(position: Int, value: Float)] {
        let found =
            layer.map.groups > 1
            ? amongAll(count, each: each, layer, sums, team) : byBlocks(count, each: each, layer, sums, team)
        return found.map { ($0.position, $0.value) }
    }

    /// Of a layer of several groups, which is small.
    private func amongAll(
        _ count: Int, each: Int, _ layer: WeightLayer, _ sums: GradientSums, _ team: Team
    ) -> [LargestValues.Entry] {
        let pattern =
            groupedPattern(map: layer.map, needsInputGradient: false)
            ?? sparsePattern(map: layer.map, indices: Array(0..<layer.map.weights), needsInputGradient: false)
        return GradientProbe.largest(count, each: each, layer, sums.values(pattern, team: team))
    }

    private static func largest(
        _ count: Int, each: Int, _ layer: WeightLayer, _ gradient: [Float]
    ) -> [LargestValues.Entry] {
        var values = gradient
        for live in layer.liveIndices() ?? Array(values.indices) { values[live] = .nan }
        var largest = LargestValues(count: count)
        for (position, value) in values.enumerated() where abs(value) > largest.threshold {
            largest.show(LargestValues.Entry(position: position, value: value))
        }
        largest.close()
        if each == 0 { return largest.entries }
        let columns = layer.map.columns
        let rows = (0..<layer.map.rows).flatMap { row in
            GradientProbe.largest(each, from: row * columns, columns: columns) { values[row * columns + $0] }
        }
        return joined(largest.entries, rows)
    }

    /// Of one row, in rising columns; what is no number is not looked at.
    private static func largest(
        _ count: Int, from start: Int, columns: Int, _ value: (Int) -> Float
    ) -> [LargestValues.Entry] {
        var largest = LargestValues(count: count)
        for column in 0..<columns where abs(value(column)) > largest.threshold {
            largest.show(LargestValues.Entry(position: start + column, value: value(column)))
        }
        largest.close()
        return largest.entries
    }

    /// Both, in rising positions, each once.
    private static func joined(
        _ first: [LargestValues.Entry], _ second: [LargestValues.Entry]
    ) -> [LargestValues.Entry] {
        var joined: [LargestValues.Entry] = []
        joined.reserveCapacity(first.count + second.count)
        var place = 0
        for entry in second {
            while place < first.count, first[place].position < entry.position {
                joined.append(first[place])
                place += 1
            }
            if place < first.count, first[place].position == entry.position { place += 1 }
            joined.append(entry)
        }
        joined.append(contentsOf: first[place...])
        return joined
    }

    /// From the gradient of all weights, as a table has it.
    func answer(_ layer: WeightLayer, whole gradient: [Float]) {
        switch question {
        case .at(let positions): answer = positions.map { ($0, gradient[$0]) }
        case .largest(let count):
            answer = GradientProbe.largest(count, each: 0, layer, gradient).map { ($0.position, $0.value) }
        case .largestOfRows(let count, let each):
            answer = GradientProbe.largest(count, each: each, layer, gradient).map { ($0.position, $0.value) }
        }
    }

    /// The dense gradient of some blocks of six rows at a time, on all threads. Which of them take which rows changes nothing.
    private func byBlocks(
        _ count: Int, each: Int, _ layer: WeightLayer, _ sums: GradientSums, _ team: Team
    ) -> [LargestValues.Entry] {
        let map = layer.map
        guard let live = layer.liveIndices(), count > 0 || each > 0 else { return [] }
        let terms = (0..<map.columns).map(map.term(ofColumn:))
        var columns = [Int](repeating: 0, count: terms.count)
        for (column, term) in terms.enumerated() { columns[term] = column }
        let blocks = DensePacking.blocks(map.rows), blockFloats = map.columns * DensePacking.rows
        let held = max(1, min(blocks, GradientProbe.blockBytes / (4 * blockFloats)))
        let tasks = min(team.size, (blocks + held - 1) / held)
        let parts = Answers(tasks, count: count)
        team.run(tasks: tasks) { task in
            let own = task * blocks / tasks..<(task + 1) * blocks / tasks
            var largest = LargestValues(count: count)
            var rows: [LargestValues.Entry] = []
            let scratch = FloatBuffer(count: held * blockFloats)
            var next = live.partitioned(before: own.lowerBound * DensePacking.rows * map.columns)
            for first in stride(from: own.lowerBound, to: own.upperBound, by: held) {
                let some = first..<min(first + held, own.upperBound)
                sums.dense(some, into: scratch.pointer)
                for block in some {
                    let packed = scratch.pointer + (block - first) * blockFloats
                    let row = block * DensePacking.rows
                    // What is there already, and what lies beyond the last row, is larger than nothing.
                    while next < live.count, live[next] < (row + DensePacking.rows) * map.columns {
                        let (liveRow, column) = live[next].quotientAndRemainder(dividingBy: map.columns)
                        packed[terms[column] * DensePacking.rows + liveRow - row] = .nan
                        next += 1
                    }
                    for beyond in max(row, min(map.rows, row + DensePacking.rows)) - row..<DensePacking.rows {
                        for term in terms.indices { packed[term * DensePacking.rows + beyond] = .nan }
                    }
                    GradientProbe.show(packed, count: blockFloats, row: row, columns: columns, to: &largest)
                    if each == 0 { continue }
                    for within in 0..<min(DensePacking.rows, map.rows - row) {
                        rows += GradientProbe.largest(
                            each, from: (row + within) * map.columns, columns: map.columns
                        ) { packed[terms[$0] * DensePacking.rows + within] }
                    }
                }
            }
            largest.close()
            parts[task] = (largest, rows)
        }
        return each == 0 ? parts.joined() : GradientProbe.joined(parts.joined(), parts.rows)
    }

    /// One block, in the order of positions.
    private static func show(
        _ packed: UnsafeMutablePointer<Float>, count: Int, row: Int, columns: [Int], to largest: inout LargestValues
    ) {
        var found: [LargestValues.Entry] = []
        let width = columns.count
        func show(_ place: Int) {
            let (term, within) = place.quotientAndRemainder(dividingBy: DensePacking.rows)
            found.append(LargestValues.Entry(position: (row + within) * width + columns[term], value: packed[place]))
        }
        let limit = SIMD16<Float>(repeating: largest.threshold), whole = count & ~15
        for start in stride(from: 0, to: whole, by: 16) {
            let values = UnsafeRawPointer(packed + start).loadUnaligned(as: SIMD16<Float>.self)
            let magnitudes = values.replacing(with: -values, where: values .< 0)
            guard any(magnitudes .> limit) else { continue }
            for place in start..<start + 16 where abs(packed[place]) > largest.threshold { show(place) }
        }
        for place in whole..<count where abs(packed[place]) > largest.threshold { show(place) }
        found.sort { $0.position < $1.position }
        for entry in found { largest.show(entry) }
    }

    /// What each task found; a task writes its own alone.
    private final class Answers: @unchecked Sendable {
        typealias Part = (largest: LargestValues, rows: [LargestValues.Entry])

        private let held: UnsafeMutableBufferPointer<Part>
        private let count: Int

        init(_ tasks: Int, count: Int) {
            self.count = count
            held = .allocate(capacity: tasks)
            held.initialize(repeating: (LargestValues(count: count), []))
        }
        deinit {
            held.deinitialize()
            held.deallocate()
        }
        subscript(task: Int) -> Part {
            get { held[task] }
            set { held[task] = newValue }
        }
        func joined() -> [LargestValues.Entry] {
            var all = LargestValues(count: count)
            for part in held { for entry in part.largest.entries { all.show(entry) } }
            all.close()
            return all.entries
        }
        var rows: [LargestValues.Entry] { held.flatMap(\.rows) }
    }
}

/// Gradients of weights from a layer's input and the gradient of its output, summed as the step sums them.
struct GradientSums: @unchecked Sendable {
    // Unchecked: the pointers are read alone while the step's tasks rest.
    let map: WeightMap
    let panels: Int
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>

    private var halves: PanelHalves { PanelHalves(panels, of: map) }

    /// Of all weights of a pattern, in row-major order.
    func values(_ pattern: any WeightPattern, team: Team) -> [Float] {
        let sums = (0..<halves.count).map { _ in FloatBuffer(count: pattern.storageCount) }
        let bias = (0..<halves.count).map { _ in FloatBuffer(count: map.rows) }
        let blocks = map.rowBlocks
        team.run(tasks: halves.count * blocks) { task in
            let half = task / blocks, block = task % blocks
            pattern.weightGradient(
                sums[half].pointer, bias: bias[half].pointer, panels: halves[half].count, blocks: block..<block + 1,
                input: input + halves[half].lowerBound * map.input.panelFloats,
                outputGradient: outputGradient + halves[half].lowerBound * map.outputGradient.panelFloats)
        }
        if halves.count == 2 { add(sums[1].pointer, to: sums[0].pointer, count: sums[0].count) }
        return pattern.rowMajorOrder().map { sums[0].pointer[Int($0)] }
    }

    /// Of all weights of some blocks of six rows, packed.
    func dense(_ blocks: Range<Int>, into sums: UnsafeMutablePointer<Float>) {
        let blockFloats = map.columns * DensePacking.rows, count = blocks.count * blockFloats
        let bias = FloatBuffer(count: map.rows)
        func half(_ half: Int, _ sums: UnsafeMutablePointer<Float>) {
            denseWeightGradient(
                sums - blocks.lowerBound * blockFloats, bias: bias.pointer, map: map, panels: halves[half].count,
                blocks: blocks, input: input + halves[half].lowerBound * map.input.panelFloats,
                outputGradient: outputGradient + halves[half].lowerBound * map.outputGradient.panelFloats)
        }
        half(0, sums)
        guard halves.count == 2 else { return }
        let second = FloatBuffer(count: count)
        half(1, second.pointer)
        add(second.pointer, to: sums, count: count)
    }
}

extension [Int] {
    /// The first place whose number is not below `limit`, of ascending numbers.
    fileprivate func partitioned(before limit: Int) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
