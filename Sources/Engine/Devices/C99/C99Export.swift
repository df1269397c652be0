import Graph
import Kernels
import Models

/// A network as C99 without a heap and without a library but `string.h`.
package struct C99Export {
    package struct Options: Sendable {
        /// Of the files; identifiers are made of it.
        package var name: String
        /// Encodings that take the fewest instructions, else few bytes.
        package var isForSpeed = false
        /// Every layer in this encoding that can be; one of `encodings`.
        package var encoding: String?
        /// What the network is, a line each.
        package var about: [String] = []
        /// Layers by the names of the nodes that became one with them: of integers only those are known.
        package var layerNames: [String: String] = [:]
        /// What inputs were normalised with, one for all or one for each channel; empty: nobody knows.
        package var means: [Float] = []
        package var deviations: [Float] = []
        /// What the file's own answers are worth, once it was measured.
        package var accuracy = "not measured"
        /// Inputs and what Espalier answers to them, for the self-test.
        package var golden: [(input: [Float], output: [Float])] {
            get { zip(goldenInputs, goldenOutputs).map { ($0, $1) } }
            set { (goldenInputs, goldenOutputs) = (newValue.map(\.input), newValue.map(\.output)) }
        }
        private var goldenInputs: [[Float]] = []
        private var goldenOutputs: [[Float]] = []

        package init(name: String) { self.name = name }

        var goal: Goal { encoding.map(Goal.encoding) ?? (isForSpeed ? .speed : .size) }
    }

    /// What the encoding of a layer is chosen by.
    enum Goal {
        case size, speed
        case encoding(String)
    }

    /// Names of the encodings of `Interchange` that C reads, those of gaps with their bits too.
    package static let encodings = CWalkers.names

    package var options: Options
    let plan: DevicePlan
    let blocks: [String]
    let tables: [String]
    let kernels: [String]
    /// Bytes of constant tables, and of the memory that the caller gives.
    package let tableBytes: Int
    package var arenaBytes: Int { plan.arenaBytes }
    package let layers: [C99Layer]

    /// In float32.
    /// - Throws: `C99Problem` that names every node that C does not know.
    package init(_ graph: Graph, _ arrays: ModelArrays, options: Options) throws {
        self.init(try DeviceProgram(graph, arrays), options)
    }

    /// In 8-bit integers.
    package init(_ network: QuantizedNetwork, options: Options) throws {
        guard !network.nodes.isEmpty else { throw C99Problem(nodes: [], reason: "the network computes nothing") }
        self.init(DeviceProgram(network), options)
    }

    private init(_ program: DeviceProgram, _ options: Options) {
        self.options = options
        plan = DevicePlan(program, options.goal, isForSpeed: options.isForSpeed)
        var writer = CWriter(plan)
        var blocks: [String] = []
        let input = plan.layouts[0].hasBorder ? writer.border(0) : ""
        for number in plan.program.nodes.indices { blocks.append(writer.block(number).joined(separator: "\n")) }
        self.blocks = (input.isEmpty ? [] : [String(input.dropFirst(4))]) + blocks
        tables = writer.tables
        tableBytes = writer.tableBytes
        layers = writer.layers.map {
            C99Layer(
                name: options.layerNames[$0.name] ?? $0.name, encoding: $0.encoding, bytes: $0.bytes, live: $0.live,
                weights: $0.weights,
                points: $0.points)
        }
        let all = CKernels.all(writer.types, tiles: writer.tiles)
        var wanted = writer.used
        if program.isQuantized { wanted.formUnion(["clamped"]) }
        // What a kernel needs stands before it, so one turn from the last to the first finds all.
        for kernel in all.reversed() where wanted.contains(kernel.name) { wanted.formUnion(kernel.needs) }
        kernels = all.filter {
            wanted.contains($0.name)
                && ($0.name != "clamped" || writer.used.contains("clamped")
                    || all.contains { wanted.contains($0.name) && $0.needs.contains("clamped") })
        }
        .map(\.text)
    }

    package var multiplyAdds: Int { layers.reduce(0) { $0 + $1.weights * $1.points } }
    package var liveMultiplyAdds: Int { layers.reduce(0) { $0 + $1.live * $1.points } }
    package var weightBytes: Int { layers.reduce(0) { $0 + $1.bytes } }
    package var isQuantized: Bool { plan.program.isQuantized }
    package var inputs: Int { plan.program.tensors[0].count }
    package var outputs: Int { plan.program.tensors[plan.program.output].count }
    /// What the names in C begin with.
    package var identifier: String { CText.identifier(options.name) }

    private func toCut(_ bytes: Int) -> String {
        let live = layers.reduce(0) { $0 + $1.live }
        let share = Double(bytes) / Double(max(1, weightBytes))
        return share < 0.95
            ? "cut about \(Int((share * Double(live)).rounded(.up))) more of its \(live) weights"
            : "all its weights together take \(weightBytes)"
    }

    /// - Throws: `C99Problem` where tables or the arena are larger than the device has, with what to cut.
    package func require(flash: Int?, ram: Int?) throws {
        var reasons: [String] = []
        if let flash, tableBytes > flash {
            let largest = layers.sorted { $0.bytes > $1.bytes }.prefix(3)
            reasons.append(
                "its tables take \(tableBytes) bytes of flash, \(tableBytes - flash) too many, code not counted; "
                    + "\(toCut(tableBytes - flash)); the largest layers: "
                    + largest.map { "'\($0.name)' \($0.bytes) bytes of \($0.live) weights" }.joined(separator: ", "))
        }
        if let ram, arenaBytes > ram {
            reasons.append(
                "its arena takes \(arenaBytes) bytes of RAM, \(arenaBytes - ram) too many, the stack not counted; "
                    + "alive at '\(plan.peak.node)': "
                    + plan.peak.tensors.prefix(4).map { "'\($0.name)' \($0.bytes)" }.joined(separator: ", ")
                    + "; fewer channels of these make it smaller (espalier shrink), zeros do not")
        }
        guard reasons.isEmpty else {
            throw C99Problem(nodes: [], reason: "the network does not fit: " + reasons.joined(separator: "; "))
        }
    }
}

/// What became of a layer with weights.
package struct C99Layer: Sendable, Equatable {
    package let name: String
    package let encoding: String
    /// Of its weights and their places.
    package let bytes: Int
    package let live: Int
    package let weights: Int
    /// Of the output, each of which every weight is used for.
    package let points: Int
}
