import Foundation
import Interchange

/// Numbers of tokens and angles of places, which models compute for themselves.
extension ImportRules {
    static let cumulativeRules: [String: Rule] = [
        "CumSum": cumulativeSum, "Sin": { try folded($0) { sin($0) } }, "Cos": { try folded($0) { cos($0) } },
    ]

    /// A product with a triangle of ones.
    private static func cumulativeSum(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), rank = x.shape.rank
        guard let given = try node.fixed(1)?.first, rank > 0 else { throw node.fault("no axis", "one") }
        let axis = try node.axis(given, rank: rank)
        let size = x.shape.axes[axis].size
        _ = try node.sampleAxis(axis, of: x.shape)
        try checkFolded(FileShape(sizes: [size, size]))
        let isReversed = try node.integer("reverse", 0) != 0, leavesOwn = try node.integer("exclusive", 0) != 0
        let ones = (0..<size * size).map { place -> Float in
            let (from, to) = isReversed ? (place % size, place / size) : (place / size, place % size)
            return from < to || from == to && !leavesOwn ? 1 : 0
        }
        let triangle = Importer.Value(
            shape: FileShape(sizes: [size, size]), kind: .numbers,
            content: .floats(Constant(Block([size, size], ones))))
        let last = (0..<rank).filter { $0 != axis } + [axis]
        let turned = try node.transposed(x, last, name: node.ownName + ".turned")
        let sums = try product(node, turned, triangle, name: node.ownName + (axis == rank - 1 ? "" : ".sums"))
        var result = try node.transposed(
            sums, (0..<rank).map { last.firstIndex(of: $0)! }, name: node.ownName)
        result.kind = x.kind
        guard x.kind == .wholes, case .floats(let constant) = result.content else { return [result] }
        // Whole numbers stay what shape arithmetic reads.
        let wholes = constant.values.map { Whole(abs($0) < 1e18 ? Int($0) : .min) }
        return [Importer.Value(shape: x.shape, kind: .wholes, content: .wholes(Block(constant.shape, wholes)))]
    }

    /// Of constants alone, as the angles of rotary positions are.
    private static func folded(_ node: ImportNode, _ function: (Float) -> Float) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let constant = node.constant(x) else { throw Unsupported("it is computed from the network's input") }
        let values = constant.values.map(function)
        return [
            Importer.Value(
                shape: x.shape, kind: .numbers, content: .floats(Constant(Block(constant.shape, values))))
        ]
    }
}
