/// Named tensors and text about them: what a safetensors file holds.
package struct TensorFile: Sendable, Equatable {
    /// Sorted by name.
    package let tensors: [Tensor]
    package let metadata: [String: String]
    /// Where it was read from, for messages.
    package let path: String

    /// - Precondition: no name twice, none `__metadata__`.
    package init(tensors: [Tensor], metadata: [String: String] = [:], path: String = "tensors in memory") {
        self.tensors = tensors.sorted { $0.name < $1.name }
        self.metadata = metadata
        self.path = path
        precondition(Set(tensors.map(\.name)).count == tensors.count, "a tensor name twice")
        precondition(!tensors.contains { $0.name == Safetensors.metadataKey })
    }

    /// Equal contents are equal wherever they lie.
    package static func == (left: TensorFile, right: TensorFile) -> Bool {
        left.tensors == right.tensors && left.metadata == right.metadata
    }

    /// - Complexity: O(log tensors).
    package subscript(name: String) -> Tensor? {
        var low = 0
        var high = tensors.count
        while low < high {
            let middle = (low + high) / 2
            if tensors[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < tensors.count && tensors[low].name == name ? tensors[low] : nil
    }

    /// A tensor that must be there with this type and, where given, this shape.
    ///
    /// - Throws: `FileProblem` that says what is there instead.
    package func tensor(_ name: String, _ type: Tensor.Element, shape: [Int]? = nil) throws -> Tensor {
        let expected = type.rawValue + (shape.map { " \($0)" } ?? "")
        func problem(_ found: String) -> FileProblem {
            FileProblem(
                path: path, place: "tensor \(FileProblem.quote(name))", found: found, expected: expected)
        }
        guard let tensor = self[name] else { throw problem("no such tensor") }
        guard tensor.type == type, shape == nil || tensor.shape == shape else {
            throw problem("\(tensor.type.rawValue) \(tensor.shape)")
        }
        return tensor
    }

    package func floats(_ name: String, shape: [Int]? = nil) throws -> [Float] {
        try tensor(name, .f32, shape: shape).decoded()
    }

    package func integers(_ name: String, shape: [Int]? = nil) throws -> [Int32] {
        try tensor(name, .i32, shape: shape).decoded()
    }

    package func bytes(_ name: String, shape: [Int]? = nil) throws -> [UInt8] {
        try tensor(name, .u8, shape: shape).bytes
    }

    /// An entry of the metadata that must be there.
    package func text(_ key: String) throws -> String {
        guard let text = metadata[key] else {
            throw FileProblem(
                path: path, place: "metadata", found: "no \(FileProblem.quote(key))", expected: "an entry of that name")
        }
        return text
    }
}
