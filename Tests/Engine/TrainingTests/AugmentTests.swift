import Graph
import Kernels
import Testing
import Training

@Suite struct AugmentTests {
    private static let all = """
        augment: [{name: crop, pad: 2}, flip, {name: shift, columns: 1, rows: 1}, {name: noise, deviation: 0.2}]
        """

    // MARK: What moves where

    /// One change after the other on a picture, point by point, gives what the panels hold.
    @Test func movesAreCarriedOutInTheirOrder() throws {
        let shape = Shape(channels: 2, height: 6, width: 5)
        let augmentations = try [
            Augmentations.make("crop", ["pad": .integer(2)]), Augmentations.make("flip", [:]),
            Augmentations.make("shift", ["columns": .integer(2), "rows": .integer(1)]),
            Augmentations.make("crop", ["pad": .integer(1)]),
        ]
        let (network, indices) = try filled(shape, samples: 40)
        let before = picture(network, 40)
        let zeros: [Float] = [-3, -4]
        Augmenter(augmentations, network: network, zeros: zeros, seed: 5).move(indices[...], step: 11)
        let random = CounterRandom(seed: 5, purpose: .augment)
        var moved = 0
        for (sample, index) in indices.enumerated() {
            var held = before[sample]
            for (number, augmentation) in augmentations.enumerated() {
                let move = augmentation.move(random.among(11, Int(index)).among(number, 0), shape)
                held = changed(held, shape, move, zeros)
            }
            #expect(picture(network, 40)[sample] == held, "sample \(sample)")
            if held != before[sample] { moved += 1 }
        }
        #expect(moved > 30)
    }

    private func changed(_ values: [Float], _ shape: Shape, _ move: Move, _ zeros: [Float]) -> [Float] {
        var result = values
        for channel in 0..<shape.channels {
            for y in 0..<shape.height {
                for x in 0..<shape.width {
                    var fromY = y + move.down, fromX = x + move.right
                    let place = (channel * shape.height + y) * shape.width + x
                    if move.repeatsEdge {
                        fromY = min(max(fromY, 0), shape.height - 1)
                        fromX = min(max(fromX, 0), shape.width - 1)
                    }
                    guard (0..<shape.height).contains(fromY), (0..<shape.width).contains(fromX) else {
                        result[place] = zeros[channel]
                        continue
                    }
                    if move.isMirrored { fromX = shape.width - 1 - fromX }
                    result[place] = values[(channel * shape.height + fromY) * shape.width + fromX]
                }
            }
        }
        return result
    }

    @Test func drawsAreAsLikelyAsTheySay() throws {
        let shape = Shape(channels: 1, height: 9, width: 9)
        let random = CounterRandom(seed: 1, purpose: .augment)
        let crop = try Augmentations.make("crop", ["pad": .integer(3)])
        let flip = try Augmentations.make("flip", ["probability": .number(0.25)])
        var counts: [Int: Int] = [:]
        var flips = 0
        for index in 0..<7000 {
            let move = crop.move(random.among(2, index).among(0, 0), shape)
            #expect(abs(move.down) <= 3)
            counts[move.right, default: 0] += 1
            if flip.move(random.among(2, index).among(1, 0), shape).isMirrored { flips += 1 }
        }
        #expect(counts.keys.sorted() == Array(-3...3) && counts.values.allSatisfy { (850...1150).contains($0) })
        #expect((1600...1900).contains(flips))
        // A signal has no rows to be lost.
        let signal = Shape(channels: 4, height: 1, width: 30)
        #expect((0..<50).allSatisfy { crop.move(random.among(0, $0), signal).down == 0 })
    }

