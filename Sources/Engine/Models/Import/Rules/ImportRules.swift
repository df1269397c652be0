import Interchange

/// What each operator of ONNX becomes. A new one is a line in one of the lists.
enum ImportRules {
    /// From a node to the values of its outputs, in their order; outputs that no network needs may be left out at the end.
    /// - Throws: `Unsupported`, or `FileProblem` where no file may say that.
    typealias Rule = @Sendable (ImportNode) throws -> [Importer.Value]

    static let all: [String: Rule] = [
        valueRules, pairRules, axisRules, partRules, repeatRules, gatherRules, resizeRules, shapeRules,
        convolutionRules, poolRules, batchNormRules, productRules, sumRules, largestRules,
        attentionRules, cumulativeRules, localResponseRules, letterRules, elementRules, placeRules, quantizationRules,
        flagRules,
    ]
    .reduce(into: [:]) { all, rules in all.merge(rules) { _, _ in preconditionFailure("an operator twice") } }

    /// Why a node cannot be imported whatever its inputs are; nil where it has a rule.
    static func refusal(_ node: ONNXNode, _ model: ONNXModel) -> String? {
        if model.functions.contains(node.domain + "." + node.type) { return "functions of the file's own are not read" }
        if !node.domain.isEmpty {
            return "operators of the domain \(FileProblem.quote(node.domain)) are not known here"
        }
        if ["If", "Loop", "Scan", "SequenceMap"].contains(node.type) {
            return "what runs depends on values that come at run time: such networks do not run here"
        }
        return all[node.type] == nil ? "not known here" : nil
    }
}
