import Foundation

/// Finds the four files of a data set in a folder: by the names of the original files, else by a rule, for those who pass
/// such sets on rename them (`train-images.idx3-ubyte`, `emnist-letters-train-images-idx3-ubyte.gz`, `TrainImages.idx`).
/// Where they do not lie in the folder itself they are looked for one and two folders below (`MNIST/raw`, and archives that
/// unpack each file into a folder of its name).
package struct IDXFolder {
    package enum Half: String { case train, test }
    package enum Kind: String { case images, labels }

    package let path: String
    /// What the names begin with.
    let prefix: String
    /// What lies in the folder.
    private let names: [String]
    /// The ways to the files, all equally deep, that the four are looked for among.
    private let files: [String]

    /// Whether they lie in folders below, and not in the folder itself.
    package var isBelow: Bool { files.contains { $0.contains("/") } }

    /// Folders that are looked into: a home folder may have any number.
    private static let mostFolders = 1000

    /// Ends that no file of this format has.
    private static let foreign = [
        "txt", "md", "csv", "tsv", "json", "yaml", "yml", "zip", "tar", "png", "jpg", "jpeg", "npy", "npz", "pt", "py",
        "html",
        "pdf", "sha256", "md5", "part", "tmp",
    ]

    package init(_ path: String, prefix: String) {
        self.path = path
        self.prefix = prefix
        names = Files.names(in: path) ?? []
        var level = Self.look(in: path, [""])
        let top = level.files
        for _ in 0..<(prefix.isEmpty ? 2 : 0) where !Self.holdsAll(level.files) {
            level = Self.look(in: path, level.folders)
        }
        files = Self.holdsAll(level.files) ? level.files : top
    }

    /// The files and folders in some folders below `path`. A link is what it leads to.
    private static func look(in path: String, _ folders: [String]) -> (files: [String], folders: [String]) {
        var files: [String] = [], below: [String] = []
        for folder in folders.prefix(mostFolders) {
            for name in Files.names(in: path + "/" + folder) ?? [] where !name.hasPrefix(".") {
                let way = folder + name
                if Files.isFile(path + "/" + way) {
                    files.append(way)
                } else if Files.isFolder(path + "/" + way) {
                    below.append(way + "/")
                }
            }
        }
        return (files, below)
    }

    private static func holdsAll(_ files: [String]) -> Bool {
        [Half.train, .test].allSatisfy { half in
            [Kind.images, .labels].allSatisfy { kind in
                files.contains { fits(name($0), half, kind) }
            }
        }
    }

    private static func name(_ way: String) -> String { Files.name(of: way) }

    /// Whether no file of a test part is there, as far as names say.
    var lacksTest: Bool {
        !files.contains { file in
            file.hasPrefix(prefix) && Self.fitsAny(Self.name(file), .test)
        }
    }
    private static func fitsAny(_ name: String, _ half: Half) -> Bool {
        fits(name, half, .images) || fits(name, half, .labels)
    }

    /// - Throws: `FileProblem` where no file fits or more than one, with what was looked for and what lies there.
    package func find(_ half: Half, _ kind: Kind) throws -> String {
        let original = originals(half, kind)
        if let name = original.first(where: files.contains) { return "\(path)/\(name)" }
        // Packed and unpacked, a file is the same: the unpacked one is taken.
        let fitting = files.filter { $0.hasPrefix(prefix) && Self.fits(Self.name($0), half, kind) }
        let found = Dictionary(grouping: fitting, by: Self.unpacked)
        if found.count == 1, let same = found.first?.value { return "\(path)/\(same.min { $0.count < $1.count }!)" }
        guard found.isEmpty else {
            throw FileProblem(
                path: path, place: "\(half.rawValue) \(kind.rawValue)",
                found: "more than one file: \(Self.listed(found.values.flatMap { $0 }.sorted()))",
                expected: "one; where a folder holds several data sets, 'x' says what the names of one begin with")
        }
        throw FileProblem(
            path: "\(path)/\(original[0])", place: "\(half.rawValue) \(kind.rawValue)",
            found: names.isEmpty ? "an empty folder" : "no such file; there are \(Self.listed(names.map(shown)))",
            expected: "\(original[0])[.gz], or a name with "
                + (half == .train ? "'train'" : "'test' or 't10k'") + " and '\(kind.rawValue)'"
                // The first that is missed where the folder is of no form at all.
                + (half == .train && kind == .images ? "; or arrays, a table, or folders of pictures" : ""))
    }

    private func shown(_ name: String) -> String { Files.isFolder("\(path)/\(name)") ? name + "/" : name }

    private func originals(_ half: Half, _ kind: Kind) -> [String] {
        let starts = half == .train ? ["train"] : ["test", "t10k"]
        let end = kind == .images ? "images-idx3-ubyte" : "labels-idx1-ubyte"
        return starts.flatMap { ["\(prefix)\($0)-\(end)", "\(prefix)\($0)-\(end).gz"] }
    }

    /// By the words in the name, whatever stands between them and in whatever case.
    private static func fits(_ name: String, _ half: Half, _ kind: Kind) -> Bool {
        let word = unpacked(name).lowercased()
        guard !name.hasPrefix("."), !foreign.contains(Files.ending(of: word)) else { return false }
        // A word that stands alone counts before one inside another: 'latest-train' is no test.
        let alone = word.split { !$0.isLetter && !$0.isNumber }
        let isAlone = alone.contains { ["train", "test", "t10k"].contains($0) }
        let isTrain = isAlone ? alone.contains("train") : word.contains("train")
        let isTest =
            isAlone
            ? alone.contains("test") || alone.contains("t10k") : word.contains("test") || word.contains("t10k")
        let hasImages = word.contains("image") || word.contains("idx3")
        let hasLabels = word.contains("label") || word.contains("idx1")
        return (half == .train ? isTrain && !isTest : isTest && !isTrain)
            && (kind == .images ? hasImages && !hasLabels : hasLabels && !hasImages)
    }

    private static func unpacked(_ name: String) -> String {
        name.lowercased().hasSuffix(".gz") ? String(name.dropLast(3)) : name
    }

    private static func listed(_ names: [String]) -> String {
        names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }
}
