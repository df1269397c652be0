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
        let made = walker.places(kept)
        places = made.tensors.map { Tensor(String($0.name.dropFirst()), $0.type, shape: $0.shape, bytes: $0.bytes) }
        switch sums.values {
        case .floats(let values): self.values = .floats(made.entries.map { $0 < 0 ? 0 : values[$0] })
        case .bytes(let values): self.values = .bytes(made.entries.map { $0 < 0 ? 0 : values[$0] })
        }
        var counts = [Int](repeating: 0, count: sums.rows)
        for index in kept.indices { counts[index / sums.columns] += 1 }
        mostWeights = counts.max() ?? 0
    }

    /// Those of every layer of a network.
    ///
    /// For size the smallest, and then the steps to a larger one that save most instructions for a byte: a hundredth of the bytes is
    /// given for a hundredth of the instructions and more, and in all no more than a twentieth.
    static func chosen(_ layers: [DeviceSums], _ goal: C99Export.Goal) -> [DeviceTables] {
        let kept = layers.map {
            KeptWeights(rows: $0.rows, columns: $0.columns, indices: $0.indices ?? Array(0..<$0.weights))
        }
        let options = zip(layers, kept).map(Option.all)
        var found: [Option]
        switch goal {
        case .size:
            found = options.map { $0.min { ($0.bytes, $0.instructions) < ($1.bytes, $1.instructions) }! }
            faster(&found, options)
        case .speed:
            // A tenth more of what is but roughly known is worth fewer bytes.
            found = options.map { options in
                let least = options.map(\.instructions).min()!
                return options.filter { $0.instructions <= 1.1 * least }.min { $0.bytes < $1.bytes }!
            }
        case .encoding(let name):
            found = options.map { options in
                let named = options.filter { $0.walker.name == name || $0.walker.encoding.name == name }
                return (named.isEmpty ? options : named).min { $0.bytes < $1.bytes }!
            }
        }
        return layers.indices.map { DeviceTables(layers[$0], kept[$0], found[$0].walker) }
    }

    private static func faster(_ found: inout [Option], _ options: [[Option]]) {
        let least = found.reduce(0) { $0 + $1.bytes }
        var left = least / 20
        while true {
            let instructions = found.reduce(0) { $0 + $1.instructions }
            var best: (layer: Int, option: Option, rate: Double)?
            for (layer, options) in options.enumerated() {
                for option in options where option.bytes - found[layer].bytes <= left {
                    let saved = (found[layer].instructions - option.instructions) / instructions
                    let given = Double(option.bytes - found[layer].bytes) / Double(least)
                    guard saved > 0, saved >= given else { continue }
                    let rate = saved / max(given, 1e-9)
                    if rate > best?.rate ?? 0 { best = (layer, option, rate) }
                }
            }
            guard let best else { return }
            left -= best.option.bytes - found[best.layer].bytes
            found[best.layer] = best.option
        }
    }

    /// What a walker takes for a layer.
    private struct Option {
        let walker: any CWalker
        let bytes: Int
        let instructions: Double

        static func all(_ sums: DeviceSums, _ kept: KeptWeights) -> [Option] {
            let value =
                switch sums.values {
                case .floats: 4
                case .bytes: 1
                }
            return CWalkers.all.filter { $0.encoding.refusal(kept) == nil }.map { walker in
                let size = walker.encoding.size(kept)
                // An entry costs a multiply-add for each point, and once its place.
                let products = Double(size.entries * sums.points) * CWalkers.instructionsOfPoint
                return Option(
                    walker: walker, bytes: size.bytes - walker.constants.count + value * size.entries,
                    instructions: products + walker.instructions(kept))
            }
        }
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
