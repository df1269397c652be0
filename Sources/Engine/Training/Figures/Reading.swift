/// A value of the figure that decides, with what it was measured on.
package struct Reading: Codable, Sendable, Equatable {
    package var value: Double
    /// Samples it was measured on.
    package var count: Int
    /// Step of the weights it was measured with.
    package var step: Int
    /// Nil: of a share in percent, whose interval follows from its value.
    private var width: Double?

    /// Of a share.
    package init(percent: Double, count: Int, step: Int) {
        value = percent
        self.count = count
        self.step = step
    }

    /// - Parameter margin: half width of the 95 % interval.
    package init(value: Double, margin: Double, count: Int, step: Int) {
        self.value = value
        self.count = count
        self.step = step
        width = margin
    }

    /// Whether it is a share of samples in percent.
    package var isPercent: Bool { width == nil }

    /// Half width of the 95 % interval (of a share binomial, normal approximation), in units of the value.
    package var margin: Double {
        if let width { return width }
        guard count > 0 else { return 100 }
        let p = value / 100
        return 196 * (p * (1 - p) / Double(count)).squareRoot()
    }

    // Shares are written as they were when there was nothing else.
    private enum CodingKeys: String, CodingKey { case percent, value, margin, count, step }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(count, forKey: .count)
        try fields.encode(step, forKey: .step)
        try fields.encode(value, forKey: width == nil ? .percent : .value)
        try fields.encodeIfPresent(width, forKey: .margin)
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        count = try fields.decode(Int.self, forKey: .count)
        step = try fields.decode(Int.self, forKey: .step)
        width = try fields.decodeIfPresent(Double.self, forKey: .margin)
        value = try fields.decode(Double.self, forKey: width == nil ? .percent : .value)
    }
}

package enum FloorVerdict: String, Codable, Sendable {
    /// No floor, or nothing measured.
    case untried
    /// On the right side of the floor, beyond the interval.
    case ok
    /// The interval holds the floor.
    case unsure
    case under

    package init(_ reading: Reading?, floor: Double?, _ figure: FigureFormat = .accuracy) {
        guard let reading, let floor else { self = .untried; return }
        // How far it is on the right side.
        let distance = figure.isHigherBetter ? reading.value - floor : floor - reading.value
        self = distance >= reading.margin ? .ok : distance < -reading.margin ? .under : .unsure
    }

    /// As a screen says it.
    package func word(_ figure: FigureFormat) -> String { self == .under ? figure.side : rawValue }
}
