import Descriptors

/// What is done so that the figure keeps its floor, and when a run ends before its steps are made.
package struct Balance: Sendable, Equatable {
    /// The answer to a look at validation that misses the floor after a cut.
    package enum OnMiss: String, Sendable, CaseIterable {
        /// Nothing more is cut until the figure is back.
        case hold
        /// The latest cut is taken back, weights and all, and tried again later.
        case rollBack = "roll-back"
        /// The run ends at the last state that kept the floor.
        case stop
    }

    package static let descriptor = Descriptor(
        name: "balance", summary: "what is done so that the figure keeps its floor",
        parameters: [
            Parameter(
                "on-miss",
                "when a look at validation misses the floor after a cut: hold the schedule, take the cut back and try it "
                    + "again later, or end the run at the last state that kept the floor",
                .choice(OnMiss.allCases.map(\.rawValue)), default: .text(OnMiss.hold.rawValue)),
            Parameter(
                "patience", "looks in a row that miss the floor before a cut is taken back or the run ends",
                .integer(1...Int.max), default: .integer(1)),
            Parameter(
                "early-stop",
                "looks without a better figure, after the last cut, before the run ends at its best; 0: never",
                .integer(0...Int.max), default: .integer(0)),
            Parameter(
                "keep-best", "write the network with the best figure at the sparsity reached as best.safetensors",
                .boolean, default: .boolean(false)),
        ])

    /// Complete.
    let values: [String: Value]

    /// - Throws: `ArgumentError`.
    package init(_ values: [String: Value] = [:]) throws {
        self.values = try Arguments(values, for: Self.descriptor).values
    }

    package static let standard = try! Balance()

    /// What is not as it would be without a word, in the order of the descriptor.
    var given: [(name: String, value: Value)] {
        Self.descriptor.parameters.compactMap { parameter in
            let value = values[parameter.name]!
            return value == parameter.fallback ? nil : (parameter.name, value)
        }
    }

    private func integer(_ name: String) -> Int { if case .integer(let value)? = values[name] { value } else { 0 } }

    package var onMiss: OnMiss {
        if case .text(let word)? = values["on-miss"] { OnMiss(rawValue: word)! } else { .hold }
    }
    package var patience: Int { integer("patience") }
    /// Looks; nil: never.
    package var earlyStop: Int? { integer("early-stop") > 0 ? integer("early-stop") : nil }
    package var keepsBest: Bool { earlyStop != nil || values["keep-best"] == .boolean(true) }
}
