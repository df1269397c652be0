import ArgumentParser
import Devices
import Foundation
import Interchange
import Models
import Training

/// `espalier export --format c99`: a folder of C files that build without anything else.
struct DeviceExport {
    let folder: String
    let name: String

    /// - Parameter output: a name that ends in `.c`, whose folder gets all files, or a folder.
    init(_ output: String) throws {
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
        _ opened: OpenedNetwork, bits: Int, isForSpeed: Bool, data: RunData.Choice
    ) throws -> C99Export {
        let network = opened.network, arrays = ModelArrays(network)
        var options = C99Export.Options(name: name)
        options.isForSpeed = isForSpeed
        options.about = ["\(opened.recipe.name), step \(opened.step)"]
        options.accuracy = "not measured"
        guard bits == 8 else {
            options.golden = C99Export.golden(network, [C99Export.inputs(network.graph.input.features)])
            return try C99Export(network.graph, arrays, options: options)
        }
        let plan = try opened.plan(data)
        let quantizer = try Quantizer(network.graph, arrays)
        let images = try plan.calibrationImages(
            512, shape: network.graph.input, normalization: opened.normalization)
        var notes: [String] = []
        let made = try quantizer.network(images, RangeChoices.make(RangeChoices.all[0].descriptor.name), notes: &notes)
        for note in notes { Output.error("espalier: \(note)") }
        options.golden = C99Export.golden(made, Array(images.prefix(2)))
        return try C99Export(made, options: options)
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
