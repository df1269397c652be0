import Training

/// A row of a list of layers: one layer, or a folded group of them.
enum LayerRow: Sendable, Equatable {
    case layer(Int)
    /// With those of its layers that pass the filter, two at least.
    case group(Int, members: [Int])

    var members: [Int] {
        switch self {
        case .layer(let index): [index]
        case .group(_, let members): members
        }
    }

    func holds(_ layer: Int) -> Bool {
        switch self {
        case .layer(let index): index == layer
        case .group(_, let members): members.contains(layer)
        }
    }
}

extension LayerNames {
    /// The rows of the list. A group stands where its first layer would.
    ///
    /// - Parameter folded: prefixes of groups.
    func rows(of admitted: [Int], folded: Set<String>) -> [LayerRow] {
        guard !folded.isEmpty, !groups.isEmpty else { return admitted.map { .layer($0) } }
        // The largest folded group around each group, or itself.
        var outermost = [Int?](repeating: nil, count: groups.count)
        for (index, group) in groups.enumerated() {
            outermost[index] = group.parent.flatMap { outermost[$0] } ?? (folded.contains(group.prefix) ? index : nil)
        }
        var members = [[Int]](repeating: [], count: groups.count)
        for layer in admitted {
            if let group = groupOf[layer].flatMap({ outermost[$0] }) { members[group].append(layer) }
        }
        var rows: [LayerRow] = []
        for layer in admitted {
            guard let group = groupOf[layer].flatMap({ outermost[$0] }), members[group].count > 1 else {
                rows.append(.layer(layer))
                continue
            }
            if members[group][0] == layer { rows.append(.group(group, members: members[group])) }
        }
        return rows
    }

    /// Folds the smallest group around a layer, or unfolds the one that holds it folded.
    func turned(_ folded: Set<String>, at row: LayerRow, admitted: [Int]) -> Set<String> {
        var folded = folded
        if case .group(let group, _) = row {
            folded.remove(groups[group].prefix)
        } else if let group = group(around: row, counts(of: admitted)) {
            folded.insert(groups[group].prefix)
        }
        return folded
    }

    /// Folds the groups that stand deepest among those that are open.
    func foldedFurther(_ folded: Set<String>, _ rows: [LayerRow], admitted: [Int]) -> Set<String> {
        let counts = counts(of: admitted)
        let around = Set(rows.compactMap { group(around: $0, counts) })
        let deepest = around.map { groups[$0].depth }.max()
        return folded.union(around.filter { groups[$0].depth == deepest }.map { groups[$0].prefix })
    }

    /// Opens the largest of the folded groups that are seen.
    func unfoldedFurther(_ folded: Set<String>, _ rows: [LayerRow]) -> Set<String> {
        let seen = rows.compactMap { row in if case .group(let group, _) = row { group } else { nil } }
        let shallowest = seen.map { groups[$0].depth }.min()
        return folded.subtracting(seen.filter { groups[$0].depth == shallowest }.map { groups[$0].prefix })
    }
    /// The smallest group around a row that would take more than one row.
    private func group(around row: LayerRow, _ counts: [Int]) -> Int? {
        switch row {
        case .layer(let layer): groups(around: layer).first { counts[$0] > 1 }
        case .group(let group, _): groups[group].parent
        }
    }

    /// Layers of each group that pass the filter.
    private func counts(of admitted: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: groups.count)
        for layer in admitted {
            for group in groups(around: layer) { counts[group] += 1 }
        }
        return counts
    }
}
