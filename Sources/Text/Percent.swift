import Foundation

/// A share in percent, in words. Less than all never reads as all, nor something as nothing: 99.99 % with one decimal is 99.9.
package enum Percent {
    /// `80.0` of 0.8, without the sign. A share below 0 is a loss, and one that is no number says so.
    package static func text(_ share: Double, _ places: Int = 1) -> String { of(share * 100, places) }

    /// `80.0 %`.
    package static func named(_ share: Double, _ places: Int = 1) -> String { text(share, places) + " %" }

    /// The same of a value that is in percent already.
    package static func of(_ percent: Double, _ places: Int) -> String {
        let size = abs(percent)
        var shown = String(format: "%.\(places)f", size)
        let step = pow(10, -Double(places))
        if size < 100, shown == String(format: "%.\(places)f", 100.0) {
            shown = String(format: "%.\(places)f", 100 - step)
        } else if size > 0, shown == String(format: "%.\(places)f", 0.0) {
            shown = String(format: "%.\(places)f", step)
        }
        return (percent < 0 ? "-" : "") + shown
    }
}
