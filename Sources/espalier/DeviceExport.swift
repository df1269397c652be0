import ArgumentParser
import Devices
import Foundation
import Graph
import Interchange
import Kernels
import Models
import Training

/// `espalier export --format c99`: a folder of C files that build without anything else.
struct DeviceExport {
    let folder: String
    let name: String
    /// Bytes that tables and arena must fit into; nil: any.
    private let flash: Int?
    private let ram: Int?

    /// - Parameter output: a name that ends in `.c`, whose folder gets all files, or a folder.
    init(_ output: String, flash: Int?, ram: Int?) throws {
        self.flash = flash
        self.ram = ram
        let path = try HomeFolder.expand(output)
        let last = path.split(separator: "/").last.map(String.init) ?? "network"
        name = last.hasSuffix(".c") ? String(last.dropLast(2)) : last
        folder = last.hasSuffix(".c") ? Files.folder(of: path) : path
        guard !["main", "main-cortex-m"].contains(name) else {
            throw ValidationError("--output is \(output); '\(name).c' is the name of a program beside the network")
        }
    }

    /// Of the network in 8 bits ranges are measured on training samples of its data.
    func export(
        _ opened: OpenedNetwork, path: String, bits: Int, isForSpeed: Bool, data: RunData.Choice
    ) throws -> C99Export {
        // Floats need no data but for the figure.
        let plan = bits == 8 ? try opened.plan(data) : try? opened.plan(data)
        let network = opened.network
        try network.answerInOwnUnits(opened.targetScale, path: path)
        let normalization = opened.normalization ?? plan?.data.normalization
        var options = options(opened.recipe, opened.step, isForSpeed, normalization)
        var export: C99Export
        if let plan, bits == 8 {
            let images = try plan.calibrationImages(512, shape: network.graph.input, normalization: normalization)
            var notes: [String] = []
            let made = try opened.integers(network, images, nil, known: opened.ranges, notes: &notes).network
            for note in notes { Output.error("espalier: \(note)") }
            options.golden = C99Export.golden(made, Array(images.prefix(2)))
            export = try C99Export(made, options: options)
        } else {
            let inputs = [C99Export.inputs(network.graph.input.features)]
            export = try C99Export(network.graph, ModelArrays(network), options: options)
            export.options.golden = C99Export.golden(network, inputs)
        }
        try export.require(flash: flash, ram: ram)
        export.options.accuracy = try CompiledExport.accuracy(export, plan, network, normalization)
        return export
    }

    /// The integers of a file that `espalier quantize` wrote, as they are.
    func export(_ kept: QuantizedKept, path: String, isForSpeed: Bool, data: RunData.Choice) throws -> C99Export {
        let plan = try? kept.plan(in: Files.folder(of: path), choice: data)
        var options = options(kept.recipe, kept.step, isForSpeed, kept.normalization)
        let network = Network(try kept.standIn(), capacity: 64, team: Team(size: 1), trains: false)
        let inputs =
            try plan?.calibrationImages(2, shape: network.graph.input, normalization: kept.normalization)
            ?? [C99Export.inputs(network.graph.input.features)]
        options.golden = C99Export.golden(kept.network, inputs)
        var export = try C99Export(kept.network, options: options)
        try export.require(flash: flash, ram: ram)
        export.options.accuracy = try CompiledExport.accuracy(export, plan, network, kept.normalization)
        return export
    }

    private func options(
        _ recipe: Recipe, _ step: Int, _ isForSpeed: Bool, _ normalization: Normalization?
    ) -> C99Export.Options {
        var options = C99Export.Options(name: name)
        options.isForSpeed = isForSpeed
        options.about = ["\(recipe.name), step \(step)"]
        if let normalization, (1...4).contains(normalization.means.count) {
            func list(_ numbers: [Float]) -> String { numbers.map { "\($0)" }.joined(separator: ", ") }
            options.about.append(
                "its input is less a mean, over a deviation, by channel: \(list(normalization.means)); "
                    + list(normalization.deviations))
        }
        return options
    }

    /// - Throws: `FileProblem` where a file is there already and may not be replaced; then none is written.
    func write(_ export: C99Export, force: Bool) throws {
        let files = try export.files.map { (try OutputPlace.free("\(folder)/\($0.name)", force: force), $0.text) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (path, text) in files {
            try AtomicFile.write([Array(text.utf8)], to: path)
            Output.line("\(path): \(text.utf8.count) bytes")
        }
        Output.line(
            "tables \(export.tableBytes) bytes, arena \(export.arenaBytes) bytes, multiply-adds "
                + "\(export.liveMultiplyAdds) of \(export.multiplyAdds); accuracy \(export.options.accuracy)")
    }
}
