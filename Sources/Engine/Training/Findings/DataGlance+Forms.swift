import Foundation
import Graph
import Interchange
import Text

// What data looks like from outside.
extension DataGlance {
    /// A file of data, told by its name.
    init?(file path: String) {
        let form: String
        switch Files.ending(of: path.lowercased()) {
        case "npz": form = "arrays (npz)"
        case "csv": form = "table (csv)"
        case "tsv": form = "table (tsv)"
        default: return nil
        }
        guard Files.isFile(path), let size = Files.size(path), DataFormats.find(path) != nil else { return nil }
        self.init(form: form, extent: Self.bytes(size))
    }

    /// A folder that is a data set as a whole.
    init?(folder: String, names: [String]) {
        if names.contains(where: Self.mayBeIDX), let idx = DataGlance(IDXFolder(folder, prefix: ""), form: "IDX images")
        {
            self = idx
            return
        }
        let arrays = names.filter { $0.lowercased().hasSuffix(".npy") }
        if arrays.contains(where: { $0.lowercased().contains("train") }) {
            self.init(form: "arrays (npy)", extent: "\(arrays.count) files")
            return
        }
        let classes = names.sorted().filter { !$0.hasPrefix(".") }.prefix(2000).filter {
            Files.isFolder("\(folder)/\($0)")
        }
        guard classes.count > 1, classes.prefix(4).allSatisfy({ Self.holdsImages("\(folder)/\($0)") }) else {
            return nil
        }
        let halves = Set(classes.map { $0.lowercased() })
        self.init(
            form: "images by class",
            extent: halves.contains("train") ? classes.joined(separator: ", ") : "\(classes.count) classes")
    }

    /// Whatever a person calls data.
    package init(_ path: String) {
        if let named = DataSources.all.first(where: { $0.descriptor.name == path }) {
            self.init(named)
        } else {
            let path = HomeFolder.find(path)
            let known =
                Files.isFolder(path)
                ? Files.names(in: path).flatMap { DataGlance(folder: path, names: $0) } : DataGlance(file: path)
            self = known ?? DataGlance(form: "data", extent: "")
        }
    }

    /// A data set that has a name.
    init(_ named: DataSources.Named) {
        let summary = named.descriptor.summary
        let place = named.places().first { Files.exists($0.folder) }
        let idx = place.flatMap { DataGlance(IDXFolder($0.folder, prefix: $0.prefix), form: summary) }
        self.init(form: summary, extent: "", shape: idx?.shape, isNamed: true)
    }

    private init?(_ folder: IDXFolder, form: String) {
        guard !folder.isBelow, let images = try? folder.find(.train, .images),
            (try? folder.find(.train, .labels)) != nil
        else { return nil }
        let sizes = Self.idxSizes(images)
        let extent = sizes.map { "\($0[0]) of \($0.dropFirst().map(String.init).joined(separator: "×"))" } ?? ""
        self.init(form: form, extent: extent, shape: sizes.map { Array($0.dropFirst()) })
    }

    /// Before the folders below are looked through for the other files.
    private static func mayBeIDX(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("images") || name.contains("idx3")
    }

    /// Images, or folders of them, among the first names.
    private static func holdsImages(_ folder: String, depth: Int = 1) -> Bool {
        let names = (Files.names(in: folder, atMost: 50) ?? []).filter { !$0.hasPrefix(".") }
        if names.contains(where: { ["png", "jpg", "jpeg"].contains(Files.ending(of: $0.lowercased())) }) {
            return true
        }
        return depth > 0 && names.prefix(2).contains { holdsImages("\(folder)/\($0)", depth: depth - 1) }
    }

    /// The sizes in the header of a file of IDX, packed or not.
    private static func idxSizes(_ path: String) -> [Int]? {
        guard let start = try? FileBytes.start(path, count: 4096) else { return nil }
        let bytes = Gzip.recognises(start) ? (try? Gzip.prefix(start, count: 16, path: path)) ?? [] : start
        guard bytes.count >= 16, bytes[3] == 3 else { return nil }
        return (1...3).map { axis in bytes[(4 * axis)..<(4 * axis + 4)].reduce(0) { $0 << 8 | Int($1) } }
    }

    private static func bytes(_ count: Int) -> String {
        count < 1_000_000 ? "\(max(1, count / 1000)) kB" : String(format: "%.1f MB", Double(count) / 1e6)
    }
}

/// Named networks that can be trained on some data.
package struct NetworkOffer: Sendable, Equatable {
    package var name: String
    package var summary: String
}

extension DataGlance {
    /// Those whose shapes fit, as far as the data's is known. How many classes there are decides nothing.
    package var networks: [NetworkOffer] {
        NamedNetworks.all.compactMap { named in
            let name = named.descriptor.name
            // Its first size is that of one data set.
            guard !name.hasPrefix("mlp-") else { return nil }
            if let shape {
                let input =
                    shape.count == 2
                    ? Shape(channels: 1, height: shape[0], width: shape[1]) : Shape(shape)
                guard (try? NamedNetworks.make(name, input: input, classes: 10)) != nil else { return nil }
            }
            return NetworkOffer(name: name, summary: named.descriptor.summary)
        }
    }
}
