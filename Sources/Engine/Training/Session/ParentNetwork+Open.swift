import Graph
import Interchange

extension ParentNetwork {
    /// The parent of a recipe's network.
    ///
    /// - Throws: `FitError` where the recipe's network cannot learn from it; `FileProblem`.
    init(_ distillation: DistillationChoice, data: DataSet, outputs: Shape, loss: any Loss) throws {
        let path = try distillation.file()
        guard loss is SoftmaxCrossEntropy else {
            throw FitError(
                ["distill", "loss"],
                "'distill' softens the scores of classes, and loss '\(type(of: loss).descriptor.name)' compares others; "
                    + "loss 'softmax-cross-entropy' is for it")
        }
        if path.hasSuffix(".safetensors") {
            let kept = try KeptNetwork.read(path)
            guard kept.normalization == data.normalization else {
                throw FitError(
                    ["distill", "data"],
                    "'distill' gives the parent \(path) the samples as they are normalised here, and it was trained on others: "
                        + "mean \(kept.normalization.means[0]) and deviation \(kept.normalization.deviations[0]), not "
                        + "\(data.normalization.means[0]) and \(data.normalization.deviations[0])")
            }
        }
        let opened = try FileNetwork(file: path).open(input: data.train.shape)
        guard opened.graph.output.features == outputs.features, opened.graph.output.isFlat else {
            throw FitError(
                ["distill", "network"],
                "'distill' compares outputs one by one: the parent \(path) gives \(opened.graph.output.outputWords), the "
                    + "recipe's network \(outputs.outputWords)")
        }
        self.init(graph: opened.graph, weights: opened.weights ?? StartWeights())
    }
}

extension DistillationChoice {
    /// The file that the network is in: of a run the one that it left.
    /// - Throws: `FileProblem` where a run has none.
    func file() throws -> String {
        guard try RunFolder.isRun(from) else { return from }
        let run = try RunFolder.look(at: from)
        guard try FileKind.at(run.final) != .absent else {
            throw FileProblem(
                path: from, place: "final.safetensors", found: "a run that is not finished",
                expected: "a finished one, or the file of a network that it kept")
        }
        return run.final
    }
}
