extension TensorFile {
    /// Whole numbers without sign of 16 or 32 bits.
    /// - Throws: `FileProblem` where there are none of that type and shape.
    func whole(_ name: String, _ type: Tensor.Element, shape: [Int]? = nil) throws -> [Int] {
        let tensor = try tensor(name, type, shape: shape)
        if type == .u16 { return (tensor.decoded() as [UInt16]).map { Int($0) } }
        return (tensor.decoded() as [UInt32]).map { Int($0) }
    }

    /// Where the entries of each of so many rows begin, and where the last ends.
    /// - Throws: `FileProblem` where they do not rise from 0 to the number of entries.
    func starts(_ name: String, count: Int, entries: Int) throws -> [Int] {
        let starts = try whole(name, .u32, shape: [count + 1])
        guard starts[0] == 0, starts[count] == entries, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw FileProblem(
                path: path, place: "tensor \(FileProblem.quote(name))", found: "\(starts[0]) … \(starts[count])",
                expected: "numbers that do not fall from 0 to \(entries)")
        }
        return starts
    }

    func require(_ place: Int, below bound: Int, _ name: String) throws {
        guard place < bound else {
            throw FileProblem(
                path: path, place: "tensor \(FileProblem.quote(name))", found: "\(place)", expected: "below \(bound)")
        }
    }
}