    @Test func noiseHasTheDeviationItIsAskedFor() throws {
        let shape = Shape(channels: 3, height: 8, width: 8)
        let (network, indices) = try filled(shape, samples: 90)
        let before = picture(network, 90)
        let augmentations = try [Augmentations.make("noise", ["deviation": .number(0.5)])]
        let augmenter = Augmenter(augmentations, network: network, zeros: [0, 0, 0], seed: 5)
        augmenter.move(indices[...], step: 3)
        #expect(picture(network, 90) == before)
        augmenter.addNoise(indices[...], step: 3)
        let noise = zip(picture(network, 90), before).flatMap { zip($0, $1).map { Double($0 - $1) } }
        let mean = noise.reduce(0, +) / Double(noise.count)
        let deviation = (noise.reduce(0) { $0 + $1 * $1 } / Double(noise.count)).squareRoot()
        #expect(abs(mean) < 0.01 && abs(deviation - 0.5) < 0.01 && noise.allSatisfy { abs($0) < 1.74 })
        // Neighbours, and the samples beside each other, have nothing to do with each other.
        for distance in [1, 192] {
            let product = zip(noise, noise.dropFirst(distance)).reduce(0) { $0 + $1.0 * $1.1 } / Double(noise.count)
            #expect(abs(product) < 0.01)
        }
        // Lanes without a sample stay empty.
        let layout = network.input.layout
        for sample in 90..<96 {
            #expect(
                network.input.values[sample / layout.lanes * layout.panelFloats + layout.offset(1, 2, 3) + sample % 16]
                    == 0)
        }
    }

    @Test func whatHasNoWidthIsNotMoved() throws {
        for name in ["crop", "flip", "shift"] {
            let error = #expect(throws: FitError.self) {
                try Augmentations.make(name, [:]).require(Shape(channels: 30))
            }
            #expect(error?.description.hasPrefix("augment '\(name)' moves points along the width") == true)
        }
        try Augmentations.make("noise", [:]).require(Shape(channels: 30))
    }

    // MARK: The same bytes

    @Test func threadsStopsAndKillsDoNotChangeAByte() throws {
        let folder = TemporaryFolder()
        let recipe = try digits(Self.all)
        #expect(recipe.augment.map(\.name) == ["crop", "flip", "shift", "noise"])
        #expect(try RecipeReader.read(recipe.yaml, file: "r", name: "r") == recipe)
        try Play(
            recipe, in: folder("whole"), interactive: false, copies: [(24, folder("copy-24")), (41, folder("copy-41"))]
        )
        .end()
        try Play(recipe, in: folder("threads"), threads: 2, interactive: false).end()
        expectSame(folder("whole"), folder("threads"))
        for stop in [7, 30] {
            let path = folder("stopped-\(stop)")
            try Play(recipe, in: path, interactive: false, [.init(stop, .stop)]).end()
            try Play(in: path, threads: 2, interactive: false).end()
            expectSame(folder("whole"), path, "stopped at \(stop)")
        }
        for point in [24, 41] {
            try Play(in: folder("copy-\(point)"), interactive: false).end()
            expectSame(folder("whole"), folder("copy-\(point)"), "killed at \(point)")
        }
        try Play(digits(), in: folder("plain"), interactive: false).end()
        #expect(contents(folder("plain/final.safetensors")) != contents(folder("whole/final.safetensors")))
    }

    /// Validation sees the samples as they are: a network that is not trained has the same accuracy.
    @Test func validationSeesSamplesAsTheyAre() throws {
        let plain = try plan(), augmented = try plan(Self.all)
        let values = try [plain, augmented].map { plan in
            let trainer = Trainer(plan, team: Team(size: 1))
            return try plan.measure(trainer.network, onTest: false).value
        }
        #expect(values[0] == values[1])
    }

    // MARK: Panels

    private func filled(_ shape: Shape, samples: Int) throws -> (Network, [Int32]) {
        // Read by a padded convolution, the input has a border.
        let graph = try Graph(input: shape, [.init("a", Convolution(channels: 2, kernel: 3, padding: 1))])
        let network = Network(graph, capacity: samples, team: Team(size: 2), trains: true)
        let random = CounterRandom(seed: 8, purpose: .test)
        let layout = network.input.layout
        for sample in 0..<samples {
            for feature in 0..<shape.features {
                network.input.values[place(layout, sample, feature)] = random.uniform(sample, feature)
            }
        }
        return (network, (0..<Int32(samples)).map { 1000 - 3 * $0 })
    }
    private func place(_ layout: ImageLayout, _ sample: Int, _ feature: Int) -> Int {
        let (channel, point) = feature.quotientAndRemainder(dividingBy: layout.height * layout.width)
        return sample / layout.lanes * layout.panelFloats + sample % layout.lanes
            + layout.offset(channel, point / layout.width, point % layout.width)
    }
    private func picture(_ network: Network, _ samples: Int) -> [[Float]] {
        let layout = network.input.layout
        return (0..<samples).map { sample in
            (0..<layout.features).map { network.input.values[place(layout, sample, $0)] }
        }
    }
}
