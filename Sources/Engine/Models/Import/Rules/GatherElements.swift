import Descriptors

/// Values by arrays of places that are known before any sample.
extension ImportRules {
    static let elementRules: [String: Rule] = ["GatherElements": gatherElements]

    /// A value for each number, as `torch.gather` takes them: a gather of the values in a row.
    private static func gatherElements(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), given = try node.required(1)
        guard let places = try node.fixed(1), given.isConstant else {
            throw Unsupported("its indices are computed from the network's input")
        }
        let rank = x.shape.rank
        guard given.shape.rank == rank, rank > 0 else {
            throw node.fault("indices \(given.shape) for \(x.shape)", "as many axes")
        }
        let axis = try node.axis(node.integer("axis", 0), rank: rank)
        let own = try node.sampleAxis(axis, of: x.shape)
        // Places without the batch are the same for every sample.
        var shape = given.shape
        for other in 0..<rank where x.shape.axes[other].hasBatch != shape.axes[other].hasBatch {
            guard x.shape.axes[other].isBatchAlone, shape.axes[other] == FileAxis(1), node.importer.fixedBatch == 1
            else {
                throw Unsupported("it takes from \(x.shape) by places \(given.shape), another for each sample")
            }
            shape.axes[other] = .batch
        }
        let from = x.shape.sample, to = shape.sample
        guard from.count == to.count, zip(from, to).enumerated().allSatisfy({ $0 == own || $1.1 <= $1.0 }) else {
            throw node.fault("indices \(given.shape) for \(x.shape)", "no more than it has on other axes")
        }
        let strides = Block<Float>.strides(from), size = from[own]
        var flat = [Int](repeating: 0, count: places.count), wrong: Int?
        Block<Float>.eachPoint(to) { point, index in
            let place = places[index] < 0 ? places[index] + size : places[index]
            if !(0..<size).contains(place) { wrong = places[index] }
            flat[index] = point.indices.reduce(0) { $0 + ($1 == own ? place : point[$1]) * strides[$1] }
        }
        if let wrong { throw node.fault("index \(wrong)", "one of \(size) points") }
        guard !flat.isEmpty else { throw Unsupported("it takes no points: its output is empty") }
        let line = try node.reshaped(x, FileShape(sizes: [from.reduce(1, *)]))
        let taken = try node.emit(
            "gather", ["indices": .integers(flat), "axis": .integer(0)], [line],
            shape: FileShape(sizes: [flat.count]), kind: x.kind)
        return [try node.reshaped(taken, shape)]
    }
}
