import Graph
import Kernels
import Testing

/// A network that starts sparse holds what its nonzeros need and nothing that grows with the zeros.
@Suite struct SparseStartTests {
    private func network(_ width: Int, counts: [Int]) throws -> Network {
        let graph = try Graph(
            input: Shape(channels: width),
            [.init("a", Linear(outputs: width)), .init("relu", ReLU()), .init("b", Linear(outputs: width))])
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: true, slots: 1)
        network.initialize(seed: 5, counts: counts)
        return network
    }

    /// Value, gradient, momentum and both patterns, by nonzeros a row: 2, 10, 100.
    @Test(arguments: [(20_000, 40_000), (20_000, 200_000), (2_000, 200_000)])
    func aWeightTakesAtMost32Bytes(width: Int, count: Int) throws {
        let layer = try network(width, counts: [count, count]).layers[1]
        #expect(layer.nnz == count && !layer.isDense && layer.needsInputGradient)
        let bytes = layer.bytes + 4 * (layer.gradient.count + layer.slots.reduce(0) { $0 + $1.count })
        #expect(Double(bytes) / Double(count) <= 32)
        #expect(layer.values.count == count && layer.gradient.count == count && layer.slots[0].count == count)
    }

    /// Where dense kernels run passes of a mask, too: by all costs there may be, from the least density on, of few rows,
    /// whose copy is padded to sixes, and of images.
    @Test(arguments: [0.35, 0.4, 0.5, 0.7, 0.95], [10, 64, 301])
    func aWeightTakesAtMost32BytesWhateverRunsIt(density: Double, rows: Int) throws {
        let linear = try Graph(
            input: Shape(channels: 301), [.init("a", Linear(outputs: 301)), .init("b", Linear(outputs: rows))])
        let image = try Graph(
            input: Shape(channels: 31, height: 8, width: 8),
            [
                .init("a", Convolution(channels: 31, kernel: 1)),
                .init("b", Convolution(channels: rows, kernel: 3, padding: 1)),
            ])
        for (graph, dense) in [linear, image].flatMap({ graph in DensePasses.combinations.map { (graph, $0) } }) {
            let network = Network(graph, capacity: 1, team: Team(size: 1), trains: true, slots: 1)
            network.initialize(seed: 5)
            let layer = network.layers[1]
            let all = layer.map.weights
            let count = Int((density * Double(all)).rounded(.up))
            func seconds(_ pass: WeightPass) -> Double { dense.contains(pass) ? 0.01 : 100 }
            layer.costs = KernelCosts(
                dense: .init(
                    forward: seconds(.forward), inputGradient: seconds(.inputGradient),
                    weightGradient: seconds(.weightGradient)),
                points: [
                    .init(
                        density: density, sparse: .init(forward: 1, inputGradient: 1, weightGradient: 1), scatter: 0,
                        gather: 0)
                ])
            layer.set(layer.live().keeping((0..<all).map { ($0 + 1) * count / all > $0 * count / all }))
            #expect(layer.nnz == count && dense.isSuperset(of: layer.densePasses))
            // Of many rows and half of the weights there is room for all of them.
            if rows == 301, density >= 0.5 { #expect((dense == .all) == (layer.densePasses == .all)) }
            let bytes = layer.bytes + 4 * (layer.gradient.count + layer.slots.reduce(0) { $0 + $1.count })
            #expect(Double(bytes) / Double(count) <= 32, "\(dense)")
        }
    }

    @Test func aRowStartsWithTheVarianceOfTheInputsItHas() throws {
        let layer = try network(1000, counts: [25_000, 20_000]).layers[1]
        let values = layer.live().values
        let bound = (6 / Float(20)).squareRoot()
        #expect(values.allSatisfy { abs($0) <= bound })
        let square = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
        #expect(abs(square - 2 / 20) < 0.002)
    }

    /// Where a layer keeps all its weights it is dense and has the bits it has without counts.
    @Test func aFullLayerIsTheDenseOne() throws {
        let full = try network(30, counts: [900, 100])
        let dense = try network(30, counts: [900, 900])
        #expect(full.layers[0].isDense && !full.layers[1].isDense)
        #expect(full.layers[0].live() == dense.layers[0].live())
    }
}
