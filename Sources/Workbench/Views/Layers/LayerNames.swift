import Terminal
import Training

/// The names of a network's layers, and the groups they form: `encoder.layer.0.` of `encoder.layer.0.attention.query`.
///
/// Made once for a network, for a list is drawn from it at every key.
struct LayerNames: Sendable {
    /// Layers whose names begin alike, up to a `.` or `/`.
    struct Group: Sendable {
        /// With the sign it ends with.
        let prefix: String
        /// The group around it.
        let parent: Int?
        /// Groups around it.
        let depth: Int

        var title: String { prefix + "*" }
    }

    private struct Key: Sendable, Equatable {
        var name: String
        var rows: Int, columns: Int, kernelHeight: Int, kernelWidth: Int

        init(_ layer: LayerStatus) {
            name = layer.name
            (rows, columns) = (layer.rows, layer.columns)
            (kernelHeight, kernelWidth) = (layer.kernelHeight, layer.kernelWidth)
        }
    }

    private let keys: [Key]
    /// In small letters, for filters.
    private let letters: [[Unicode.Scalar]]
    /// A group stands behind the group around it.
    let groups: [Group]
    /// The smallest group of each layer.
    let groupOf: [Int?]
    let longestName: Int
    let longestShape: Int

    /// Parts of a name that are looked at: a file may hold any.
    private static let mostParts = 16

    init(_ layers: [LayerStatus] = []) {
        keys = layers.map(Key.init)
        letters = layers.map { Array($0.name.lowercased().unicodeScalars) }
        longestName = layers.map { Glyphs.width($0.name) }.max() ?? 5
        longestShape = layers.map { Glyphs.width($0.shape) }.max() ?? 8

        let prefixes = layers.map { Self.prefixes($0.name) }
        var counts: [String: Int] = [:]
        for prefix in prefixes.joined() { counts[prefix, default: 0] += 1 }
        var groups: [Group] = []
        var numbers: [String: Int] = [:]
        groupOf = prefixes.map { chain in
            var around: Int?
            for (place, prefix) in chain.enumerated() {
                let count = counts[prefix]!
                // A group of one, or of all, says nothing; of two with the same layers the longer name says more.
                let isSame = place + 1 < chain.count && counts[chain[place + 1]] == count
                guard count > 1, count < layers.count, !isSame else { continue }
                if let known = numbers[prefix] {
                    around = known
                    continue
                }
                numbers[prefix] = groups.count
                groups.append(Group(prefix: prefix, parent: around, depth: around.map { groups[$0].depth + 1 } ?? 0))
                around = groups.count - 1
            }
            return around
        }
        self.groups = groups
    }

    /// The beginnings of a name, the shortest first.
    private static func prefixes(_ name: String) -> [String] {
        var prefixes: [String] = []
        for index in name.indices where name[index] == "." || name[index] == "/" {
            let end = name.index(after: index)
            if end == name.endIndex || prefixes.count == mostParts { break }
            prefixes.append(String(name[..<end]))
        }
        return prefixes
    }

    /// Whether these are the layers it was made for.
    func isOf(_ layers: [LayerStatus]) -> Bool {
        keys.count == layers.count && zip(keys, layers).allSatisfy { $0 == Key($1) }
    }

    /// The layers that a filter admits.
    func admitted(by text: String) -> [Int] {
        guard !text.isEmpty else { return Array(keys.indices) }
        let filter = LayerFilter(text)
        return keys.indices.filter { filter.admits(letters[$0]) }
    }

    /// Groups around a layer, the smallest first.
    func groups(around layer: Int) -> [Int] {
        var around: [Int] = []
        var next = groupOf[layer]
        while let group = next {
            around.append(group)
            next = groups[group].parent
        }
        return around
    }
}
