import Foundation
import Interchange
import Text

extension RunGlance {
    /// Nil where the folder is none that can be read.
    init?(_ folder: String) {
        guard let keys = RecipeKeys(folder + "/recipe.yaml") else { return nil }
        network = keys.network
        data = keys.data
        // A line may be cut short where a process was killed.
        let end = (try? FileBytes.end(folder + "/metrics.jsonl", count: 8192)) ?? []
        let lines = end.split(separator: 10).suffix(2).map { String(decoding: $0, as: UTF8.self) }
        let last = lines.reversed().lazy.compactMap { MetricsLine(json: $0) }.first
        step = last?.step ?? 0
        sparsity = last?.sparsity
        figure = last.flatMap { Self.figure($0) }
        isFinished = last?.event == "finished"
    }
}

extension RunGlance {
    private static func figure(_ line: MetricsLine) -> String? {
        guard let value = line.testFigure ?? line.validationFigure else { return nil }
        let half = line.testFigure == nil ? "val" : "test"
        guard let name = line.figure else { return "\(half) \(FigureFormat.accuracy.text(value))" }
        return "\(half) \(name) " + String(format: "%.4g", value)
    }
}

extension RecipeGlance {
    init?(_ path: String, isSample: Bool) {
        guard let keys = RecipeKeys(path) else { return nil }
        (network, data, summary) = (keys.network, keys.data, keys.comment)
        self.isSample = isSample
    }
}

/// What a recipe says of itself in its first lines. It is read whole, and checked, when it is opened.
private struct RecipeKeys {
    var network = ""
    var data = ""
    var comment = ""

    /// Nil where there is no network in it.
    init?(_ path: String) {
        guard Files.isFile(path), let start = try? FileBytes.start(path, count: 16_384) else { return nil }
        var words: [Substring] = []
        var hasNetwork = false
        for line in String(decoding: start, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line.hasPrefix("#") {
                if !hasNetwork { words += line.drop { $0 == "#" || $0 == " " }.split(separator: " ") }
            } else if line.hasPrefix("network:") {
                hasNetwork = true
                network = Self.value(line)
            } else if line.hasPrefix("data:") {
                data = Self.value(line)
            }
        }
        guard hasNetwork else { return nil }
        comment = words.prefix(60).joined(separator: " ")
        if network.isEmpty { network = "a network of its own" }
    }

    /// What stands behind the colon; of several keys in braces the file or path, which tells what it is about.
    private static func value(_ line: Substring) -> String {
        let text = line.drop { $0 != ":" }.dropFirst().prefix { $0 != "#" }.split(separator: " ").joined(separator: " ")
        for key in ["{file: ", "{path: ", ", path: ", ", file: "] where text.hasPrefix("{") {
            guard let place = text.range(of: key) else { continue }
            return unquoted(
                text[place.upperBound...].prefix { $0 != "," && $0 != "}" }.split(separator: " ").joined(separator: " ")
            )
        }
        return unquoted(text)
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count > 1, let quote = text.first, "\"'".contains(quote), text.last == quote else { return text }
        return String(text.dropFirst().dropLast())
    }
}

extension ModelGlance {
    /// Nil for what is no model: of the networks that Espalier keeps, files with masks and the packed ones are none.
    init?(_ path: String) {
        switch Files.ending(of: path.lowercased()) {
        case "onnx":
            // The first field of a model is the version of its form.
            guard Files.isFile(path), let start = try? FileBytes.start(path, count: 256), start.first == 8 else {
                return nil
            }
            self.init(format: "ONNX", bytes: Files.size(path) ?? 0, origin: Self.producer(start))
        case "safetensors":
            guard Files.isFile(path), let texts = try? Safetensors.metadata(path), texts["espalier"] == "network-1"
            else { return nil }
            let step = texts["step"].map { "step \($0)" } ?? ""
            self.init(format: "safetensors", bytes: Files.size(path) ?? 0, origin: "kept by Espalier \(step)")
        default: return nil
        }
    }

    /// `pytorch 2.13.0`, where it stands among the first fields (2 and 3, of text).
    private static func producer(_ bytes: [UInt8]) -> String {
        var words: [String] = []
        // Behind field 1, a number of one byte.
        var at = 2
        for field in [2, 3] {
            guard at + 1 < bytes.count, bytes[at] == UInt8(field << 3 | 2), bytes[at + 1] < 0x80 else { break }
            let end = at + 2 + Int(bytes[at + 1])
            guard end <= bytes.count, let word = String(validating: bytes[(at + 2)..<end], as: UTF8.self) else { break }
            words.append(word)
            at = end
        }
        return words.isEmpty ? "" : "by " + words.joined(separator: " ")
    }
}
