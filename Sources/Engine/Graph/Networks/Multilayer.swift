import Descriptors

extension NamedNetworks {
    static let lenet300 = Named(
        "lenet-300-100", "fully connected, hidden layers of 300 and 100", citation: "LeCun et al. 1998"
    ) { try multilayer($0, hidden: [300, 100], outputs: $1) }

    static let multilayer = Named(
        descriptor: Descriptor(
            name: "mlp-784-1024-1024-10", summary: "fully connected, the sizes as in the name; any sizes")
    ) { name, input, classes in
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        let sizes = parts.dropFirst().compactMap { $0.allSatisfy(\.isWholeNumber) ? Int($0) : nil }
        guard parts.first == "mlp", sizes.count == parts.count - 1, sizes.count >= 2,
            sizes.allSatisfy({ $0 > 0 && $0 <= 1_000_000_000 })
        else { return nil }
        guard sizes[0] == input.features else {
            throw GraphError.shape(
                node: name, found: "\(input) (\(input.features) features)", expected: "\(sizes[0]) features")
        }
        return try multilayer(input, hidden: Array(sizes.dropFirst().dropLast()), outputs: sizes[sizes.count - 1])
    }

    private static func multilayer(_ input: Shape, hidden: [Int], outputs: Int) throws -> Graph {
        var entries: [Graph.Entry] = input.isFlat ? [] : [.init("flatten", Flatten())]
        for (number, size) in hidden.enumerated() {
            entries.append(.init("fc\(number + 1)", Linear(outputs: size)))
            entries.append(.init("relu\(number + 1)", ReLU()))
        }
        entries.append(.init("fc\(hidden.count + 1)", Linear(outputs: outputs)))
        return try Graph(input: input, entries)
    }
}
