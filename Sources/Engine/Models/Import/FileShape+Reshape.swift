/// The same points under other axes. The order of the file's points stays, and with it the place of the batch among them.
extension FileShape {
    /// - Parameters:
    ///   - target: sizes; −1 for what is left.
    ///   - fixedBatch: how many samples the file has written out where its batch is no symbol: a size of that number in the
    ///     right place is the batch.
    /// - Returns: nil where that is no shape for these points.
    func reshaped(_ target: [Whole], fixedBatch: Int?) -> FileShape? {
        guard let points = checkedProduct(sample) else { return nil }
        let open = target.indices.filter { target[$0] == Whole(-1) }
        guard open.count <= 1, target.indices.allSatisfy({ open.contains($0) || target[$0].isSize }) else { return nil }
        guard checkedProduct(target.map { max(1, $0.constant, $0.batch) }) != nil else { return nil }
        guard hasBatch else {
            guard target.allSatisfy({ $0.batch == 0 }) else { return nil }
            return Self.filled(target.map(\.constant), open: open.first, points: points).map { FileShape(sizes: $0) }
        }
        if target.contains(where: { $0.batch != 0 }) { return placed(target, open: open.first, points: points) }
        if let fixedBatch {
            // The first place where the batch may stand: before it as many points as now.
            var before = 1
            for (index, size) in target.enumerated() {
                if size == Whole(-1) { break }
                if before == pointsBeforeBatch, size.constant == fixedBatch {
                    var named = target
                    named[index] = Whole(0, batch: 1)
                    if let shape = placed(named, open: open.first, points: points) { return shape }
                }
                before *= max(1, size.constant)
            }
            if open.isEmpty {
                // It goes into an axis with others, as where all is made flat.
                for (index, size) in target.enumerated() where size.constant % fixedBatch == 0 {
                    var named = target
                    named[index] = Whole(0, batch: size.constant / fixedBatch)
                    if let shape = placed(named, open: nil, points: points) { return shape }
                }
            }
        }
        guard let open = open.first else { return nil }
        let rest = target.indices.filter { $0 != open }.map { target[$0].constant }
        guard let known = checkedProduct(rest), known > 0, points % known == 0 else { return nil }
        var named = target
        named[open] = Whole(0, batch: points / known)
        return placed(named, open: nil, points: points)
    }

    /// One size of the target holds the batch.
    private func placed(_ target: [Whole], open: Int?, points: Int) -> FileShape? {
        guard target.count(where: { $0.batch != 0 }) == 1 else { return nil }
        let counts = target.map { $0.batch == 0 ? $0.constant : $0.batch }
        guard let sizes = Self.filled(counts, open: open, points: points) else { return nil }
        var axes: [FileAxis] = [], before = 1
        for (index, size) in sizes.enumerated() {
            if target[index].batch == 0 {
                axes.append(FileAxis(size))
            } else {
                guard before > 0, pointsBeforeBatch % before == 0 else { return nil }
                let first = pointsBeforeBatch / before
                guard first > 0, size % first == 0 else { return nil }
                axes.append(.batch(before: first, after: size / first))
            }
            before *= size
        }
        return FileShape(axes)
    }

    private static func filled(_ sizes: [Int], open: Int?, points: Int) -> [Int]? {
        var sizes = sizes
        if let open {
            sizes[open] = 1
            guard let known = checkedProduct(sizes), known > 0 ? points % known == 0 : points == 0 else { return nil }
            sizes[open] = known > 0 ? points / known : 0
        }
        return checkedProduct(sizes) == points ? sizes : nil
    }
}

extension Whole {
    var isSize: Bool { sample != 0 ? false : batch == 0 ? constant >= 0 : batch > 0 && constant == 0 }
}
