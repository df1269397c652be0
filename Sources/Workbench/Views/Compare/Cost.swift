import Terminal
import Training

/// What an entry costs: an axis of the front. Less is better but for zeros, of which more is.
package enum Cost: String, Codable, Sendable, CaseIterable {
    case zeros, file, operations, latency

    var title: String {
        switch self {
        case .zeros: "zeros"
        case .file: "file"
        case .operations: "multiply-adds"
        case .latency: "one image"
        }
    }

    /// As the axis has it: further to the right is a smaller network.
    func value(_ entry: ComparedEntry) -> Double? {
        switch self {
        case .zeros: entry.sparsity.map { $0 * 100 }
        case .file: entry.fileBytes.map(Double.init)
        case .operations: entry.multiplyAdds.map(Double.init)
        case .latency: entry.latency?.seconds
        }
    }

    func value(_ point: RunFigures.Point) -> Double? {
        switch self {
        case .zeros: point.sparsity * 100
        case .file: point.fileBytes.map(Double.init)
        case .operations: point.multiplyAdds.map(Double.init)
        // No curve has it.
        case .latency: nil
        }
    }

    /// Whether one value is worth less than another.
    func isBetter(_ value: Double, _ other: Double) -> Bool { self == .zeros ? value > other : value < other }

    package func text(_ value: Double) -> String {
        switch self {
        case .zeros: Format.inPercent(value, value >= 99 ? 2 : 0)
        case .file: Format.bytes(Int(max(0, value)))
        case .operations: Format.compact(value)
        case .latency: Self.time(value)
        }
    }

    /// - Parameter zoom: the span is halved so many times, towards small networks.
    package func axis(_ values: [Double], zoom: Int) -> Axis {
        let low = values.min() ?? 0, high = values.max() ?? 1
        switch self {
        case .zeros where zoom == 0 && high > 60:
            // 80 to 99 % is where it is decided.
            return ZerosAxis.whole
        case .zeros:
            let span = max(1, high - low) / Double(1 << zoom)
            let least = max(0, high - span)
            let axis = Axis.around([least, max(high, least + span)], count: 5) { Format.decimal($0, span < 4 ? 1 : 0) }
            return Axis(range: axis.range, ticks: axis.ticks.filter { $0.value <= 100 })
        case .file, .operations, .latency:
            let least: Double = self == .latency ? 1e-7 : 1
            let top = zoom == 0 ? high : low + max(high - low, least) / Double(1 << zoom)
            return Axis.around([0, top], count: 4) { text($0) }
        }
    }
}

extension Cost {
    /// The next one, as `x` goes.
    var next: Cost {
        let all = Cost.allCases
        return all[(all.firstIndex(of: self)! + 1) % all.count]
    }
}

extension Cost {
    static func time(_ seconds: Double) -> String {
        seconds < 1e-3 ? Format.significant(seconds * 1e6) + " µs" : Format.significant(seconds * 1e3) + " ms"
    }
}
