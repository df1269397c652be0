import Interchange
import Text

/// Files that a person asked for.
package struct Export: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        package var path: String
        package var text: String
    }

    package var files: [File]
    /// A person agreed that files that are there are written over.
    package var replaces = false

    package enum Outcome: Equatable {
        case written([String])
        /// Nothing was written: these are there already.
        case wouldReplace([String])
        case failed(String)
    }

    /// A typed name without the ending of either file.
    static func base(_ words: String) -> String {
        let name = words.trimmingBlanks
        for ending in [".json", ".csv"] where name.hasSuffix(ending) { return String(name.dropLast(ending.count)) }
        return name
    }

    /// All of them or none; none where one is there and nobody agreed.
    package func write() -> Outcome {
        let paths = files.map { HomeFolder.expand($0.path) }
        if !replaces {
            let there = paths.filter(Files.exists)
            if !there.isEmpty { return .wouldReplace(there) }
        }
        do {
            try AtomicFile.write(zip(paths, files).map { ($0, [Array($1.text.utf8)]) })
            return .written(paths)
        } catch {
            return .failed("\(error)")
        }
    }
}

extension WorkbenchState {
    /// What became of it; a file that is there is asked about.
    package mutating func told(_ outcome: Export.Outcome, of export: Export) {
        switch outcome {
        case .written(let paths): notice = Notice("written: \(paths.map(\.visible).joined(separator: ", "))")
        case .failed(let sentence): notice = Notice("not written: \(sentence)", .error)
        case .wouldReplace(let paths):
            var export = export
            export.replaces = true
            let names = paths.map(\.visible).joined(separator: " and ")
            prompt = .confirm("Write over \(names)? What is in there is lost.", [.export(export)])
        }
    }
}
