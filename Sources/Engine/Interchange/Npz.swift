import Descriptors

/// Named arrays of NumPy in a zip archive, stored (`np.savez`) or deflated (`np.savez_compressed`).
package enum Npz {
    package static let descriptor = Descriptor(
        name: "npz", summary: "Named arrays of NumPy in one file, stored or compressed",
        citation: "NumPy, numpy.savez; APPNOTE 6.3 of PKWARE")

    package static func recognises(_ bytes: [UInt8]) -> Bool { Zip.recognises(bytes) }

    /// All arrays, sorted by name.
    ///
    /// - Parameter mapsAbove: bytes from which on a stored array is mapped, not read.
    /// - Throws: `FileProblem`.
    package static func read(_ path: String, mapsAbove: Double = ByteSlice.mapsAbove) throws -> [NumberArray] {
        let archive = try Archive(path)
        return try archive.names.map { try archive.array($0, mapsAbove: mapsAbove) }
    }

    /// An archive whose directory is read, and its arrays when they are asked for.
    package struct Archive {
        /// Sorted.
        package let names: [String]
        private let zip: Zip
        private let members: [String: Zip.Member]
        private let path: String

        /// - Throws: `FileProblem`.
        package init(_ path: String) throws {
            self.path = path
            zip = try Zip(path)
            let arrays = zip.members.filter { $0.name.hasSuffix(".npy") }
            guard !arrays.isEmpty else {
                let names = zip.members.prefix(5).map { FileProblem.quote($0.name) }.joined(separator: ", ")
                throw FileProblem(
                    path: path, place: "directory", found: names.isEmpty ? "no members" : "members \(names)",
                    expected: "arrays of NumPy, whose names end in .npy")
            }
            members = Dictionary(uniqueKeysWithValues: arrays.map { (String($0.name.dropLast(4)), $0) })
            names = members.keys.sorted()
        }

        /// - Throws: `FileProblem`.
        package func array(_ name: String, mapsAbove: Double = ByteSlice.mapsAbove) throws -> NumberArray {
            try Npy.decode(bytes(name, mapsAbove: mapsAbove), path: path, name: name)
        }

        /// The texts of an array; nil where it holds numbers.
        func texts(_ name: String) throws -> TextArray? {
            try Npy.texts(bytes(name, mapsAbove: ByteSlice.mapsAbove), path: path, name: name)
        }

        private func bytes(_ name: String, mapsAbove: Double) throws -> ByteSlice {
            guard let member = members[name] else {
                throw FileProblem(
                    path: path, place: "directory", found: "no array \(FileProblem.quote(name))",
                    expected: "one of \(names.prefix(12).joined(separator: ", "))")
            }
            return try zip.bytes(member, mapsAbove: mapsAbove)
        }

        /// What an array is, as a message says it.
        func header(_ name: String) throws -> String { try array(name).summary }
    }

    /// Replaces the file whole; arrays in the order in which they are given.
    ///
    /// - Parameter isDeflated: compressed, which pays where many elements are zero.
    /// - Precondition: no name twice, and types that NumPy has.
    /// - Throws: `FileProblem`.
    package static func write(_ tensors: [Tensor], to path: String, isDeflated: Bool = false) throws {
        precondition(Set(tensors.map(\.name)).count == tensors.count, "a name twice")
        let members = tensors.map { ("\($0.name).npy", Npy.encode($0)) }
        try AtomicFile.write(Zip.encode(members, isDeflated: isDeflated), to: path)
    }
}
