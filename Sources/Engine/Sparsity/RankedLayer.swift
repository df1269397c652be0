/// The groups of one layer as they stand in a ranking.
struct RankedLayer {
    /// Place in the network.
    let number: Int
    /// Group of each live weight, -1 where it is never cut.
    let groups: [Int32]
    /// Score of each group.
    private(set) var scores: [Float]
    /// Live weights of each group.
    let sizes: [Int]
    /// Groups that stay whatever is asked for, each once. At first, of a layer that may not vanish, the one that would be
    /// cut last; where that leaves no path, those of the path that is kept instead.
    var spared: [Int]
    /// Groups that a cap of the layer spares.
    private(set) var held: [Int] = []
    /// Of groups that are parts of one: a number for each, the same in all layers of its ranking.
    private(set) var shared: [Int32]?
    private let mayCollapse: Bool

    init(number: Int, groups: [Int32], scores: [Float], mayVanish: Bool) {
        self.number = number
        self.groups = groups
        self.scores = scores
        var sizes = [Int](repeating: 0, count: scores.count)
        for group in groups where group >= 0 { sizes[Int(group)] += 1 }
        self.sizes = sizes
        // A layer with weights outside all groups cannot collapse: those stay.
        mayCollapse = !mayVanish && !groups.contains(-1)
        spared = mayCollapse ? Self.lastOfTheLargest(scores).map { [$0] } ?? [] : []
    }

    /// Spares the groups beyond those that may be cut before the layer has lost so many weights.
    mutating func hold(cuttingAtMost most: Int) {
        let order = scores.indices.sorted { (Selection.key(scores[$0]), $0) < (Selection.key(scores[$1]), $1) }
        var left = most
        held = []
        for group in order {
            // Whole groups only: none goes that would pass the cap.
            left -= sizes[group]
            if left < 0 { held.append(group) }
        }
        spared = Set(spared + held).sorted()
    }

    /// Its groups are parts of those with these numbers, which have these scores.
    mutating func join(_ numbers: [Int32], scores: [Float]) {
        shared = numbers
        self.scores = scores
        if mayCollapse { spared = Self.lastOfTheLargest(scores).map { [$0] } ?? [] }
        spared = Set(spared + held).sorted()
    }

    /// Among equal scores the last, because the earlier ones are cut first.
    private static func lastOfTheLargest(_ scores: [Float]) -> Int? {
        guard var best = scores.first else { return nil }
        var place = 0
        for (group, score) in scores.enumerated() where score >= best {
            best = score
            place = group
        }
        return place
    }

    /// Which groups of each layer stay when `missing` weights are to go.
    static func keptGroups(of layers: [RankedLayer], cutting missing: Int) -> [[Bool]] {
        layers.allSatisfy { layer in layer.shared == nil && layer.sizes.allSatisfy { $0 == 1 } }
            ? keptWeights(of: layers, cutting: missing) : keptWholes(of: layers, cutting: missing)
    }

    /// Groups of one weight each: the count to keep is known at once, so selection takes linear time.
    private static func keptWeights(of layers: [RankedLayer], cutting missing: Int) -> [[Bool]] {
        var scores = layers.map(\.scores)
        for (index, layer) in layers.enumerated() {
            // Above every other score: they stay, and the ranking closes up behind them.
            for group in layer.spared { scores[index][group] = .infinity }
        }
        let total = scores.reduce(0) { $0 + $1.count }
        let sparedCount = layers.reduce(0) { $0 + $1.spared.count }
        var keep = Selection.keep(count: max(total - missing, sparedCount), scores: scores).keep
        for (index, layer) in layers.enumerated() {
            for group in layer.spared { keep[index][group] = true }
        }
        return keep
    }

    private static func keptWholes(of layers: [RankedLayer], cutting missing: Int) -> [[Bool]] {
        var keep = layers.map { [Bool](repeating: true, count: $0.scores.count) }
        var parts: [Int32: [(layer: Int, group: Int)]] = [:]
        var sparedNumbers: Set<Int32> = []
        for (index, layer) in layers.enumerated() {
            guard let shared = layer.shared else { continue }
            for group in layer.scores.indices { parts[shared[group], default: []].append((index, group)) }
            for group in layer.spared { sparedNumbers.insert(shared[group]) }
        }
        var ranking: [(score: Float, layer: Int, group: Int)] = []
        for (index, layer) in layers.enumerated() {
            let spared = Set(layer.spared)
            for group in layer.scores.indices where !spared.contains(group) {
                // The first part stands for all of them.
                if let number = layer.shared?[group],
                    sparedNumbers.contains(number) || parts[number]![0] != (index, group)
                {
                    continue
                }
                ranking.append((layer.scores[group], index, group))
            }
        }
        ranking.sort { $0 < $1 }
        var left = missing
        for entry in ranking where left > 0 {
            let number = layers[entry.layer].shared?[entry.group]
            for part in number.map({ parts[$0]! }) ?? [(entry.layer, entry.group)] {
                keep[part.layer][part.group] = false
                left -= layers[part.layer].sizes[part.group]
            }
        }
        return keep
    }
}

/// The groups of one layer that are parts of larger ones, as attention heads are.
struct SharedGroups {
    /// Place in the network.
    let layer: Int
    /// By group of the layer.
    let numbers: [Int32]
    let weightScores: [Float]

    /// Gives the parts of a group the score of the whole: what `score` makes of the weights of all its parts, and of their groups.
    static func pool(
        _ parts: [SharedGroups], in ranked: inout [RankedLayer?], score: ([Float], [Int32]) -> [Float]
    ) {
        var places: [Int32: Int32] = [:]
        for part in parts {
            for number in part.numbers where places[number] == nil { places[number] = Int32(places.count) }
        }
        let groups = parts.flatMap { part in
            ranked[part.layer]!.groups.map { $0 < 0 ? -1 : places[part.numbers[Int($0)]]! }
        }
        let scores = score(parts.flatMap(\.weightScores), groups)
        for part in parts {
            ranked[part.layer]!.join(part.numbers, scores: part.numbers.map { scores[Int(places[$0]!)] })
        }
    }
}
