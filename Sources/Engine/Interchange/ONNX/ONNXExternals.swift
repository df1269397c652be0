import Text

/// Elements that lie in files beside the model. A place outside the model's folder is refused, whether it is written so
/// or a link leads there.
struct ONNXExternals {
    private let model: MappedFile
    private var files: [String: MappedFile] = [:]

    init(model: MappedFile) { self.model = model }

    /// - Throws: `FileProblem` naming the tensor.
    mutating func find(_ entries: [String: String], for tensor: ONNXTensor) throws -> ONNXTensor.External {
        guard let location = entries["location"], !location.isEmpty else {
            throw tensor.problem("external data without a location", "the name of a file beside the model")
        }
        let file = try open(location, for: tensor)
        func number(_ key: String) throws -> Int? {
            guard let text = entries[key] else { return nil }
            guard let value = Int(text), value >= 0 else {
                throw tensor.problem("\(key) \(FileProblem.quote(text))", "a whole number of bytes")
            }
            return value
        }
        let offset = try number("offset") ?? 0
        guard offset <= file.bytes.count else {
            throw tensor.problem(
                "offset \(offset)", "at most the \(file.bytes.count) bytes of \(FileProblem.quote(location))")
        }
        let length = try number("length") ?? min(tensor.rawBytes, file.bytes.count - offset)
        guard length <= file.bytes.count - offset else {
            throw tensor.problem(
                "\(length) bytes from \(offset)",
                "at most the \(file.bytes.count) bytes of \(FileProblem.quote(location))")
        }
        return ONNXTensor.External(file: file, range: offset..<offset + length)
    }

    private mutating func open(_ location: String, for tensor: ONNXTensor) throws -> MappedFile {
        if let file = files[location] { return file }
        let expected = "a file beside the model, in its folder or below"
        guard !location.hasPrefix("/"), !location.utf8.contains(0),
            !location.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) })
        else { throw tensor.problem("location \(FileProblem.quote(location))", expected) }
        let folder = Files.folder(of: model.path)
        let path = (folder.isEmpty ? "." : folder) + "/" + location
        guard let root = Files.resolved(folder.isEmpty ? "." : folder), let real = Files.resolved(path) else {
            throw tensor.problem("no file \(FileProblem.quote(path))", expected)
        }
        guard real.hasPrefix(root == "/" ? "/" : root + "/") else {
            throw tensor.problem("location \(FileProblem.quote(location)), a link out of the folder", expected)
        }
        // What was looked at is what is opened: the real path has no links.
        let file = try MappedFile(real)
        files[location] = file
        return file
    }
}
