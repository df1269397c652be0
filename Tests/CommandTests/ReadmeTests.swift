import Foundation
import Testing

/// The lists of what exists in the documents are what the descriptors say.
@Suite struct ReadmeTests {
    @Test(arguments: [
        ("README.md", "list", []), ("Documentation/Networks.md", "networks", ["network"]),
        ("Documentation/Networks.md", "operators", ["operator"]), ("Documentation/Networks.md", "onnx", ["onnx"]),
        ("Documentation/Sparsity.md", "criteria", ["criterion"]),
        ("Documentation/Sparsity.md", "refinements", ["refine"]),
        ("Documentation/Sparsity.md", "recoveries", ["recover"]),
    ])
    func `A list of what exists is the program's own`(file: String, name: String, kind: [String]) throws {
        let result = try Program.run(["list"] + kind + ["--markdown"])
        let text = try String(contentsOfFile: Program.repository + "/" + file, encoding: .utf8)
        let parts = text.components(separatedBy: "<!-- \(name) begins -->\n")
        let listed = try #require(parts.last?.components(separatedBy: "<!-- \(name) ends -->").first)
        #expect(listed == result.output, "run Scripts/readme")
    }
}
