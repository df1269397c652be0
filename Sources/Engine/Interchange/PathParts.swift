/// Parts of a path. Foundation's `NSString` takes a path of one character apart by ending the program.
extension Files {
    /// The folder that a path's last name lies in: "" for a name alone, "/" at the top. Slashes at the end count as none.
    package static func folder(of path: String) -> String {
        let parts = split(path)
        return String(decoding: parts.folder, as: UTF8.self)
    }

    /// The last name of a path, without slashes behind it; "/" for the top.
    package static func name(of path: String) -> String {
        let parts = split(path)
        return String(decoding: parts.name, as: UTF8.self)
    }

    /// A path without the ending of its last name: `runs/a.b` for `runs/a.b.safetensors`. A name that begins with its
    /// only dot has no ending.
    package static func withoutEnding(_ path: String) -> String {
        let (folder, name) = split(path)
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return path }
        let stem = String(decoding: name[..<dot], as: UTF8.self)
        if folder.isEmpty { return stem }
        return String(decoding: folder, as: UTF8.self) + (folder.last == slash ? "" : "/") + stem
    }

    /// What stands behind the last dot of a path's name; "" where `withoutEnding` takes nothing off.
    package static func ending(of path: String) -> String {
        let name = split(path).name
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return "" }
        return String(decoding: name[(dot + 1)...], as: UTF8.self)
    }

    private static let slash = UInt8(ascii: "/")

    /// By bytes: a mark that joins the slash before it is a part of the next name all the same.
    private static func split(_ path: String) -> (folder: ArraySlice<UInt8>, name: ArraySlice<UInt8>) {
        let bytes = trimmed(Array(path.utf8)[...])
        guard let last = bytes.lastIndex(of: slash) else { return ([], bytes) }
        if bytes.count == 1 { return (bytes, bytes) }
        return (trimmed(bytes[...last]), bytes[(last + 1)...])
    }

    /// Without slashes at the end; the top keeps one.
    private static func trimmed(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let last = path.lastIndex(where: { $0 != slash }) else { return path.prefix(1) }
        return path[...last]
    }
}
