import Descriptors
import Foundation
import Sparsity
import Testing

/// One file, one line: a file that its list does not name would be dead without anyone seeing it.
@Suite struct ListTests {
    static let lists: [(folder: String, types: [any Choosable.Type])] = [
        ("Criteria", Criteria.all), ("Granularities", Granularities.all), ("Distributions", Distributions.all),
        ("Schedules", Schedules.all), ("Methods", Methods.all),
    ]

    @Test(arguments: lists.indices) func eachFileIsInItsList(number: Int) throws {
        let (folder, types) = Self.lists[number]
        let path = try repositoryRoot() + "/Sources/Engine/Sparsity/" + folder
        let files = try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(6)) }
        #expect(files.sorted() == types.map { String(describing: $0) }.sorted())
    }

    @Test(arguments: lists.indices) func namesAreKebabCaseAndUnique(number: Int) {
        // A key path through a metatype crashes the compiler (6.3.1), so closures.
        let descriptors = Self.lists[number].types.map { $0.descriptor }
        let names = descriptors.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names + descriptors.flatMap(\.parameters).map(\.name) {
            #expect(name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(name)")
        }
    }

    @Test func anUnknownNameIsAnsweredWithTheNamesThereAre() {
        #expect(
            throws: ArgumentError.outOfRange(
                name: "criterion", of: "recipe", value: "magnitud",
                accepted: "one of " + Criteria.all.map { $0.descriptor.name }.joined(separator: ", ")
                    + "; did you mean 'magnitude'?")
        ) { try Criteria.make("magnitud") }
    }
}

/// The folder above this file that holds the package and its sources.
private func repositoryRoot(_ file: String = #filePath) throws -> String {
    var folder = URL(fileURLWithPath: file).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
        let sources = folder.appendingPathComponent("Sources/Engine/Sparsity").path
        if FileManager.default.fileExists(atPath: sources) { return folder.path }
        folder.deleteLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile)
}
