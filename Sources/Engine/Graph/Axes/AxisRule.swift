/// How the numbers along the axes of an operator's inputs, its output and its parameters belong together, so that some of them can be
/// taken away.
///
/// Numbers that are linked go together. A number of the output must be made of nothing but what its links name and of inputs that
/// have no link to its axis. An axis that no link or sum names stays whole, and so does all that is linked to it: what an operator
/// does not say is never guessed.
package struct AxisRule: Sendable {
    package enum Place: Sendable, Hashable {
        case input(Int, axis: Int)
        case output(axis: Int)
        case parameter(Int, axis: Int)
    }

    package struct Link: Sendable {
        package let from: Place
        package let to: Place
        /// For each number of `to` the one of `from`; −1: none. nil: the same number.
        package let numbers: [Int]?
    }

    /// What the output takes from all numbers of an axis together.
    package enum Sum: Sendable {
        /// Zeros may be left out.
        case ofValues
        /// How many there are matters, so none can be left out without changing the output: a mean, a normalisation.
        case counting
    }

    package private(set) var links: [Link] = []
    package private(set) var sums: [(place: Place, sum: Sum)] = []
    /// Whether a number of the output is all zeros as soon as what it is linked to is so in one of the inputs: a product.
    package var zeroOfOneInput = false

    package init() {}

    package mutating func link(_ from: Place, _ to: Place, _ numbers: [Int]? = nil) {
        links.append(Link(from: from, to: to, numbers: numbers))
    }
    package mutating func sum(_ place: Place, _ sum: Sum) { sums.append((place, sum)) }

    package func names(_ place: Place) -> Bool {
        links.contains { $0.from == place || $0.to == place } || sums.contains { $0.place == place }
    }
    package func sum(of place: Place) -> Sum? { sums.first { $0.place == place }?.sum }
}

extension AxisRule {
    /// Of what is made point by point, axes aligned at the last one: those that are repeated are no links.
    package static func pointwise(_ inputs: [Shape], output: Shape) -> AxisRule {
        var rule = AxisRule()
        for (number, input) in inputs.enumerated() {
            for axis in 0..<input.rank {
                let to = axis + output.rank - input.rank
                if input[axis] == output[to] { rule.link(.input(number, axis: axis), .output(axis: to)) }
            }
        }
        return rule
    }

    /// Of what works on each channel by itself.
    package static func byChannel() -> AxisRule {
        var rule = AxisRule()
        rule.link(.input(0, axis: 0), .output(axis: 0))
        return rule
    }

    /// Of the same values in their order under other axes. Where one axis becomes several, or several one, the outermost of them is
    /// the one whose numbers can go, each with all that lies within it: a head with its features, a channel with its plane.
    package static func reshaping(_ input: Shape, to output: Shape) -> AxisRule {
        var rule = AxisRule()
        // Axes of size 1 are nowhere: nothing can go from them.
        var from = (0..<input.rank).filter { input[$0] > 1 }[...]
        var to = (0..<output.rank).filter { output[$0] > 1 }[...]
        while let first = from.popFirst(), let other = to.popFirst() {
            var sizes = (input[first], output[other]), counts = (1, 1)
            while sizes.0 != sizes.1 {
                if sizes.0 < sizes.1 {
                    sizes.0 *= input[from.removeFirst()]
                    counts.0 += 1
                } else {
                    sizes.1 *= output[to.removeFirst()]
                    counts.1 += 1
                }
            }
            let places = (Place.input(0, axis: first), Place.output(axis: other))
            switch counts {
            case (1, 1): rule.link(places.0, places.1)
            case (1, _):
                let inner = input[first] / output[other]
                rule.link(places.1, places.0, (0..<input[first]).map { $0 / inner })
            case (_, 1):
                let inner = output[other] / input[first]
                rule.link(places.0, places.1, (0..<output[other]).map { $0 / inner })
            default: break
            }
        }
        return rule
    }
}
