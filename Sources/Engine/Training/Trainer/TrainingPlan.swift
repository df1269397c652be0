import Descriptors
import Foundation
import Graph
import Models
import Sparsity
import Text

/// Everything about a run that does not change while it trains: made once, shared by session and previews.
package struct TrainingPlan: Sendable {
    package let recipe: Recipe
    package let parts: RecipeParts
    /// Fitted to the data and the network.
    package let loss: any Loss
    package let figure: any Figure
    /// What the outputs are compared with.
    package let comparison: Comparison
    /// Outputs that the recipe's network is made with, where it has no number of its own.
    package let outputs: Int
    package let data: DataSet
    package let split: Split
    package private(set) var graph: Graph
    /// Whether units have left that network: it travels with its state from then on.
    package private(set) var isNarrowed = false
    /// Unlike that of a plan of another network.
    package private(set) var identity = Identity()
    /// Weights to start with; nil: random ones.
    package private(set) var start: StartWeights?
    /// The network that the recipe's learns from; nil: none, or nothing is trained.
    package let parent: ParentNetwork?
    /// The ONNX file that the network came from, without its weights.
    package private(set) var frame: ONNXFrame?
    /// The layers with weights, in the order of the graph, without weights: what a distribution reads before there are any.
    package private(set) var layers: [LiveWeights]
    /// Weights that each layer starts with where the recipe's mask is drawn before there are weights; nil: all layers
    /// start dense.
    package private(set) var startCounts: [Int]?
    /// Where the recipe trains under quantisation.
    package private(set) var quantization: QuantizationPlan?
    /// Memory that training needs, about.
    package private(set) var memory: MemoryNeed
    /// What is worth knowing of the data before the first step.
    package let notices: [String]

    /// - Throws: `FileProblem`, `DataError`, `GraphError`, `ArgumentError`.
    package init(_ recipe: Recipe, start: StartChoice? = nil) throws {
        try self.init(recipe, data: DataSources.load(recipe.data, recipe.dataChoice), start: start)
    }

    /// - Parameters:
    ///   - starting: the network that a run began with; nil: as the recipe says.
    ///   - start: what a run that begins takes its weights from.
    ///   - parent: what the recipe's network learns from, where the recipe has one.
    ///   - targetScale: what the network answers in already; nil: as recipe, data and given weights have it.
    package init(
        _ recipe: Recipe, data: DataSet, starting known: StartingNetwork? = nil, start: StartChoice? = nil,
        targetScale: TargetScale? = nil, parent: ParentChoice = .recipe
    ) throws {
        self.recipe = recipe
        let parts = try recipe.parts()
        self.parts = parts
        try data.requireFinite()
        var facts = TargetFacts(data)
        comparison = parts.loss.comparison(facts)
        outputs = facts.outputs(comparison)
        var starting = try known ?? recipe.starting(input: data.train.shape, classes: outputs)
        if known == nil { try start?.apply(to: &starting) }
        let graph = starting.graph
        self.graph = graph
        var data = data
        data.targetScale = try targetScale ?? Self.scale(recipe, data, parts.loss, starting.targetScale)
        facts.scale = data.targetScale
        self.data = data
        self.start = starting.weights
        frame = starting.frame
        guard comparison != .classes || facts.classes.map({ parts.loss.hasOutputs(graph.output, classes: $0) }) ?? true
        else {
            let label = graph.output.isFlat ? data.placeOfLabel(above: graph.output.channels - 1) : nil
            throw DataError.shape(
                network: recipe.networkName,
                found: "\(graph.output) outputs"
                    + (label.map { ", for labels 0 to \(graph.output.channels - 1), not \($0)" } ?? ""),
                expected: "\(data.classes)")
        }
        let weighted = graph.nodes.indices.filter { graph.nodes[$0].ownWeights != nil }
        guard !weighted.isEmpty else { throw GraphError.noWeights }
        let shapes = weighted.map { graph.nodes[$0].weightShape! }
        // Counts are whole numbers from here on: beyond this a sum of them could not be held.
        let positions = shapes.reduce(0.0) { $0 + Double($1.rows) * Double($1.columns) }
        guard positions < 0x1p61 else {
            throw DataError.tooLarge(network: recipe.networkName, gigabytes: 4e-9 * positions)
        }
        // Without weights: which layer a distribution names and the network has not is an error now, not at the first
        // cut.
        let layers = Self.layers(of: graph)
        self.layers = layers
        _ = try parts.masker.distribution.allocate(target: 0, final: 0, layers: layers)
        _ = try parts.masker.limits.most(layers)
        let counts = try parts.method.initialSparsity(parts.schedule).flatMap {
            try parts.masker.drawnCounts(
                sparsity: $0, layers: layers, graph: graph, isRandom: type(of: parts.method).startsRandom)
        }
        startCounts = counts == shapes.map(\.weights) ? nil : counts
        split = try Split(
            data.train, validation: recipe.integer("validation"), seed: recipe.seed,
            isStratified: recipe.dataChoice.isStratified)
        facts.count(data, split)
        loss = try parts.loss.fitted(to: facts, output: graph.output)
        switch parent {
        case .none: self.parent = nil
        case .kept(let kept): self.parent = kept
        case .recipe:
            let loss = loss
            self.parent = try recipe.distillation.map {
                try ParentNetwork($0, data: data, outputs: graph.output, loss: loss)
            }
        }
        // Steps of an epoch, as below.
        let total = recipe.integer("epochs") * ((split.train.count + recipe.batch - 1) / recipe.batch)
        quantization = try recipe.quantization.map {
            try QuantizationPlan(
                $0, graph, ModelArrays(graph, starting.weights), scale: data.targetScale,
                beginStep: Int($0.begin * Double(total)))
        }
        let own = MemoryNeed(
            training: quantization?.graph(graph).graph ?? graph, batch: recipe.batch,
            slots: type(of: parts.optimizer).slots + type(of: parts.method).weightSlots.count,
            counts: startCounts)
        memory =
            self.parent.map { own.beside(MemoryNeed(running: $0.graph, capacity: recipe.batch, counts: nil)) } ?? own
        figure = try (parts.figure ?? Figures.standard(for: facts, loss: loss)).fitted(to: facts, loss: loss)
        guard figure.format.floors.contains(recipe.number("floor")) else {
            throw ArgumentError.outOfRange(
                name: "floor", of: "recipe", value: "\(recipe.number("floor"))",
                accepted: "\(figure.format.acceptedFloors), for figure '\(figure.format.name)'")
        }
        for augmentation in parts.augmentations { try augmentation.require(data.train.shape) }
        var notices = (data.notice.map { [$0] } ?? []) + data.notices + starting.notices
        if let constant = data.constantChannels { notices.append(constant) }
        if let constant = data.constantTargets { notices.append(constant) }
        if let missing = split.missingClasses(data) { notices.append(missing) }
        // Where a method is written down, it is one that needs no schedule.
        if let schedule = recipe.schedule, recipe.lines.keys["method"] == nil {
            notices.append(
                "schedule '\(schedule.name)' is not used, for there is no 'method'; 'method: gradual-magnitude' follows it"
            )
        }
        if let short = try Self.limitedTarget(parts, layers) { notices.append(short) }
        self.notices = notices
    }

    /// What a network that begins is taught to answer in.
    /// - Parameter given: what the weights of its last layer answer in.
    private static func scale(_ recipe: Recipe, _ data: DataSet, _ loss: any Loss, _ given: TargetScale?) throws
        -> TargetScale
    {
        let asked = recipe.dataChoice.scalesTargets
        guard case .numbers(let numbers, let each) = data.train.targets, loss is any ValueLoss,
            loss.comparison(TargetFacts(data)) == .numbers
        else {
            guard asked != true else {
                throw FitError(
                    ["data.scale-targets", "data", "loss"],
                    "'scale-targets' is for targets that are numbers and loss 'mean-squared-error' or 'mean-absolute-error'"
                )
            }
            return .none
        }
        if asked == false { return .none }
        if asked == nil, let given, given.isNone || given.means.count == each { return given }
        return TargetScale(of: numbers, each: each)
    }

    /// This plan for a network that answers in other units.
    func answering(in scale: TargetScale) throws -> TrainingPlan {
        guard scale != data.targetScale else { return self }
        return try TrainingPlan(
            recipe, data: data, starting: StartingNetwork(graph: graph, weights: start, frame: frame),
            targetScale: scale, parent: parent.map(ParentChoice.kept) ?? .none)
    }

    package final class Identity: Sendable {}

    /// The same run with another network, which units have left.
    /// - Throws: `GraphError` where it is none for this data; what the distribution says of layers that are not there.
    package func on(_ graph: Graph) throws -> TrainingPlan {
        guard graph.input == self.graph.input, graph.output == self.graph.output else {
            throw GraphError.shape(
                node: graph.nodes.last?.name ?? Graph.inputName, found: "\(graph.input) to \(graph.output)",
                expected: "\(self.graph.input) to \(self.graph.output), as the run has it")
        }
        guard graph.nodes.contains(where: { $0.ownWeights != nil }) else { throw GraphError.noWeights }
        var plan = self
        plan.graph = graph
        plan.isNarrowed = true
        plan.identity = Identity()
        (plan.start, plan.frame, plan.startCounts) = (nil, nil, nil)
        plan.layers = Self.layers(of: graph)
        _ = try parts.masker.distribution.allocate(target: 0, final: 0, layers: plan.layers)
        _ = try parts.masker.limits.most(plan.layers)
        plan.quantization = try quantization.map {
            try QuantizationPlan(
                $0.choice, graph, ModelArrays(graph, nil), scale: data.targetScale, beginStep: $0.beginStep)
        }
        plan.memory = MemoryNeed(
            training: plan.quantization?.graph(graph).graph ?? graph, batch: recipe.batch,
            slots: type(of: parts.optimizer).slots + type(of: parts.method).weightSlots.count, counts: nil)
        return plan
    }

    /// A target that the limits of layers leave out of reach.
    private static func limitedTarget(_ parts: RecipeParts, _ layers: [LiveWeights]) throws -> String? {
        let masker = parts.masker, final = parts.schedule.final
        guard masker.limits != .none, type(of: parts.method).usesSchedule else { return nil }
        let free = Masker(
            criterion: masker.criterion, granularity: masker.granularity, distribution: masker.distribution)
        let wanted = try free.askedSparsity(final, layers: layers)
        let reached = try masker.askedSparsity(final, layers: layers)
        guard wanted - reached > 1e-4 else { return nil }
        return
            "with 'keep' and 'cap' the schedule ends at \(Percent.named(reached)) zeros, not at \(Percent.named(wanted))"
    }

    /// The layers with weights of a graph, in its order, without weights.
    package static func layers(of graph: Graph) -> [LiveWeights] {
        let weighted = graph.nodes.indices.filter { graph.nodes[$0].ownWeights != nil }
        let isRead = graph.isReadByWeights
        let heads = Locked<[HeadMembers?]?>(nil)
        let membersOf: @Sendable (Int) -> HeadMembers? = { number in
            heads.withLock { found in
                let all = found ?? graph.attentionHeads()
                found = all
                return all[number]
            }
        }
        return weighted.map { number in
            let shape = graph.nodes[number].weightShape!
            return LiveWeights(
                name: graph.nodes[number].name, rows: shape.rows, columns: shape.columns,
                kernelArea: shape.kernelHeight * shape.kernelWidth, kernelWidth: shape.kernelWidth,
                groupCount: shape.groups, indices: [], values: [],
                mayVanish: graph.users(ofWeightsOf: number).allSatisfy(graph.isAvoidable),
                isOutput: graph.users(ofWeightsOf: number).contains { !isRead[$0] },
                isProtected: !graph.nodes[number].isPrunable, isFrozen: graph.nodes[number].isFrozen,
                isConvolution: graph.nodes[number].op.traits.contains(.walksPlanes), heads: membersOf(number))
        }
    }

    package var stepsPerEpoch: Int { (split.train.count + recipe.batch - 1) / recipe.batch }
    package var totalSteps: Int { recipe.integer("epochs") * stepsPerEpoch }
    package var retrainSteps: Int { recipe.integer("retrain-epochs") * stepsPerEpoch }
}
