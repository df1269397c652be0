import Graph
import Kernels
import Sparsity
import Testing
import Training

/// Gradients of weights that are not there are those that a dense layer with zeros in their places has, to the bit.
@Suite struct GradientProbeTests {
    /// A sparse trainer, and the dense one of the same weights.
    private func pair(_ recipe: String, network: String, threads: Int) throws -> (sparse: Trainer, dense: Trainer) {
        let plan = try plan(recipe, network: network)
        let sparse = Trainer(plan, team: Team(size: threads))
        let changes = try #require(try sparse.changes(for: .cut(sparsity: 0.8)))
        sparse.apply(changes, event: 1)
        let dense = Trainer(plan, team: Team(size: threads), initialize: false)
        dense.restore(sparse.state().withAPlaceForEveryWeight())
        return (sparse, dense)
    }

    /// The last network has a layer that is cut along its terms. Nearly all places are asked for in every other layer, so that
    /// gradients of zero decide by their positions.
    @Test(arguments: ["mlp-64-24-16-10", "resnet-8", "mlp-64-4100-10"], [1, 2, 3])
    func largestOutsideTheMask(network: String, threads: Int) throws {
        let (sparse, dense) = try pair("", network: network, threads: threads)
        let counts = sparse.network.layers.enumerated().map { number, layer in
            max(1, (layer.map.weights - layer.nnz) * (number % 2 == 0 ? 39 : 8) / 40)
        }
        for (layer, count) in zip(sparse.network.layers, counts) { layer.probe = GradientProbe(.largest(count)) }
        let probes = sparse.network.layers.map(\.probe!)
        _ = try sparse.step()
        _ = try dense.step()
        for (number, layer) in dense.network.layers.enumerated() {
            let gradient = layer.liveGradient()
            let live = Set(sparse.network.layers[number].liveIndices() ?? [])
            let expected = gradient.indices.filter { !live.contains($0) }
                .sorted { (abs(gradient[$0]), -$0) > (abs(gradient[$1]), -$1) }.prefix(counts[number]).sorted()
            let answer = try #require(probes[number].answer)
            #expect(answer.map(\.position) == expected)
            #expect(answer.map(\.value.bitPattern) == expected.map { gradient[$0].bitPattern })
        }
    }

    @Test(arguments: ["mlp-64-24-16-10", "resnet-8"], [1, 2])
    func largestOfRows(network: String, threads: Int) throws {
        let (sparse, dense) = try pair("", network: network, threads: threads)
        for layer in sparse.network.layers { layer.probe = GradientProbe(.largestOfRows(7, each: 2)) }
        let probes = sparse.network.layers.map { $0.probe! }
        _ = try sparse.step()
        _ = try dense.step()
        for (number, layer) in dense.network.layers.enumerated() {
            let gradient = layer.liveGradient(), columns = layer.map.columns
            let live = Set(sparse.network.layers[number].liveIndices() ?? Array(gradient.indices))
            let outside = gradient.indices.filter { !live.contains($0) }
                .sorted { (abs(gradient[$0]), -$0) > (abs(gradient[$1]), -$1) }
            var expected = Set(outside.prefix(7))
            for row in 0..<layer.map.rows { expected.formUnion(outside.filter { $0 / columns == row }.prefix(2)) }
            let answer = try #require(probes[number].answer)
            #expect(answer.map { $0.position } == expected.sorted())
            #expect(answer.map { $0.value.bitPattern } == expected.sorted().map { gradient[$0].bitPattern })
        }
    }

    @Test(arguments: ["mlp-64-24-16-10", "resnet-8"])
    func atGivenPlaces(network: String) throws {
        let (sparse, dense) = try pair("", network: network, threads: 2)
        var asked: [[Int]] = []
        for layer in sparse.network.layers {
            let live = Set(layer.liveIndices() ?? [])
            let positions = (0..<layer.map.weights).filter { !live.contains($0) && $0 % 7 == 3 }
            asked.append(positions)
            layer.probe = GradientProbe(.at(positions))
        }
        let probes = sparse.network.layers.map(\.probe!)
        _ = try sparse.step()
        _ = try dense.step()
        for (number, layer) in dense.network.layers.enumerated() {
            let gradient = layer.liveGradient()
            let answer = try #require(probes[number].answer)
            #expect(answer.map(\.position) == asked[number])
            #expect(answer.map(\.value.bitPattern) == asked[number].map { gradient[$0].bitPattern })
        }
    }

    /// Terms of a layer one range after another, each of several blocks of rows: the bits of the whole gradient.
    @Test func largestOfFewAlongTheTerms() throws {
        let (sparse, dense) = try pair("", network: "mlp-64-4100-23-10", threads: 2)
        let layer = sparse.network.layers[1]
        let probe = GradientProbe(.largest(50))
        layer.probe = probe
        _ = try sparse.step()
        _ = try dense.step()
        let gradient = dense.network.layers[1].liveGradient(), live = Set(layer.liveIndices() ?? [])
        let expected = gradient.indices.filter { !live.contains($0) }
            .sorted { (abs(gradient[$0]), -$0) > (abs(gradient[$1]), -$1) }.prefix(50).sorted()
        #expect(probe.answer?.map(\.position) == expected)
    }
}
