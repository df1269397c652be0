import Foundation
import Text

/// Questions to the file system, for paths of any bytes: Foundation takes those of text alone.
package enum Files {
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path.cPath, &status) == 0
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path.cPath, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A regular file, or a link to one.
    package static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path.cPath, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Removes a folder with all that is in it, as far as that can be done. Links go, and not what they lead to.
    package static func remove(_ path: String) {
        if unlink(path.cPath) == 0 { return }
        guard (try? FileKind.at(path)) == .folder else { return }
        for name in names(in: path) ?? [] { remove(path + "/" + name) }
        rmdir(path.cPath)
    }

    /// The names in a folder, sorted; nil where it cannot be read.
    package static func names(in folder: String) -> [String]? { names(in: folder, atMost: .max)?.sorted() }

    /// The first of the names, as the system has them: a folder may have any number.
    package static func names(in folder: String, atMost most: Int) -> [String]? {
        guard let stream = opendir(folder.cPath) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < most, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    String(
                        path: UnsafeBufferPointer(
                            start: bytes, count: strlen(UnsafePointer<CChar>(OpaquePointer(bytes)))))
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Bytes of a file; nil where it cannot be looked at.
    package static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path.cPath, &status) == 0 ? Int(status.st_size) : nil
    }

    /// When it was written last, in seconds since 1970.
    package static func changed(_ path: String) -> Double? {
        var status = stat()
        return stat(path.cPath, &status) == 0 ? Double(status.st_mtim.tv_sec) : nil
    }

    /// Makes a folder with those above it that are missing.
    /// - Throws: `FileProblem`.
    package static func makeFolder(_ path: String) throws {
        if isFolder(path) { return }
        let parent = folder(of: path)
        if !parent.isEmpty, parent != path { try makeFolder(parent) }
        guard mkdir(path.cPath, 0o777) == 0 || errno == EEXIST && isFolder(path) else {
            throw FileProblem(
                path: path, place: "folder", found: String(cString: strerror(errno)),
                expected: "a folder that can be made")
        }
    }

    /// Makes a folder and does what is to be done in it. Where that fails, those that were made for it go again; one that has
    /// something in it stays.
    package static func inFolder<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        var missing: [String] = [], next = path
        while !next.isEmpty, next != missing.last, !isFolder(next) {
            missing.append(next)
            next = folder(of: next)
        }
        do {
            try makeFolder(path)
            return try body()
        } catch {
            for folder in missing { rmdir(folder.cPath) }
            throw error
        }
    }

    package static var workingFolder: String {
        guard let path = getcwd(nil, 0) else { return FileManager.default.currentDirectoryPath }
        defer { free(path) }
        return String(pathPointer: path)
    }

    /// A path that the environment names.
    package static func environment(_ name: String) -> String? {
        getenv(name).map { String(pathPointer: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Paths that the environment names, as its dictionary in Foundation does not hold where they are no text.
    package static func environment(_ names: [String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: names.compactMap { name in environment(name).map { (name, $0) } })
    }

    /// The path with every link followed.
    package static func resolved(_ path: String) -> String? {
        guard let real = realpath(path.cPath, nil) else { return nil }
        defer { free(real) }
        return String(pathPointer: real)
    }
}

extension String {
    /// A path that the system gave.
    package init(pathPointer: UnsafePointer<CChar>) {
        self.init(
            path: UnsafeBufferPointer(start: pathPointer, count: strlen(pathPointer)).map { UInt8(bitPattern: $0) })
    }
}
