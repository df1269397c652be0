import Foundation
import Testing

/// `Samples/device`: its README's lines, as they stand there.
@Suite struct DeviceSampleTests {
    @Test func theSampleRunsHereAndOnACortexM() throws {
        let folder = try TemporaryFolder()
        let result = try Program.run(
            [folder("digits")], environment: ["ESPALIER": Program.path],
            program: Program.repository + "/Samples/device/run")
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("selftest: 0 wrong\nthe picture is a 6\n"), "\(result.output)")
        // Scripts/test installs both, where they can be had.
        guard !result.errors.contains("not run on a Cortex-M") else { return }
        // What is said over the debugger's channel goes to either.
        let said = result.output + result.errors
        func number(_ name: String) throws -> Int {
            let line = try #require(said.split(separator: "\n").first { $0.hasPrefix(name + ": ") }, "\(said)")
            return try #require(Int(line.dropFirst(name.count + 2)))
        }
        #expect(try number("wrong") == 0 && number("words beyond the arena") == 0)
        #expect(try number("arena used") <= number("arena stated") && number("arena used") > 0)
        #expect(try number("stack used") < number("stack stated") && number("stack used") > 0)
    }
}
