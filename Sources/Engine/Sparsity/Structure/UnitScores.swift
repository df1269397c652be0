import Graph

/// How large the weights of each unit that may go are: those of its rows and those of the columns that read it.
package struct UnitScores: Sendable {
    package struct Unit: Sendable {
        package let root: Int
        package let members: [AxisGroups.Member]
        /// Units that lie in the same axes: of one layer, or of layers that are added up.
        package let family: Int
        /// Root of the sum of squares; 1 is the mean of the family.
        package var size: Double
    }

    package let groups: AxisGroups
    package private(set) var units: [Unit]
    package private(set) var families: Int

    /// - Parameters:
    ///   - isApproximate: whether units are among them that a normalisation or a mean counts.
    ///   - refused: nodes that have no form without some of their numbers.
    package init(
        _ graph: Graph, _ arrays: GraphArrays, isApproximate: Bool = false, refused: [Int: String] = [:]
    ) {
        let groups = AxisGroups(graph, refused: refused)
        self.groups = groups
        let squares = Self.squares(groups, arrays)
        var families: [[Int]: Int] = [:]
        var units: [Unit] = []
        for group in groups.removable
        where Self.mayGo(group.members, groups, isApproximate: isApproximate) {
            let axes = Set(group.members.map { [$0.value, $0.axis] }).sorted { $0.lexicographicallyPrecedes($1) }
            let key = axes.flatMap { $0 }
            let family = families[key] ?? families.count
            families[key] = family
            units.append(
                Unit(root: group.root, members: group.members, family: family, size: squares[group.root, default: 0]))
        }
        self.families = families.count
        var sums = [Double](repeating: 0, count: families.count), counts = sums
        for place in units.indices {
            units[place].size = units[place].size.squareRoot()
            sums[units[place].family] += units[place].size
            counts[units[place].family] += 1
        }
        for place in units.indices where sums[units[place].family] > 0 {
            units[place].size *= counts[units[place].family] / sums[units[place].family]
        }
        self.units = units
    }

    /// By root.
    private static func squares(_ groups: AxisGroups, _ arrays: GraphArrays) -> [Int: Double] {
        var squares: [Int: Double] = [:]
        for (number, layer) in groups.graph.layerNumbers.enumerated() {
            guard let layer, let shape = groups.graph.nodes[number].weightShape else { continue }
            var rows = [Double](repeating: 0, count: shape.rows)
            var channels = [Double](repeating: 0, count: shape.channels)
            NodeWeights(shape: shape, arrays: arrays.layers[layer]).forEachNonzero { row, channel, _, value, _ in
                rows[row] += Double(value) * Double(value)
                channels[channel] += Double(value) * Double(value)
            }
            for (row, sum) in rows.enumerated() where !shape.isTable {
                squares[groups.root(number, axis: 0, row), default: 0] += sum
            }
            // Columns of a table are numbers of its output's last axis.
            let input = shape.isTable ? number : groups.graph.nodes[number].inputs[0]
            let axis = shape.isTable ? groups.graph.nodes[number].shape.rank - 1 : 0
            for (channel, sum) in channels.enumerated() {
                squares[groups.root(input, axis: axis, channel), default: 0] += sum
            }
        }
        return squares
    }

    // Without what a protected layer gives, and where more than weights would miss it.
    private static func mayGo(
        _ members: [AxisGroups.Member], _ groups: AxisGroups, isApproximate: Bool
    ) -> Bool {
        let graph = groups.graph
        var hasRows = false
        for member in members where member.value >= 0 {
            let node = graph.nodes[member.value]
            if let shape = node.weightShape, member.axis == (shape.isTable ? node.shape.rank - 1 : 0) {
                guard node.isPrunable else { return false }
                hasRows = true
            }
            for reader in graph.readers(of: member.value) where graph.nodes[reader].summedWeights == nil {
                for (place, input) in graph.nodes[reader].inputs.enumerated() where input == member.value {
                    switch groups.rules[reader].sum(of: .input(place, axis: member.axis)) {
                    case nil: break
                    case .counting? where isApproximate: break
                    default: return false
                    }
                }
            }
        }
        return hasRows
    }

    /// The smallest first: of each family the same share, or of all together by their size within the family. Where a convolution has
    /// groups as many of each go (`UnitBundles`).
    package func order(evenly: Bool) -> [Unit] {
        let bundles = UnitBundles(groups)
        var families = [[Int]](repeating: [], count: families)
        for place in units.indices { families[units[place].family].append(place) }
        var ranked: [(unit: Unit, key: Double, tie: Int)] = []
        for places in families {
            let sorted = places.sorted { (units[$0].size, $0) < (units[$1].size, $1) }
            let order = bundles.order(sorted.map { units[$0] })
            let isSorted = zip(order, sorted).allSatisfy { $0.root == units[$1].root }
            var largest = 0.0
            for (rank, unit) in order.enumerated() {
                largest = max(largest, unit.size)
                let share = (Double(rank) + 0.5) / Double(order.count)
                ranked.append(
                    (unit, evenly ? share : largest, evenly ? unit.family : isSorted ? sorted[rank] : places[rank]))
            }
        }
        return ranked.sorted { ($0.key, $0.tie) < ($1.key, $1.tie) }.map(\.unit)
    }
}
