import Descriptors
import Foundation

/// A graph as it is written down: operators with their arguments, names and inputs. What the operators hold (weights, parameters) is
/// not in it.
package struct NodeList: Codable, Sendable, Equatable {
    package struct Node: Codable, Sendable, Equatable {
        package var name: String
        package var `operator`: String
        package var inputs: [String]
        package var arguments: [String: WrittenValue]?
        /// Weights that no method cuts, nor a person.
        package var isKeptWhole: Bool?
        /// Weights that are not trained.
        package var isFrozen: Bool?
        /// A node before it whose weights it uses.
        package var weightsOf: String?
    }

    /// The axes of the input.
    package var input: [Int]
    package var nodes: [Node]

    package init(_ graph: Graph) {
        input = graph.input.axes
        nodes = graph.nodes.map { node in
            let arguments = node.op.arguments
            return Node(
                name: node.name, operator: type(of: node.op).descriptor.name,
                inputs: node.inputs.map { $0 < 0 ? Graph.inputName : graph.nodes[$0].name },
                arguments: arguments.isEmpty ? nil : arguments.mapValues(WrittenValue.init),
                isKeptWhole: node.isPrunable ? nil : true, isFrozen: node.isFrozen ? true : nil,
                weightsOf: node.weightsOf.map { graph.nodes[$0].name })
        }
    }

    /// - Throws: `GraphError`, `ArgumentError`.
    package func graph() throws -> Graph {
        guard input.count <= Shape.mostAxes else {
            throw GraphError.size(
                node: Graph.inputName, found: "\(input.count) axes", expected: "at most \(Shape.mostAxes)")
        }
        return try Graph(
            input: Shape(input),
            nodes.map { node in
                Graph.Entry(
                    node.name,
                    try Operators.make(node.operator, (node.arguments ?? [:]).mapValues(\.value)), inputs: node.inputs,
                    isPrunable: node.isKeptWhole != true, isFrozen: node.isFrozen == true, weightsOf: node.weightsOf)
            })
    }

    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    package init(json: String) throws { self = try JSONDecoder().decode(NodeList.self, from: Data(json.utf8)) }
}

/// A value in JSON as it is: a number, a word, a list.
package struct WrittenValue: Codable, Sendable, Equatable {
    package let value: Value
    package init(_ value: Value) { self.value = value }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self.value = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self.value = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self.value = .number(value)
        } else if let value = try? container.decode(String.self) {
            self.value = .text(value)
        } else if let value = try? container.decode([Int].self) {
            self.value = .integers(value)
        } else if let value = try? container.decode([Double].self) {
            self.value = .numbers(value)
        } else if let value = try? container.decode([String].self) {
            self.value = .texts(value)
        } else if let value = try? container.decode([[Double]].self), value.allSatisfy({ $0.count == 2 }) {
            self.value = .points(value.map { Value.Point(step: Int(exactly: $0[0]) ?? -1, value: $0[1]) })
        } else {
            self.value = .numbersByName(try container.decode([String: Double].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .boolean(let value): try container.encode(value)
        case .numbersByName(let value): try container.encode(value)
        case .integers(let value): try container.encode(value)
        case .numbers(let value): try container.encode(value)
        case .texts(let value): try container.encode(value)
        case .points(let value): try container.encode(value.map { [Double($0.step), $0.value] })
        }
    }
}
