import Graph
import Testing
import Training

/// The decision on made-up times; that anything is measured, on a tiny network.
@Suite struct ForecastTests {
    private func verdict(_ times: [(Double, Double)], dense: Double = 1) -> Forecast.Verdict {
        Forecast.Curve(dense: dense, points: times.map { .init(sparsity: $0.0, seconds: $0.1) }).verdict
    }

    @Test func zerosPayFromTheLineThroughTheTwoPointsOn() {
        // 1.15 at 50 %, 0.75 at 70 %: 0.95 half way.
        guard case .from(let sparsity) = verdict([(0.3, 1.5), (0.5, 1.15), (0.7, 0.75), (0.9, 0.3)]) else {
            Issue.record("no crossing")
            return
        }
        #expect(abs(sparsity - 0.6) < 1e-9)
    }

    @Test func theyPayAlreadyOrNever() {
        #expect(verdict([(0.3, 0.8), (0.9, 0.2)]) == .already(at: 0.3))
        #expect(verdict([(0.3, 2), (0.9, 1.1)]) == .never(upTo: 0.9))
        // Less than a twentieth is no gain, and one fast point among slow ones is chance.
        #expect(verdict([(0.5, 0.96), (0.9, 0.96)]) == .never(upTo: 0.9))
        #expect(verdict([(0.5, 0.5), (0.9, 1.2)]) == .never(upTo: 0.9))
        #expect(verdict([]) == .never(upTo: 0))
    }

    @Test func aFastPointBeforeASlowOneDoesNotCount() {
        guard case .from(let sparsity) = verdict([(0.3, 0.5), (0.5, 1.45), (0.7, 0.45)]) else {
            Issue.record("no crossing")
            return
        }
        #expect(abs(sparsity - 0.6) < 1e-9)
    }

    @Test func everyLayerWithMultiplicationsIsMeasured() throws {
        let graph = try NamedNetworks.make(
            "mlp-6-5-4", input: Shape(channels: 1, height: 2, width: 3), classes: 4)
        var heard: [String] = []
        let forecast = try Forecast(
            graph, name: "tiny", batch: 4, sparsities: [0.5, 0.8], budgetSeconds: 0, progress: { heard.append($0) })
        #expect(forecast.layers.map(\.weights) == [30, 20])
        #expect(heard == forecast.layers.map(\.name) + ["whole network"])
        for row in forecast.layers + [forecast.whole] {
            for curve in [row.answer, row.training] {
                #expect(curve.points.map(\.sparsity) == [0.5, 0.8])
                #expect(([curve.dense] + curve.points.map(\.seconds)).allSatisfy { $0 > 0 && $0 < 1 })
            }
        }
    }
}
