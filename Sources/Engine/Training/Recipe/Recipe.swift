import Descriptors
import Interchange

/// What to train and how: everything a run depends on but the thread count.
package struct Recipe: Sendable, Equatable {
    /// A choosable thing by name, with its checked and complete arguments.
    package struct Choice: Sendable, Equatable {
        package var name: String
        package var values: [String: Value]

        package init(_ name: String, _ values: [String: Value] = [:]) {
            self.name = name
            self.values = values
        }
    }
    package enum NetworkChoice: Sendable, Equatable {
        case named(String)
        /// A graph written out node by node.
        case nodes([NodeChoice])
        case file(FileNetwork)
    }
    package struct NodeChoice: Sendable, Equatable {
        package var name: String
        package var inputs: [String]
        package var op: Choice

        package init(name: String, inputs: [String], op: Choice) {
            self.name = name
            self.inputs = inputs
            self.op = op
        }
    }

    package var name: String
    package var network: NetworkChoice
    /// A name or a path.
    package var data: String
    package var dataChoice = DataChoice.standard
    package var settings: [String: Value]
    /// What it chooses by name, by the key of the part: one, or of a part that is a list all of them, in their order.
    package var choices: [String: [Choice]]
    package var balance = Balance.standard
    /// Nil: the labels alone teach.
    package var distillation: DistillationChoice?
    /// Nil: floats are trained as floats.
    package var quantization: QuantizationChoice?
    /// Where its parts were read; two recipes that differ in this alone are equal.
    package var lines = RecipeLines()

    /// The plain numbers and switches of a recipe; read, checked, listed and documented from here.
    package static let descriptor = Descriptor(
        name: "recipe", summary: "what to train and how",
        parameters: [
            Parameter(
                "seed", "of weights, split, order and random choices", .integer(0...Int.max), default: .integer(1)),
            Parameter("batch", "images a step", .integer(1...65_536), default: .integer(128)),
            Parameter("epochs", "passes over the training images", .integer(1...100_000), default: .integer(12)),
            Parameter(
                "validation", "training images set apart; 0: a tenth of them, at most 5000", .integer(0...Int.max),
                default: .integer(0)),
            Parameter(
                "validate-every", "steps between two looks at the figure of the validation images",
                .integer(1...Int.max),
                default: .integer(215)),
            Parameter(
                "checkpoint-every", "steps between two checkpoints", .integer(1...Int.max), default: .integer(1000)),
            Parameter(
                "floor",
                "what the figure must keep on validation images, in percent where it is a share; of an error its limit; 0: none",
                .number(0...Double.infinity), default: .number(0)),
            Parameter(
                "activation-l1",
                "what each unit of activation behind a ReLU adds to the loss of its sample; 0: nothing",
                .number(0...1e6), default: .number(0)),
            Parameter("retrain-epochs", "epochs that A trains after a cut", .integer(1...1000), default: .integer(1)),
            Parameter(
                "retrain-rate", "learning rate of A and T, as a share of the recipe's", .number(0...1),
                default: .number(0.2)),
            Parameter(
                "stop-after", "steps after which the run is finished, whatever the schedules; 0: all",
                .integer(0...Int.max), default: .integer(0)),
            Parameter(
                "audit", "prove after every step that nothing pruned came back", .boolean, default: .boolean(false)),
        ])

    package func integer(_ name: String) -> Int {
        guard case .integer(let value)? = settings[name] else { preconditionFailure(name) }
        return value
    }
    package func number(_ name: String) -> Double {
        guard case .number(let value)? = settings[name] else { preconditionFailure(name) }
        return value
    }
    package var seed: UInt64 { UInt64(integer("seed")) }
    package var batch: Int { integer("batch") }
    package var floor: Double? { number("floor") > 0 ? number("floor") : nil }
    package var audits: Bool { settings["audit"] == .boolean(true) }

    package var networkName: String {
        switch network {
        case .named(let name): name
        case .nodes: "graph of \(name)"
        case .file(let network): Files.name(of: network.file)
        }
    }
}
