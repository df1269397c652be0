import Foundation
import Terminal
import Training

/// The figure that decides, in as few columns as it needs.
extension FigureFormat {
    /// "90.80", ".9731", ".0123".
    func short(_ value: Double) -> String {
        if unit == "%" { return Format.inPercent(value, decimals ?? 2) }
        return decimals.map { Format.leadingDot(value, $0) } ?? Format.significant(value)
    }

    /// "90.80 ±.8", ".9731 ±.004".
    func short(_ reading: Reading) -> String {
        let margin = reading.margin
        if unit == "%" { return "\(short(reading.value)) ±\(Format.leadingDot(margin, 1))" }
        if decimals != nil { return "\(short(reading.value)) ±\(Format.leadingDot(margin, 3))" }
        // With as many decimals as the value has, where it is written with some.
        let digits = short(reading.value).split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = digits.count == 2 && digits[1].allSatisfy(\.isNumber)
        let width = isPlain ? Format.leadingDot(margin, digits[1].count) : Format.significant(margin, 2)
        return "\(short(reading.value)) ±\(width)"
    }

    /// What a draft changes, with its interval: "−0.4±0.3", "−.002±.001"; of an error in percent of what it is now, "+9.5±2.4%".
    func change(_ measured: Training.Measurement) -> String {
        let (difference, margin) = (measured.difference, measured.margin)
        if unit == "%" { return "\(Format.signed(difference, 1))±\(Format.decimal(margin, 1))" }
        if decimals != nil {
            return (difference > 0 ? "+" : "") + "\(Format.leadingDot(difference, 3))±\(Format.leadingDot(margin, 3))"
        }
        let share = 100 / max(abs(measured.now.value), .leastNormalMagnitude)
        func percent(_ value: Double) -> String {
            abs(value) < 99.95 ? Format.decimal(value, 1) : Format.compact(value)
        }
        return (difference > 0 ? "+" : "") + "\(percent(difference * share))±\(percent(margin * share))%"
    }

    /// "accuracy %", "AUC".
    var heading: String { title + suffix }

    /// The axis of a scatter: of percents finer towards the top, where the last one matters more than the tenth below it.
    func axis(_ values: [Double]) -> Axis {
        guard unit == "%" else { return Axis.around(values, count: 3) }
        let top = (values.max() ?? 100).rounded(.up)
        let bottom = min((values.min() ?? 0).rounded(.down), top - 3)
        let ticks = [0.0, 1, 3, 9, 27, 54].map { top - $0 }.filter { $0 >= bottom }
        return Axis(range: bottom...top, ticks: ticks.map { Axis.Tick($0, Format.decimal($0, 0)) }) { value in
            -Foundation.log(max(0.01, top + 1 - value))
        }
    }
}

extension Scene {
    var figure: FigureFormat { snapshot.figure }

    /// What a sample of the data is called.
    var samples: String { figure.isAccuracy ? "images" : "samples" }
}

extension FloorVerdict {
    var style: Style {
        switch self {
        case .ok: Style(.good, bold: true)
        case .unsure: Style(.warn, bold: true)
        case .under: Style(.bad, bold: true)
        case .untried: Style(.dim)
        }
    }
}
