import Foundation
import Text

/// The figure that decides, as it is written and compared: it travels with every snapshot.
package struct FigureFormat: Codable, Sendable, Equatable {
    /// As a recipe names it.
    package var name: String
    /// What a curve is called: "accuracy", "squared error".
    package var title: String
    /// "%" or nothing.
    package var unit: String
    /// After the point; nil: four digits that count.
    package var decimals: Int?
    package var isHigherBetter: Bool
    /// The largest that it can be; nil: any.
    package var most: Double?

    package init(name: String, title: String, unit: String, decimals: Int?, isHigherBetter: Bool, most: Double?) {
        self.name = name
        self.title = title
        self.unit = unit
        self.decimals = decimals
        self.isHigherBetter = isHigherBetter
        self.most = most
    }

    package static let accuracy = FigureFormat(
        name: "accuracy", title: "accuracy", unit: "%", decimals: 2, isHigherBetter: true, most: 100)

    package var isAccuracy: Bool { name == Self.accuracy.name }

    // MARK: As text

    /// "90.80", "0.9731", "0.01234".
    package func number(_ value: Double) -> String {
        guard let decimals else { return Self.significant(value, 4) }
        return unit == "%" ? Percent.of(value, decimals) : String(format: "%.\(decimals)f", value)
    }
    /// What one is more than another, with its sign always: `+0.40`.
    package func difference(_ value: Double) -> String { (value < 0 ? "−" : "+") + width(abs(value), digits: 4) }
    /// With its unit.
    package func text(_ value: Double) -> String { number(value) + suffix }
    /// "90.80 %", "AUC 0.9731".
    package func named(_ value: Double) -> String { isAccuracy ? text(value) : "\(title) \(text(value))" }
    package var suffix: String { unit.isEmpty ? "" : " " + unit }

    /// Half the width of an interval, with the digits that a person can use.
    package func width(_ value: Double) -> String { width(value, digits: 2) }

    private func width(_ value: Double, digits: Int) -> String {
        decimals.map { String(format: "%.\($0)f", value) } ?? Self.significant(value, digits)
    }

    /// A floor as a person set it.
    package func floor(_ value: Double) -> String { unit == "%" ? String(format: "%.1f", value) : Self.plain(value) }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : significant(value, 6, trims: true)
    }

    private static func significant(_ value: Double, _ digits: Int, trims: Bool = false) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        let exponent = Int(Foundation.floor(log10(abs(value))))
        guard (-5...8).contains(exponent) else { return String(format: "%.\(digits - 1)e", value) }
        var text = String(format: "%.\(max(0, digits - 1 - exponent))f", value)
        if trims, text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return text
    }

    // MARK: Compared

    /// Whether a value is on the wrong side of a floor; for what should be low the floor is a limit from above.
    package func misses(_ value: Double, _ floor: Double) -> Bool { isHigherBetter ? value < floor : value > floor }

    /// "validation" of an accuracy, which people take for granted; else with the figure's name.
    package var validation: String { isAccuracy ? "validation" : "validation \(title)" }
    package var side: String { isHigherBetter ? "under" : "over" }
    package var floorWord: String { isHigherBetter ? "floor" : "limit" }

    /// What a floor may be.
    package var floors: ClosedRange<Double> { 0...(most ?? Double.greatestFiniteMagnitude) }
    /// What is said of one that is none of these.
    package var acceptedFloors: String {
        most.map { unit == "%" ? "0 to \(Int($0)) %" : "0 to \(Self.plain($0))" } ?? "0 or more"
    }
}
