import Graph

/// Units in an order in which groups of convolutions stay equally large: one of every group at a time, the smallest that can.
///
/// A grouped convolution parts its rows and the channels that it reads. Units that lie in two of those, as shuffled channels do, have
/// a group in each, and a bundle has one unit of every group of both.
struct UnitBundles {
    /// Of rows or channels of a grouped convolution: the group of each root; nil where it lies in several.
    private struct Side: Equatable {
        var groups: Int
        var ofRoot: [Int: Int?] = [:]
    }
    private let sides: [Side]

    init(_ groups: AxisGroups) {
        var sides: [Side] = []
        for (number, node) in groups.graph.nodes.enumerated() {
            // Of a depthwise convolution rows and channels are one unit.
            guard let shape = node.weightShape, shape.groups > 1, shape.channels > shape.groups else { continue }
            for value in [number, node.inputs[0]] {
                let elements = groups.elements.range(value, axis: 0)
                var side = Side(groups: shape.groups)
                for (place, element) in elements.enumerated() {
                    let root = groups.roots[element], group = place / (elements.count / shape.groups)
                    if let known = side.ofRoot[root], known != group {
                        side.ofRoot[root] = .some(nil)
                    } else {
                        side.ofRoot[root] = group
                    }
                }
                sides.append(side)
            }
        }
        self.sides = sides
    }

    /// - Parameter units: of one family, the smallest first.
    func order(_ units: [UnitScores.Unit]) -> [UnitScores.Unit] {
        guard let (groups, places) = parts(units) else { return units }
        var left = Array(units.indices)
        var order: [Int] = []
        while !left.isEmpty {
            let bundle = bundle(of: left, places, groups: groups)
            guard bundle.count == groups else { break }
            order += bundle
            let gone = Set(bundle)
            left.removeAll { gone.contains($0) }
        }
        return (order + left).map { units[$0] }
    }

    /// The group of each unit in each side, those that part alike once; nil where nothing parts them, or not all alike.
    private func parts(_ units: [UnitScores.Unit]) -> (groups: Int, places: [[Int]])? {
        var groups: Set<Int> = []
        var places: [[Int]] = []
        for side in sides where units.contains(where: { side.ofRoot[$0.root] != nil }) {
            var own: [Int] = []
            for unit in units {
                guard let group = side.ofRoot[unit.root] ?? nil else { return nil }
                own.append(group)
            }
            groups.insert(side.groups)
            if !places.contains(own) { places.append(own) }
        }
        guard groups.count == 1, let count = groups.first, places.count <= 2 else { return nil }
        return (count, places)
    }

    private func bundle(of left: [Int], _ places: [[Int]], groups: Int) -> [Int] {
        // Of one side the second is a number for each unit of a group: any will do.
        let first = places[0], second = places.count > 1 ? places[1] : places[0]
        var isThere = [[Bool]](repeating: [Bool](repeating: false, count: groups), count: groups)
        for unit in left { isThere[first[unit]][second[unit]] = true }
        var freeRows = Set(0..<groups), freeColumns = freeRows
        var bundle: [Int] = []
        for unit in left where freeRows.contains(first[unit]) && freeColumns.contains(second[unit]) {
            let rows = freeRows.subtracting([first[unit]]), columns = freeColumns.subtracting([second[unit]])
            guard Self.canPair(rows, columns, isThere) else { continue }
            (freeRows, freeColumns) = (rows, columns)
            bundle.append(unit)
        }
        return bundle
    }

    /// Whether each row can have a column of its own.
    private static func canPair(_ rows: Set<Int>, _ columns: Set<Int>, _ isThere: [[Bool]]) -> Bool {
        var owner: [Int: Int] = [:]
        func pair(_ row: Int, _ seen: inout Set<Int>) -> Bool {
            for column in columns.sorted() where isThere[row][column] && seen.insert(column).inserted {
                if let other = owner[column], !pair(other, &seen) { continue }
                owner[column] = row
                return true
            }
            return false
        }
        return rows.sorted().allSatisfy { row in
            var seen: Set<Int> = []
            return pair(row, &seen)
        }
    }
}
