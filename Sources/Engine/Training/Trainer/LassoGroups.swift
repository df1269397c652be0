import Graph
import Kernels
import Sparsity

/// The groups that a group lasso shrinks, for as long as the mask is the same.
///
/// A norm is one chain over its weights in the order of layers and rows, so it is the same on any number of threads.
struct LassoGroups: @unchecked Sendable {
    // Unchecked: threads read these arrays, and write numbers of their own.

    /// A layer with no group but single weights; what is below is empty then.
    private var areSingle: [Bool] = []
    /// By layer, of each place in storage; -1: none. A group that reaches over layers has one number in all of them.
    private var groupOf: [[Int32]] = []
    /// By layer, the places of each group, one group after another, in a group by row and column.
    private var members: [[UInt32]] = []
    /// By layer, where the groups lie among the members.
    private var runs: [[(group: Int32, places: Range<Int>)]] = []
    /// √n of each group.
    private var roots: [Double] = []
    /// By layer, places in storage, and live weights of those before it.
    private var counts: [Int] = []
    private var firsts: [Int] = []

    init(_ trainer: Trainer) {
        let granularity = trainer.parts.masker.granularity
        var shared: [Int32: Int32] = [:], sizes: [Int] = [], live = 0
        for (number, layer) in trainer.network.layers.enumerated() {
            areSingle.append(layer.isLatent && type(of: granularity).isSingleWeights)
            groupOf.append([])
            members.append([])
            runs.append([])
            counts.append(layer.values.count)
            firsts.append(live)
            live += areSingle[number] ? layer.nnz : 0
            guard layer.isLatent, !areSingle[number] else { continue }
            let weights = trainer.liveWeights(number)
            // Without scores: what follows from values would not be the same after a resume.
            let own = granularity.groups(of: weights)
            let parts = granularity.sharedNumbers(of: weights)
            var known = [Int32](repeating: -1, count: Int((own.max() ?? -1) + 1))
            for group in known.indices {
                let part = parts?[group]
                known[group] = part.flatMap { shared[$0] } ?? Int32(sizes.count)
                if known[group] == Int32(sizes.count) { sizes.append(0) }
                if let part { shared[part] = known[group] }
            }
            hold(number, layer, own.map { $0 < 0 ? -1 : known[Int($0)] }, groups: sizes.count)
            for run in runs[number] { sizes[Int(run.group)] += run.places.count }
        }
        roots = sizes.map { Double($0).squareRoot() }
    }

    /// - Parameter mine: of each live weight.
    private mutating func hold(_ number: Int, _ layer: WeightLayer, _ mine: [Int32], groups: Int) {
        let order = layer.rowMajorOrder()
        groupOf[number] = [Int32](repeating: -1, count: layer.values.count)
        for (place, group) in zip(order, mine) { groupOf[number][Int(place)] = group }
        let byGroup = stableOrder(of: mine.map { UInt32($0 + 1) }, keys: groups + 1)
        for live in byGroup where mine[Int(live)] >= 0 {
            let group = mine[Int(live)], end = members[number].count
            if runs[number].last?.group == group {
                runs[number][runs[number].count - 1].places = runs[number].last!.places.lowerBound..<end + 1
            } else {
                runs[number].append((group, end..<end + 1))
            }
            members[number].append(order[Int(live)])
        }
    }

    /// ‖w‖ of each group of several weights.
    /// - Parameter layers: the values, nil where nothing is shrunk.
    func norms(_ layers: [UnsafeMutablePointer<Float>?], _ team: Team) -> [Double] {
        var squares = [Double](repeating: 0, count: roots.count)
        squares.withUnsafeMutableBufferPointer { squares in
            nonisolated(unsafe) let squares = squares  // Each group is of one task.
            // A group of several layers takes them one after another.
            for (number, values) in layers.enumerated() where !runs[number].isEmpty {
                let runs = runs[number], members = members[number], each = 32
                team.run(tasks: (runs.count + each - 1) / each) { task in
                    for run in runs[task * each..<min((task + 1) * each, runs.count)] {
                        squares[Int(run.group)] = sumOfSquares(
                            of: members, run.places, values!, from: squares[Int(run.group)])
                    }
                }
            }
        }
        return squares.map { $0.squareRoot() }
    }

    /// The norm of a weight's group, and what takes it to zero at an amount of one; nil: it has none.
    private func norm(_ layer: Int, _ place: Int, _ value: Float, _ norms: [Double]) -> (norm: Double, root: Double)? {
        if areSingle[layer] { return (Double(abs(value)), 1) }
        return group(layer, place).map { (norms[$0], roots[$0]) }
    }

    private func group(_ layer: Int, _ place: Int) -> Int? {
        groupOf[layer].isEmpty || groupOf[layer][place] < 0 ? nil : Int(groupOf[layer][place])
    }

    /// Whether the group of a weight does not become zero.
    func stays(_ layer: Int, _ place: Int, _ value: Float, _ norms: [Double], _ amount: Double) -> Bool {
        norm(layer, place, value, norms).map { $0.norm > amount * $0.root } ?? true
    }

    /// In which order groups are given up.
    /// - Parameter live: number of the weight.
    func rank(
        _ layer: Int, live: Int, _ place: Int, _ value: Float, _ norms: [Double]
    ) -> (score: Float, order: Int) {
        guard let norm = norm(layer, place, value, norms) else { return (.infinity, 0) }
        return (Float(norm.norm), areSingle[layer] ? firsts[layer] + live : group(layer, place)!)
    }

    /// Whether a group that is not zero becomes it.
    func empties(_ layers: [UnsafeMutablePointer<Float>?], _ norms: [Double], _ amount: Double) -> Bool {
        for group in norms.indices where norms[group] > 0 && norms[group] <= amount * roots[group] { return true }
        for (number, values) in layers.enumerated() where areSingle[number] {
            let values = UnsafeBufferPointer(start: values, count: counts[number])
            if Magnitudes.contains(values, above: 0, most: Magnitudes.bits(Float(amount))) { return true }
        }
        return false
    }

    /// w · max(0, 1 − amount·√n / ‖w‖) of each group.
    /// - Parameter kept: of whose groups all weights stay as they are.
    func shrink(
        _ layers: [UnsafeMutablePointer<Float>?], _ norms: [Double], by amount: Double,
        sparing kept: [(layer: Int, place: Int)], _ team: Team
    ) {
        // What has no group stays.
        var scales = [Float(1)]
        scales += norms.indices.map { group in
            let least = amount * roots[group]
            return norms[group] > least ? Float(1 - least / norms[group]) : 0
        }
        for weight in kept where !groupOf[weight.layer].isEmpty {
            scales[Int(groupOf[weight.layer][weight.place]) + 1] = 1
        }
        let piece = 4096
        for (number, values) in layers.enumerated() {
            guard let values else { continue }
            let count = counts[number], isSingle = areSingle[number], groups = groupOf[number]
            let held = isSingle ? kept.filter { $0.layer == number }.map { ($0.place, values[$0.place]) } : []
            team.run(tasks: (count + piece - 1) / piece) { task in
                let first = task * piece, own = min(piece, count - first)
                if isSingle {
                    shrinkMagnitudes(values + first, count: own, amount: amount)
                } else {
                    scale(values + first, by: scales, of: groups[first..<first + own])
                }
            }
            for (place, value) in held { values[place] = value }
        }
    }
}
