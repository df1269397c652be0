import Descriptors

extension Methods {
    /// The network computes with the largest weights (set A, of the schedule's final sparsity); a larger set B learns; the rest
    /// waits as it is, with no gradient and no optimizer state. Every few steps both sets are chosen anew by the recipe's masker.
    /// L2 pulls on A by λ and on B without A by λ / density, so that what only learns has to earn its place.
    ///
    /// Reference: Jayakumar et al. 2020, arXiv:2106.03517
    package struct TopKAST: LatentMethod {
        package static let descriptor = Descriptor(
            name: "top-kast",
            summary: "Compute with the largest weights, train some more, choose both anew as they change",
            citation: "Jayakumar et al. 2020, arXiv:2106.03517",
            parameters: [
                Parameter(
                    "extra", "Share of all weights that learn without being computed with", .number(0...1),
                    default: .number(0.1)),
                Parameter(
                    "every", "Steps from one choice of the sets to the next", .integer(1...Int.max),
                    default: .integer(100)),
                Parameter(
                    "strength", "λ of the pull on what is computed with", .number(0...Double.infinity),
                    default: .number(1e-4)),
            ] + LatentSpan.parameters)
        package static let usesSchedule = true
        /// `set`: 2 in A, 1 in B alone, 0 in neither.
        package static let weightSlots = ["latent", "set"]

        package let span: LatentSpan
        private let extra: Double
        private let every: Int
        private let strength: Float
        /// The latent weights before the optimizer, in storage order, by layer.
        private var before: [Int: [Float]] = [:]

        package init(_ arguments: Arguments) throws {
            span = try LatentSpan(arguments)
            extra = arguments.number("extra")
            every = arguments.integer("every")
            strength = Float(arguments.number("strength"))
        }

        package func target(at step: Int, schedule: any Schedule) -> Double? { step > span.begin ? schedule.final : 0 }

        package func require(_ layers: [LiveWeights], masker: Masker) throws {
            guard masker.criterion.needs.isEmpty else {
                throw ArgumentError.outOfRange(
                    name: "criterion", of: "recipe", value: type(of: masker.criterion).descriptor.name,
                    accepted: "one that looks at weights alone, for method '\(Self.descriptor.name)'")
            }
        }

        package func slots(of value: Float, layer: Int, step: Int) -> [Float] { [value, 2] }

        package mutating func prepare(_ layers: [LayerMemory], _ context: StepContext) {
            let isDue = (context.scheduleStep - span.begin - 1) % every == 0
            if isDue { choose(layers, context) }
            for layer in layers {
                if isDue || !layer.isSelected { select(layer) }
                keep(layer)
            }
            project(layers)
        }

        /// So that sparse kernels run, where they are the faster ones.
        private func select(_ layer: LayerMemory) {
            let set = layer.slots[1]
            var computing: [Int] = [], learning: [Int] = []
            for (live, place) in layer.places.enumerated() {
                if set[Int(place)] > 0 { learning.append(live) }
                if set[Int(place)] > 1 { computing.append(live) }
            }
            let isSparse = Float(learning.count) < Self.mostDensity * Float(layer.weights.total)
            layer.select(isSparse ? (computing, learning) : nil)
        }

        /// Where more of a layer learn, dense kernels are about as fast.
        private static let mostDensity: Float = 0.35

        private mutating func keep(_ layer: LayerMemory) {
            if before[layer.number]?.count != layer.storageCount {
                before[layer.number] = [Float](repeating: 0, count: layer.storageCount)
            }
            before[layer.number]!.withUnsafeMutableBufferPointer { kept in
                nonisolated(unsafe) let kept = kept  // Each stretch writes its own.
                layer.inStorage { for place in $0 { kept[place] = layer.latent[place] } }
            }
        }

        private func choose(_ layers: [LayerMemory], _ context: StepContext) {
            var weights = context.layers
            for number in weights.indices {
                weights[number] =
                    layers.first { $0.number == number }.map { $0.live($0.latent) } ?? context.weights(number)
            }
            let sparsity = context.schedule.final
            func keep(_ sparsity: Double) -> [[Bool]]? {
                // That it can be met was asked before the first step.
                try? context.masker.cut(
                    sparsity: max(0, sparsity), final: sparsity, layers: weights, seed: context.seed, step: context.step
                ).keep
            }
            guard let forward = keep(sparsity), let backward = keep(sparsity - extra) else { return }
            for layer in layers {
                let set = layer.slots[1], inA = forward[layer.number], inB = backward[layer.number]
                layer.inStretches { lives, places in
                    for live in lives { set[Int(places[live])] = inA[live] ? 2 : inB[live] ? 1 : 0 }
                }
            }
        }

        package mutating func pullBack(_ layers: [LayerMemory], _ context: StepContext) {
            let density = Float(1 - context.schedule.final)
            for layer in layers {
                let gradient = layer.gradient, latent = layer.latent, set = layer.slots[1]
                let inA = strength, inB = strength / density
                layer.inStorage { places in
                    for place in places {
                        let pull = (set[place] == 2 ? inA : inB) * latent[place]
                        gradient[place] = set[place] == 0 ? 0 : gradient[place] + pull
                    }
                }
            }
        }

        package mutating func project(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                guard let before = before[layer.number] else { continue }
                let latent = layer.latent, set = layer.slots[1], slots = layer.optimizerSlots
                layer.inStorage { places in
                    // Momentum and weight decay of the optimizer do not reach what waits.
                    for place in places where set[place] == 0 {
                        latent[place] = before[place]
                        for slot in slots { slot[place] = 0 }
                    }
                }
            }
            project(layers)
            if context.scheduleStep == span.end { for layer in layers { layer.select(nil) } }
        }

        private func project(_ layers: [LayerMemory]) {
            for layer in layers {
                let values = layer.values, latent = layer.latent, set = layer.slots[1]
                layer.inStorage { for place in $0 { values[place] = set[place] == 2 ? latent[place] : 0 } }
            }
        }
    }
}
