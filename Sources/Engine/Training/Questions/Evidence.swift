import Graph
import Sparsity

/// What an answer is made from: a copy of the weights, and what measuring shares.
package struct Evidence: Sendable {
    let copy: NetworkCopy
    /// Of the run.
    let folder: String
    /// A newer question took this one's place.
    let isCancelled: @Sendable () -> Bool
    let threads: Int
    /// Held from one measurement to the next.
    let measurer: Locked<Measurer?>
    /// The copy whose weights were ranked last, where a line ranks by more than their size.
    let ranked: Locked<RankedCopy?>
    /// Validation was looked at.
    let noteLook: @Sendable () -> Void

    func layer(_ name: String) throws -> Int {
        guard let number = copy.number(of: name) else {
            throw SparsityError.noSuchLayer(name, layers: copy.state.layers.map(\.name))
        }
        return number
    }

    func members(_ scope: Draft.Scope) throws -> [Int] {
        switch scope {
        case .global: Array(copy.state.layers.indices)
        case .layer(let name): [try layer(name)]
        }
    }

    /// Live positions of one row.
    func row(_ row: Int, _ layer: Candidates, _ columns: Int) -> Range<Int> {
        guard let indices = layer.indices else { return row * columns..<(row + 1) * columns }
        let first = lowerBound(indices.count) { indices[$0] < row * columns }
        return first..<lowerBound(indices.count) { indices[$0] < (row + 1) * columns }
    }

    func find(_ position: Int, _ layer: Candidates) -> Int? {
        guard let indices = layer.indices else { return position }
        let place = lowerBound(indices.count) { indices[$0] < position }
        return place < indices.count && indices[place] == position ? place : nil
    }

    /// The first number for which `isBelow` is false.
    func lowerBound(_ count: Int, _ isBelow: (Int) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if isBelow(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
