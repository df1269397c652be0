/// Why a network cannot become one for a small device: every node that is in the way, with its reason.
package struct DeviceProblem: Error, CustomStringConvertible, Equatable {
    package struct Node: Sendable, Equatable {
        package let name: String
        package let kind: String
        package let reason: String
    }
    package let nodes: [Node]

    package init(_ nodes: [Node]) { self.nodes = nodes }
    package init(_ name: String, _ kind: String, _ reason: String) {
        self.init([Node(name: name, kind: kind, reason: reason)])
    }

    package var description: String {
        "8 bits have no rule for " + nodes.map { "'\($0.name)' (\($0.kind)): \($0.reason)" }.joined(separator: "; ")
    }
}
