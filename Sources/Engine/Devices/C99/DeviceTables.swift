import Interchange

/// A layer's weights as tables: the arrays that an encoding of `Interchange` writes, and the walker that reads them in C.
struct DeviceTables {
    let walker: any CWalker
    /// Where the weights are; named after the array alone, as `steps`.
    let places: [Tensor]
    /// In the order of the entries; a zero where an encoding needs one.
    let values: DeviceNumbers
    let rows: Int
    let columns: Int
    /// Weights of the row of most.
    let mostWeights: Int

    private init(_ sums: DeviceSums, _ kept: KeptWeights, _ walker: any CWalker) {
        self.walker = walker
        (rows, columns) = (sums.rows, sums.columns)
        let made = walker.encoding.places("", kept)
        places = made.tensors.map { Tensor(String($0.name.dropFirst()), $0.type, shape: $0.shape, bytes: $0.bytes) }
        switch sums.values {
        case .floats(let values): self.values = .floats(made.entries.map { $0 < 0 ? 0 : values[$0] })
        case .bytes(let values): self.values = .bytes(made.entries.map { $0 < 0 ? 0 : values[$0] })
        }
        var counts = [Int](repeating: 0, count: sums.rows)
        for index in kept.indices { counts[index / sums.columns] += 1 }
        mostWeights = counts.max() ?? 0
    }

    /// The smallest, the one that is read with the fewest instructions, or the one of a name where it can be.
    static func chosen(_ sums: DeviceSums, _ goal: C99Export.Goal) -> DeviceTables {
        let kept = KeptWeights(
            rows: sums.rows, columns: sums.columns, indices: sums.indices ?? Array(0..<sums.weights))
        let value =
            switch sums.values {
            case .floats: 4
            case .bytes: 1
            }
        func bytes(_ walker: any CWalker) -> Int {
            let size = walker.encoding.size(kept)
            return size.bytes + value * size.entries
        }
        func instructions(_ walker: any CWalker) -> Double {
            // An entry costs a multiply-add for each point, and once its place.
            let entries = Double(walker.encoding.size(kept).entries)
            return entries * (Double(sums.points) * CWalkers.instructionsOfPoint + walker.instructionsOfEntry)
                + Double(kept.total) * walker.instructionsOfColumn
        }
        let fitting = CWalkers.all.filter { $0.encoding.refusal(kept) == nil }
        let best: any CWalker
        switch goal {
        case .size: best = fitting.min { bytes($0) < bytes($1) }!
        case .speed:
            // A tenth more of what is but roughly known is worth fewer bytes.
            let least = fitting.map(instructions).min()!
            best = fitting.filter { instructions($0) <= 1.1 * least }.min { bytes($0) < bytes($1) }!
        case .encoding(let name):
            best = fitting.first { $0.encoding.name == name } ?? fitting.min { bytes($0) < bytes($1) }!
        }
        return DeviceTables(sums, kept, best)
    }

    var bytes: Int {
        let values =
            switch values {
            case .floats(let values): 4 * values.count
            case .bytes(let values): values.count
            }
        return values + places.filter { !walker.constants.contains($0.name) }.reduce(0) { $0 + $1.bytes.count }
    }

    var isDense: Bool { walker is CWalkers.Dense }
    /// Entries of the row of most, whose offsets are held at once.
    var longestRow: Int { walker.longestRow(self) }

    /// A number that the C has as such, not as a table.
    func constant(_ name: String) -> Int { numbers(name).first ?? 0 }
    func most(_ name: String) -> Int { numbers(name).max() ?? 0 }
    func numbers(_ name: String) -> [Int] { places.first { $0.name == name }.map(Self.numbers) ?? [] }

    static func numbers(_ tensor: Tensor) -> [Int] {
        switch tensor.type {
        case .u16: (tensor.decoded() as [UInt16]).map { Int($0) }
        case .u32: (tensor.decoded() as [UInt32]).map { Int($0) }
        default: tensor.bytes.map { Int($0) }
        }
    }
}
