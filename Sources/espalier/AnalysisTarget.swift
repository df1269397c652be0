import ArgumentParser
import Foundation
import Interchange
import Training

/// What an analysis is of: a run, a kept network or a model, with the data that it is measured on.
struct AnalysisTarget: ParsableArguments {
    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model (with --data).")
    var target: String
    @Option(
        name: .customLong("set"),
        help: "Of an ONNX model: how data and cuts are to be taken, as in criterion=random; may be repeated.")
    var changes: [String] = []
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var threadOptions: ThreadOptions

    /// Copies that measure at the same time.
    var workers: Int { threadOptions.count }

    func open(_ path: String? = nil) throws -> (AnalysedNetwork, OpenedNetwork) {
        let opened = try OpenedNetwork(
            path ?? target, threads: workers, capacity: 256, data: dataOptions.choice, changes: changes)
        return (try opened.analysed(dataOptions.choice), opened)
    }

    /// A file of the run; nil where the target is none.
    func runFile(_ name: String) -> String? {
        let path = HomeFolder.find(target)
        return (try? RunFolder.isRun(path)) == true ? path + "/" + name : nil
    }
}

extension OpenedNetwork {
    func analysed(_ choice: RunData.Choice) throws -> AnalysedNetwork {
        AnalysedNetwork(
            plan: try plan(choice), graph: network.graph, layers: layers,
            parameters: network.parameters.map { $0.state(withSlots: false) }, normalization: normalization,
            step: step)
    }
}
