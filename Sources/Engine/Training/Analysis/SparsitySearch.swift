import Graph
import Sparsity

/// The largest sparsity at which a network keeps a floor, found by bisection: the recipe's masker cuts to a target, some steps
/// are trained, the figure of validation decides.
package struct SparsitySearch {
    package struct Attempt: Sendable, Equatable {
        package var target: Double
        package var sparsity: Double
        package var reading: Reading
        package var keepsFloor: Bool
    }

    /// In the order in which they were made; the network as it is first.
    package private(set) var attempts: [Attempt] = []
    /// The sparsest that kept the floor, with its layers and parameters.
    package private(set) var best: AnalysedNetwork

    /// - Parameters:
    ///   - steps: trained after each cut, from the same weights each time; 0: measured at once.
    ///   - tolerance: of the sparsity.
    /// - Throws: `AnalysisError` where the network as it is misses the floor.
    package init(
        _ subject: AnalysedNetwork, floor: Double, steps: Int, tolerance: Double, threads: Int,
        onAttempt: (Attempt) -> Void = { _ in }
    ) throws {
        let figure = subject.figure
        best = subject
        let cutter = try AnalysisCutter(subject, threads: threads)
        let copy = AnalysisCopy(subject)
        let retraining = steps > 0 ? try FineTuning(subject, threads: threads) : nil
        func note(_ target: Double, _ sparsity: Double, _ scores: FigureScores) -> Bool {
            let reading = subject.plan.figure.reading(scores, step: subject.step)
            let attempt = Attempt(
                target: target, sparsity: sparsity, reading: reading,
                keepsFloor: !figure.misses(reading.value, floor))
            attempts.append(attempt)
            onAttempt(attempt)
            return attempt.keepsFloor
        }
        guard note(subject.sparsity, subject.sparsity, copy.scores(subject.layers)!) else {
            throw AnalysisError(
                "the network as it is, \(figure.named(attempts[0].reading.value)), misses the \(figure.floorWord) "
                    + figure.floor(floor))
        }
        var low = subject.sparsity, high = 1.0
        while high - low > tolerance {
            // By halves of the weights that are left where there are many zeros: 90, 95, 97.5.
            let target = (low + high) / 2
            let layers = try cutter.layers(cutTo: target)
            var found = AnalysedNetwork(
                plan: subject.plan, graph: subject.graph, layers: layers, parameters: subject.parameters,
                normalization: subject.normalization, step: subject.step)
            guard found.nnz < best.nnz || found.sparsity >= target - tolerance else {
                // The masker finds no more to cut.
                high = target
                continue
            }
            if let retraining {
                retraining.restart(layers)
                retraining.trainer.restartRate(steps: steps)
                guard try retraining.train(steps: steps) else {
                    high = target
                    continue
                }
                let state = retraining.network
                found = AnalysedNetwork(
                    plan: subject.plan, graph: subject.graph, layers: state.layers, parameters: state.parameters,
                    normalization: subject.normalization, step: subject.step + steps)
            }
            if note(target, found.sparsity, AnalysisCopy(found).scores(found.layers)!) {
                low = target
                if found.nnz < best.nnz { best = found }
            } else {
                high = target
            }
        }
    }
}
