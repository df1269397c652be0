import Graph
import Kernels

extension KernelTimes {
    /// Seconds of the whole layer on one thread, from samples of it; on the caller's queue. All kernels take turns, so what
    /// they are compared by is of one moment. Takes some tens of milliseconds for a shape that is new, and two thirds of that
    /// for a density that is.
    package static let measure: Measure = { shape, densities in
        let sample = LayerSample(shape.sample, of: shape), gradient = LayerSample(shape.gradientSample, of: shape)
        var turns = Turns()
        var factors: [Double] = []
        func add(_ timed: LayerSample.Timed) -> Int {
            factors.append(timed.times)
            return turns.add(timed.body)
        }
        func passes(_ subject: PassTimer.Subject, _ weightGradient: PassTimer.Subject) -> [Int] {
            [
                add(sample.pass(.forward, subject)), add(sample.pass(.inputGradient, subject)),
                add(gradient.pass(.weightGradient, weightGradient)),
            ]
        }
        let dense = passes(sample.dense(), gradient.dense())
        let points = densities.map { density in
            let sparse = sample.sparse(density), copies = sample.copies(density)
            return (
                density: density, passes: passes(sparse, gradient.sparse(density)),
                both: sample.gradients(sparse).map(add), scatter: add(copies.scatter), gather: add(copies.gather)
            )
        }
        let (least, spread) = turns.run(budgetSeconds: 0.003 * Double(factors.count))
        func seconds(_ number: Int) -> Double { least[number] * factors[number] }
        func costs(_ numbers: [Int]) -> KernelCosts.Passes {
            KernelCosts.Passes(
                forward: seconds(numbers[0]), inputGradient: seconds(numbers[1]), weightGradient: seconds(numbers[2]))
        }
        return KernelCosts(
            dense: costs(dense),
            points: points.map {
                KernelCosts.Point(
                    density: $0.density, sparse: costs($0.passes), gradients: $0.both.map(seconds),
                    scatter: seconds($0.scatter), gather: seconds($0.gather))
            }, spread: spread)
    }
}
