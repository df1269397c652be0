/// How the places of a layer's weights are written, row after row.
enum DeviceEncoding: Equatable {
    /// Every weight, zeros too.
    case dense
    /// A bit for each weight.
    case bitmask
    /// The column of each, in 8 or 16 bits.
    case columns(bits: Int)
    /// How far each is from the one before it in its row, in so many bits, less one; all bits set: no weight yet, and so many
    /// columns on.
    case steps(bits: Int)

    var name: String {
        switch self {
        case .dense: "dense"
        case .bitmask: "bitmask"
        case .columns(let bits): "csr\(bits)"
        case .steps(let bits): "delta\(bits)"
        }
    }

    static let all: [DeviceEncoding] =
        [.dense, .bitmask, .columns(bits: 8), .columns(bits: 16)] + (2...8).map { .steps(bits: $0) }

    static func longestRow(_ sums: DeviceSums) -> Int { rows(sums).map(\.count).max() ?? 0 }

    /// Columns of each row.
    static func rows(_ sums: DeviceSums) -> [[Int]] {
        guard let indices = sums.indices else {
            return [[Int]](repeating: Array(0..<sums.columns), count: sums.rows)
        }
        var rows = [[Int]](repeating: [], count: sums.rows)
        for index in indices { rows[index / sums.columns].append(index % sums.columns) }
        return rows
    }
}

/// A layer's weights as tables.
struct DeviceTables {
    let encoding: DeviceEncoding
    /// In bytes, or in 16 bits where `encoding` has columns of 16.
    var codes: [Int] = []
    /// Weights of each row; none of a dense layer.
    var counts: [Int] = []
    let values: DeviceNumbers

    init?(_ sums: DeviceSums, _ encoding: DeviceEncoding) {
        self.encoding = encoding
        let rows = DeviceEncoding.rows(sums), columns = sums.columns
        values = encoding == .dense ? DeviceTables.filled(sums) : sums.values
        switch encoding {
        case .dense: return
        case .bitmask:
            codes = [Int](repeating: 0, count: (sums.weights + 7) / 8)
            for (row, places) in rows.enumerated() {
                for column in places {
                    let place = row * columns + column
                    codes[place / 8] |= 1 << (place % 8)
                }
            }
            return
        case .columns(let bits):
            guard columns <= 1 << bits else { return nil }
            codes = rows.flatMap { $0 }
        case .steps(let bits):
            var held = 0, count = 0
            let end = (1 << bits) - 1
            func put(_ code: Int) {
                held |= code << count
                count += bits
                while count >= 8 {
                    codes.append(held & 255)
                    held >>= 8
                    count -= 8
                }
            }
            for places in rows {
                var last = -1
                for column in places {
                    var step = column - last - 1
                    while step >= end {
                        put(end)
                        step -= end
                    }
                    put(step)
                    last = column
                }
            }
            if count > 0 { codes.append(held & 255) }
        }
        counts = rows.map(\.count)
        if (counts.max() ?? 0) > 65_535 { return nil }
    }

    private static func filled(_ sums: DeviceSums) -> DeviceNumbers {
        guard let indices = sums.indices else { return sums.values }
        switch sums.values {
        case .floats(let values):
            var all = [Float](repeating: 0, count: sums.weights)
            for (index, value) in zip(indices, values) { all[index] = value }
            return .floats(all)
        case .bytes(let values):
            var all = [Int8](repeating: 0, count: sums.weights)
            for (index, value) in zip(indices, values) { all[index] = value }
            return .bytes(all)
        }
    }

    var bytesOfCode: Int { encoding == .columns(bits: 16) ? 2 : 1 }
    var bytesOfCount: Int { (counts.max() ?? 0) > 255 ? 2 : 1 }
    var bytes: Int {
        let values =
            switch values {
            case .floats(let values): 4 * values.count
            case .bytes(let values): values.count
            }
        return values + codes.count * bytesOfCode + counts.count * bytesOfCount
    }

    /// The smallest, or the one that takes the fewest instructions.
    static func chosen(_ sums: DeviceSums, isForSpeed: Bool) -> DeviceTables {
        let all = DeviceEncoding.all.compactMap { DeviceTables(sums, $0) }
        guard isForSpeed else { return all.min { $0.bytes < $1.bytes }! }
        // A weight costs a multiply-add for each point, once for all points its column. Of a full row kernels know all columns.
        let density = Double(sums.count) / Double(max(1, sums.weights))
        func cost(_ tables: DeviceTables) -> Double {
            switch tables.encoding {
            case .dense: Double(sums.points) + 1
            case .bitmask: density * Double(sums.points + 4) + 7
            case .columns: density * Double(sums.points + 7)
            case .steps(8): density * Double(sums.points + 9)
            case .steps: density * Double(sums.points + 16)
            }
        }
        return all.min { (cost($0), $0.bytes) < (cost($1), $1.bytes) }!
    }
}
