import Graph
import Interchange
import Kernels
import Testing
import Training

@Suite struct NormalizationTests {
    private func samples(_ shape: Shape, _ elements: Elements, _ order: Samples.Order = .channelsFirst) -> Samples {
        Samples(shape: shape, elements: elements, order: order, targets: .input)
    }

    @Test func eachChannelHasItsOwnMeanAndDeviation() {
        let shape = Shape(channels: 2, height: 1, width: 2)
        let first = samples(shape, Elements([0, 2, 10, 10, 4, 6, 10, 10] as [UInt8]))
        let last = samples(shape, Elements([0, 10, 2, 10, 4, 10, 6, 10] as [UInt8]), .channelsLast)
        let floats = samples(shape, Elements([0, 2, 10, 10, 4, 6, 10, 10] as [Float]))
        for data in [first, last, floats] {
            let moments = ElementMoments(data)
            #expect(moments.channels.map(\.mean) == [3, 10])
            #expect(abs(moments.channels[0].deviation - 5.0.squareRoot()) < 1e-12)
            #expect(moments.constantChannels == [1] && moments.notFinite == 0)
            let normalization = Normalization(moments, .channel)
            #expect(normalization.means == [3, 10] && normalization.deviations[1] == 1, "not divided by zero")
            #expect(abs(moments.whole.mean - 6.5) < 1e-12 && abs(moments.whole.deviation - 14.75.squareRoot()) < 1e-12)
        }
        #expect(Normalization(ElementMoments(first), .all).means == [6.5])
        #expect(Normalization(ElementMoments(first), .none) == .none)
    }

    @Test func whatIsNoNumberIsCountedAndPlaced() {
        let moments = ElementMoments(
            samples(Shape(channels: 2), Elements([1, .nan, 3, 4, .infinity, 6] as [Float])))
        #expect(moments.notFinite == 2 && moments.firstNotFinite == 1)
        #expect(moments.channels.map(\.mean) == [2, 5])
    }

    /// Numbers far from zero keep the digits of their deviation.
    @Test func aLargeMeanTakesNoDigits() {
        let moments = ElementMoments(
            samples(Shape(channels: 1), Elements((0..<1000).map { Float(1_000_000 + $0 % 2) })))
        #expect(abs(moments.channels[0].deviation - 0.5) < 1e-9)
    }

    /// Bytes and floats, both orders of channels, all lengths around a tile, samples short of a panel: each input is where
    /// the layout says, and is what a loop over the definition gives.
    @Test(arguments: [
        Shape(channels: 3, height: 5, width: 7), Shape(channels: 1, height: 3, width: 3), Shape(channels: 37),
        Shape(channels: 2, height: 1, width: 300), Shape(channels: 1), Shape(channels: 4, height: 4, width: 4),
    ])
    func inputsArePlacedAndNormalised(_ shape: Shape) throws {
        let count = 23
        let bytes = (0..<count * shape.features).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 11) }
        for order in [Samples.Order.channelsFirst, .channelsLast] {
            for elements in [Elements(bytes), Elements(bytes.map { Float($0) * 0.37 - 5 })] {
                let samples = samples(shape, elements, order)
                let data = DataSet(name: "t", train: samples, test: samples)
                let graph = try Graph(
                    input: shape,
                    [
                        Graph.Entry("flat", try Operators.make("flatten", [:]), inputs: []),
                        Graph.Entry("fc", try Operators.make("linear", ["outputs": .integer(2)]), inputs: ["flat"]),
                    ])
                let network = Network(graph, capacity: count, team: Team(size: 2), trains: false)
                let indices = (0..<Int32(count)).reversed().map { $0 }
                PanelFiller(data, network: network).fill(from: samples, indices: indices[...])
                let layout = network.input.layout
                var wrong = 0
                for (place, index) in indices.enumerated() {
                    for channel in 0..<shape.channels {
                        for point in 0..<shape.height * shape.width {
                            let feature =
                                order == .channelsLast
                                ? point * shape.channels + channel : channel * shape.height * shape.width + point
                            let expected =
                                (elements[Int(index) * shape.features + feature] - data.normalization.mean(channel))
                                / data.normalization.deviation(channel)
                            let found = network.input.values.pointer[
                                place / layout.lanes * layout.panelFloats
                                    + layout.offset(channel, point / shape.width, point % shape.width)
                                    + place % layout.lanes]
                            if found != expected { wrong += 1 }
                        }
                    }
                }
                #expect(wrong == 0, "\(shape) \(order) \(elements.kind)")
            }
        }
    }
}
