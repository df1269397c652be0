import Descriptors

/// Makes a mask better by exchanging weights that it keeps for such that it cuts, row by row, so that the zeros of each row
/// stay as many. Values stay as they are.
package protocol Refinement: Choosable {
    var needs: [Need] { get }
    var samples: Int { get }
    /// - Parameters:
    ///   - keep: of each weight of the group, (rows, columns); none that is not live.
    func refine(_ keep: inout [Bool], of group: RowGroup)
}

/// Every refinement: one file in `Refinements/`, one entry here.
package enum Refinements {
    package static let all: [any Refinement.Type] = [SparseSwaps.self, DSnoT.self]

    /// - Throws: `ArgumentError` for a name that is not in the list, or values that the refinement refuses.
    package static func make(_ name: String, _ values: [String: Value] = [:]) throws -> any Refinement {
        let type = try choose(name, kind: "refine", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}

extension Refinement {
    /// The flags of a layer's live weights.
    func refine(_ keep: [Bool], of layer: ScoredLayer) -> [Bool] {
        var masks = layer.byGroup(keep)
        for (number, group) in layer.rowGroups.enumerated() { refine(&masks[number], of: group) }
        return layer.ofLive(masks)
    }
}
