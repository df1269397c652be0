import Interchange

extension Normalization {
    /// As a kept network's metadata says it.
    /// - Throws: `FileProblem`.
    init(of file: TensorFile, channels: Int) throws {
        func numbers(_ key: String, _ expected: String, _ isRight: (Float) -> Bool) throws -> [Float] {
            let text = try file.text(key)
            let values = text.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) ?? .nan }
            guard values.count == 1 || values.count == channels, values.allSatisfy(isRight) else {
                throw FileProblem(
                    path: file.path, place: "metadata '\(key)'", found: FileProblem.quote(text), expected: expected)
            }
            return values
        }
        let means = try numbers("input_mean", "a finite number, or one a channel") { $0.isFinite }
        let deviations = try numbers("input_deviation", "a number above 0, or one a channel") { $0.isFinite && $0 > 0 }
        guard means.count == deviations.count else {
            throw FileProblem(
                path: file.path, place: "metadata 'input_deviation'", found: "\(deviations.count) numbers",
                expected: "\(means.count), as 'input_mean' has")
        }
        self.init(means: means, deviations: deviations)
    }
}
