/// Why a file cannot run here: one operator, all its nodes. All problems of a file are found in one go.
package struct ImportProblem: Sendable, Equatable, CustomStringConvertible {
    package let type: String
    package let domain: String
    /// Of ONNX, or of the domain.
    package let opset: Int
    /// The first of them, by name.
    package let node: String
    package var count: Int
    package let reason: String

    package var description: String {
        let name = (domain.isEmpty ? "" : domain + ".") + type
        let number = count == 1 ? "" : " and \(count - 1) more"
        return "\(name) (opset \(opset)) at \(node)\(number): \(reason)"
    }
}

/// A node that cannot be imported, and why.
struct Unsupported: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
