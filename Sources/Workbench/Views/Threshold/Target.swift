import Foundation
import Sparsity
import Training

/// A target as it is typed: `90%`, `.062`, `20x`, `12000w`, `3s` or `3σ`.
package enum Target: Equatable, Sendable {
    case percent(Double)
    case threshold(Double)
    /// Keeps one weight in so many.
    case compression(Double)
    case kept(Int)
    /// In standard deviations of the weights kept now.
    case deviations(Double)

    package struct Problem: Error, Equatable {
        package var sentence: String
    }

    package static let forms = "90%  .062  20x  12000w  3s"

    package init(_ typed: String) throws(Problem) {
        let text = typed.trimmingBlanks
        guard let last = text.last else { throw Problem(sentence: "type a target: \(Target.forms)") }
        if let sentence = TypedNumber.commaProblem(text) { throw Problem(sentence: sentence) }
        let isBare = last.isNumber && last.isASCII || last == "."
        let digits = isBare ? text : String(text.dropLast()).trimmingBlanks
        guard let value = TypedNumber.decimal(digits) else {
            throw Problem(sentence: "“\(typed)” is no target: \(Target.forms)")
        }
        switch last {
        case "%":
            guard value >= 0, value < 100 else { throw Problem(sentence: "zeros are 0 to below 100 %") }
            self = .percent(value)
        case "x", "X", "×":
            guard value >= 1 else { throw Problem(sentence: "a compression is 1x or more") }
            self = .compression(value)
        case "w", "W":
            guard value >= 1, value == value.rounded(), value < 1e15 else {
                throw Problem(sentence: "weights kept are a whole number, 1w or more")
            }
            self = .kept(Int(value))
        case "σ", "s":
            guard Float(value).isFinite else { throw Problem(sentence: "no weight is so many deviations away") }
            self = .deviations(value)
        default:
            guard isBare else { throw Problem(sentence: "“\(typed)” is no target: \(Target.forms)") }
            // Nobody means a threshold of 90: a unit was forgotten.
            guard value < 1 || text.contains(".") else {
                throw Problem(sentence: "\(text)%, \(text)x or \(text)w? A threshold has a dot")
            }
            guard Float(value).isFinite else { throw Problem(sentence: "no weight is so large") }
            self = .threshold(value)
        }
    }

    /// The anchor it means in a scope of `total` weights.
    package func anchor(total: Int, deviation: Float?) throws(Problem) -> Draft.Anchor {
        switch self {
        case .percent(let percent): return .kept(LineSteps.kept(percent: percent, of: total))
        case .compression(let factor): return .kept(max(1, Int((Double(total) / factor).rounded())))
        case .threshold(let value): return .threshold(Float(value))
        case .kept(let count):
            guard count <= total else { throw Problem(sentence: "the scope has \(total) weights") }
            return .kept(count)
        case .deviations(let factor):
            guard let deviation else { throw Problem(sentence: "the deviation is not known yet") }
            let threshold = Float(factor) * deviation
            guard threshold.isFinite else { throw Problem(sentence: "no weight is so many deviations away") }
            return .threshold(threshold)
        }
    }
}
