import Terminal

/// Per cent of zeros along a chart.
enum ZerosAxis {
    /// 80 to 99 % is where it is decided: the axis gives it two thirds.
    static let whole: Axis = {
        let stops: [(value: Double, share: Double)] = [
            (0, 0), (80, 0.31), (85, 0.48), (90, 0.62), (95, 0.79), (99, 0.94), (100, 1),
        ]
        let ticks = [0.0, 80, 85, 90, 95, 99].map { Axis.Tick($0, Format.decimal($0, 0)) }
        return Axis(range: 0...100, ticks: ticks) { value in
            guard let upper = stops.firstIndex(where: { $0.value >= value }) else { return 1 }
            guard upper > 0 else { return 0 }
            let (low, high) = (stops[upper - 1], stops[upper])
            return low.share + (value - low.value) / (high.value - low.value) * (high.share - low.share)
        }
    }()
}
