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

    /// `Adding.md` speaks of files that somebody is going to write.
    @Test func `A file of the sources that a page names is there`() throws {
        var names: Set<String> = []
        for folder in ["Sources", "Tests"] {
            let files = try #require(FileManager.default.enumerator(atPath: Program.repository + "/" + folder))
            for case let path as String in files where path.hasSuffix(".swift") { names.insert(Self.name(path)) }
        }
        let pages = Program.repository + "/Documentation"
        for page in try FileManager.default.contentsOfDirectory(atPath: pages) where page != "Adding.md" {
            let text = try String(contentsOfFile: pages + "/" + page, encoding: .utf8)
            // `…Pane.swift` stands for several.
            for word in text.components(separatedBy: "`") where word.hasSuffix(".swift") && !word.hasPrefix("…") {
                #expect(names.contains(Self.name(word)), "\(page) names \(word)")
            }
        }
    }

    private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
