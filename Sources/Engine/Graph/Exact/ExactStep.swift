/// A value of the graph and its gradient, as duals: (samples, features), features in row-major order.
package final class ExactTensor {
    package let shape: Shape
    package var values: [Dual] = []
    package var gradient: [Dual] = []

    init(_ shape: Shape) { self.shape = shape }
}

/// Where an operator without weights runs in double precision.
package struct ExactSite {
    package let inputs: [ExactTensor]
    package let output: ExactTensor
    /// In the order of the operator's `parameters`.
    package let parameters: [[Double]]
    package let samples: Int
    /// Whether batch normalisation goes by the batch at hand. Nothing else of training is done: no activation is dropped.
    package let isTraining: Bool
}

/// An operator in double precision, with derivatives along a direction: slow, and for what needs many digits. It must use sums,
/// products and functions of duals alone, so that derivatives follow.
package protocol ExactStep {
    /// Fills the values of the output.
    func forward(_ site: ExactSite)
    /// Adds to the gradients of the inputs.
    func backward(_ site: ExactSite)
}

/// The same values under another shape, or as they are.
struct ExactCopy: ExactStep {
    func forward(_ site: ExactSite) { site.output.values = site.inputs[0].values }
    func backward(_ site: ExactSite) {
        for place in site.output.gradient.indices { site.inputs[0].gradient[place] += site.output.gradient[place] }
    }
}

/// A function of each value by itself.
struct ExactFunction: ExactStep {
    let function: (Dual) -> Dual
    let slope: (Dual) -> Dual

    func forward(_ site: ExactSite) { site.output.values = site.inputs[0].values.map(function) }
    func backward(_ site: ExactSite) {
        let x = site.inputs[0]
        for place in x.values.indices { x.gradient[place] += site.output.gradient[place] * slope(x.values[place]) }
    }
}

/// The sum of two values of one shape.
struct ExactSum: ExactStep {
    func forward(_ site: ExactSite) {
        site.output.values = zip(site.inputs[0].values, site.inputs[1].values).map { $0 + $1 }
    }
    func backward(_ site: ExactSite) {
        for input in site.inputs {
            for place in site.output.gradient.indices { input.gradient[place] += site.output.gradient[place] }
        }
    }
}

/// The largest or the mean of each window.
struct ExactPool: ExactStep {
    /// Points of the border are none.
    let window: Window
    let takesLargest: Bool

    func forward(_ site: ExactSite) {
        let x = site.inputs[0], y = site.output
        y.values = [Dual](repeating: .zero, count: site.samples * y.shape.features)
        forEachPoint(site) { sample, point, places in
            let from = sample * x.shape.features
            y.values[sample * y.shape.features + point] =
                takesLargest
                ? x.values[from + winner(x, from, places)]
                : (1 / Double(places.count)) * places.reduce(Dual.zero) { $0 + x.values[from + $1] }
        }
    }

    func backward(_ site: ExactSite) {
        let x = site.inputs[0], y = site.output
        forEachPoint(site) { sample, point, places in
            let from = sample * x.shape.features
            let gradient = y.gradient[sample * y.shape.features + point]
            if takesLargest {
                x.gradient[from + winner(x, from, places)] += gradient
            } else {
                let share = (1 / Double(places.count)) * gradient
                for place in places { x.gradient[from + place] += share }
            }
        }
    }

    /// Of equal ones the first.
    private func winner(_ x: ExactTensor, _ from: Int, _ places: [Int]) -> Int {
        var best = places[0]
        for place in places where x.values[from + place].value > x.values[from + best].value { best = place }
        return best
    }

    private func forEachPoint(_ site: ExactSite, _ body: (_ sample: Int, _ point: Int, _ places: [Int]) -> Void) {
        let (input, output) = (site.inputs[0].shape, site.output.shape)
        for point in 0..<output.features {
            var places: [Int] = []
            window.forEachPoint(of: point, input, output) { places.append($0) }
            for sample in 0..<site.samples { body(sample, point, places) }
        }
    }
}
