/// What a safetensors header says of one tensor, checked in itself: offsets in order, and as many bytes as type and
/// shape need.
struct TensorEntry {
    let name: String
    let type: Tensor.Element
    let shape: [Int]
    let begin: Int
    let end: Int

    static let maximumRank = 64

    /// - Throws: `FileProblem`.
    init(_ name: String, _ value: HeaderJSON, path: String) throws {
        func problem(_ found: String, _ expected: String) -> FileProblem {
            FileProblem(
                path: path, place: "tensor \(FileProblem.quote(name))", found: found, expected: expected)
        }
        guard case .object(let members) = value else { throw problem("no object", "dtype, shape and data_offsets") }
        var type: Tensor.Element?
        var shape: [Int]?
        var offsets: [Int]?
        for (key, value) in members {
            switch (key, value) {
            case ("dtype", .string(let text)):
                type = Tensor.Element(rawValue: text)
                if type == nil {
                    let names = Tensor.Element.allCases.map(\.rawValue).joined(separator: ", ")
                    throw problem("element type \(FileProblem.quote(text))", "one of \(names)")
                }
            case ("shape", .array(let values)): shape = Self.integers(values)
            case ("data_offsets", .array(let values)): offsets = Self.integers(values)
            default: throw problem("\(FileProblem.quote(key))", "dtype, shape and data_offsets")
            }
        }
        guard let type, let shape, let offsets else {
            throw problem("an incomplete entry", "dtype, shape and data_offsets")
        }
        guard shape.count <= Self.maximumRank else {
            throw problem("\(shape.count) dimensions", "at most \(Self.maximumRank)")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw problem("offsets \(offsets.prefix(3))", "two numbers, the second not below the first")
        }
        var needed = type.bytes
        for size in shape {
            let (next, overflow) = needed.multipliedReportingOverflow(by: size)
            if overflow { throw problem("shape \(shape)", "a size below 2^63 bytes") }
            needed = next
        }
        guard offsets[1] - offsets[0] == needed else {
            throw problem("\(offsets[1] - offsets[0]) bytes", "\(needed) for \(type.rawValue) \(shape)")
        }
        (self.name, self.type, self.shape) = (name, type, shape)
        (begin, end) = (offsets[0], offsets[1])
    }

    static func metadata(_ value: HeaderJSON, path: String) throws -> [String: String] {
        let problem = FileProblem(
            path: path, place: "metadata", found: "something else", expected: "an object of texts")
        guard case .object(let members) = value else { throw problem }
        var metadata: [String: String] = [:]
        for (key, value) in members {
            guard case .string(let text) = value else { throw problem }
            metadata[key] = text
        }
        return metadata
    }

    private static func integers(_ values: [HeaderJSON]) -> [Int]? {
        var result: [Int] = []
        for value in values {
            guard case .integer(let number) = value else { return nil }
            result.append(number)
        }
        return result
    }
}
