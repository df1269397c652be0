import Interchange

/// Models of other programs' making: files in and out.
package enum Models {
    /// Operators of ONNX that are read, by name.
    package static let operators: [String] = ImportRules.all.keys.sorted()

    /// Reads an ONNX file and makes a graph of it, as far as that goes: `problems` says all that cannot run.
    ///
    /// - Throws: `FileProblem` where it is no ONNX file, or a damaged one.
    package static func importModel(path: String, options: ImportOptions = ImportOptions()) throws -> ImportedModel {
        try importModel(ONNXReader.read(path), options: options)
    }

    package static func importModel(
        _ model: ONNXModel, options: ImportOptions = ImportOptions()
    ) throws -> ImportedModel {
        let first = Result { try imported(model, options) }
        if case .success(let result) = first, result.problems.isEmpty { return result }
        // A first axis with a size need not be a batch.
        if options.hasBatch == nil, isFixed(model, options) {
            var whole = options
            whole.hasBatch = false
            if let result = try? imported(model, whole), result.problems.isEmpty { return result }
        }
        return try first.get()
    }

    private static func imported(_ model: ONNXModel, _ options: ImportOptions) throws -> ImportedModel {
        let importer = Importer(model, options: options)
        do {
            try importer.run()
        } catch let problem as FileProblem where !importer.facts.free.isEmpty {
            // What was made of sizes that nobody gave may be right with others.
            let free = importer.facts.free.map {
                "axis \($0.axis) of a sample of \(FileProblem.quote($0.input)) as \($0.size)"
            }
            throw FileProblem(
                path: problem.path, place: problem.place, found: problem.found,
                expected: problem.expected + "; the file leaves sizes open, taken here: \(free.joined(separator: ", "))"
            )
        }
        return ImportedModel(importer)
    }

    /// What a file leaves open of the sizes of its inputs, without looking at its nodes.
    /// - Returns: the names of its inputs, and their free axes.
    package static func inputs(of model: ONNXModel) throws -> (names: [String], free: [FreeAxis]) {
        let importer = Importer(model, options: ImportOptions())
        try importer.addInputs()
        return (importer.plan.inputs.map(\.name), importer.facts.free)
    }

    private static func isFixed(_ model: ONNXModel, _ options: ImportOptions) -> Bool {
        model.graph.inputs.contains { input in
            guard let axes = input.axes, !axes.isEmpty else { return false }
            return axes.allSatisfy { if case .size = $0 { true } else { false } }
        }
    }
}
