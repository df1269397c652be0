import Descriptors

/// Networks that a recipe names. A new one is a file in this folder and a line here; any other graph is written out in a recipe.
package enum NamedNetworks {
    package struct Named: Sendable {
        package let descriptor: Descriptor
        /// The graph if the name is one of these.
        package let make: @Sendable (_ name: String, _ input: Shape, _ classes: Int) throws -> Graph?

        init(
            descriptor: Descriptor,
            make: @escaping @Sendable (_ name: String, _ input: Shape, _ classes: Int) throws -> Graph?
        ) {
            self.descriptor = descriptor
            self.make = make
        }

        /// A network of one name.
        init(
            _ name: String, _ summary: String, citation: String? = nil,
            _ build: @escaping @Sendable (_ input: Shape, _ outputs: Int) throws -> Graph
        ) {
            descriptor = Descriptor(name: name, summary: summary, citation: citation)
            make = { $0 == name ? try build($1, $2) : nil }
        }
    }

    package static let all: [Named] = [
        lenet300, lenet5, resnet8, resnet20, resnet18, vgg11, mobilenetV1Quarter, mobilenetV2, mobilenetV3Small, dsCNN,
        autoencoder640, encoderMini, multilayer,
    ]

    package static func make(_ name: String, input: Shape, classes: Int) throws -> Graph {
        for named in all {
            if let graph = try named.make(name, input, classes) { return graph }
        }
        throw GraphError.unknownNetwork(name, known: all.map(\.descriptor.name))
    }
}
