import Foundation

extension Caches {
    /// What the environment says, else what this machine has; read once. A text that cannot be read counts as none: the
    /// program refuses it where it starts.
    package static let machine = (try? asked(ProcessInfo.processInfo.environment)) ?? found()

    /// Nil where the environment says nothing.
    package static func asked(_ environment: [String: String]) throws -> Caches? {
        try environment[variable].flatMap { $0.isEmpty ? nil : try Caches($0) }
    }

    /// - Parameter folder: `index0`, `index1`, … with `level`, `type` and `size` in each.
    package static func found(_ folder: String = "/sys/devices/system/cpu/cpu0/cache") -> Caches {
        func fact(_ index: Int, _ name: String) -> String? {
            (try? String(contentsOfFile: "\(folder)/index\(index)/\(name)", encoding: .utf8))?
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        var sizes: [Int: Int] = [:]
        for index in 0..<8 {
            guard let type = fact(index, "type"), type == "Data" || type == "Unified",
                let level = fact(index, "level").flatMap({ Int($0) }),
                let bytes = fact(index, "size").flatMap(bytes), bytes > 0
            else { continue }
            sizes[level] = bytes
        }
        guard let first = sizes[1], let second = sizes[2], first <= second else { return unknown }
        return Caches(first: first, second: second, third: max(second, sizes[3] ?? second))
    }
}
