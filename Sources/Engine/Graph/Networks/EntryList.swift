import Descriptors

/// Nodes of a network as they are written one behind the other.
struct EntryList {
    private(set) var entries: [Graph.Entry] = []

    /// The node that was added last.
    var last: String { entries.last?.name ?? Graph.inputName }

    /// - Parameter inputs: none: the node before.
    /// - Returns: its name.
    @discardableResult
    mutating func add(_ name: String, _ op: any Operator, _ inputs: String...) -> String {
        entries.append(.init(name, op, inputs: inputs))
        return name
    }

    @discardableResult
    mutating func add(
        _ name: String, _ operatorName: String, _ values: [String: Value] = [:], _ inputs: String...
    ) throws -> String {
        entries.append(.init(name, try Operators.make(operatorName, values), inputs: inputs))
        return name
    }
}

/// So many channels that eight divide them, at least nine tenths of those asked for.
/// Reference: Sandler et al. 2018, arXiv:1801.04381, its published code.
func divisibleByEight(_ channels: Double) -> Int {
    let rounded = max(8, Int(channels + 4) / 8 * 8)
    return Double(rounded) < 0.9 * channels ? rounded + 8 : rounded
}
