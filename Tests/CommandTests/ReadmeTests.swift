import Foundation
import Testing

/// The README's list of what exists is what the descriptors say.
@Suite struct ReadmeTests {
    @Test func `The list of what exists is the program's own`() throws {
        let result = try Program.run("list", "--markdown")
        let readme = try String(contentsOfFile: Program.repository + "/README.md", encoding: .utf8)
        let parts = readme.components(separatedBy: "<!-- list begins -->\n")
        let listed = try #require(parts.last?.components(separatedBy: "<!-- list ends -->").first)
        #expect(listed == result.output, "run Scripts/readme")
    }
}
