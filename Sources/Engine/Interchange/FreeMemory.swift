import Foundation

/// Memory that this process can still take: the least of what the machine has free and what limits leave. The one place
/// where that is asked; what a network needs is `PlannedMemory`.
package struct FreeMemory: Sendable, Equatable {
    package var bytes: Double
    /// Whose bytes these are, as a sentence ends: "free on this machine".
    package var holder: String

    package init(bytes: Double, holder: String) {
        self.bytes = bytes
        self.holder = holder
    }

    /// Now. Without any figure (no `/proc`) all memory of the machine counts as free.
    package static var now: FreeMemory { read() }

    /// - Parameters:
    ///   - proc: the folder of Linux's process files.
    ///   - groups: the folder of its control groups.
    ///   - limits: the process's own, by what they count.
    package static func read(
        proc: String = "/proc", groups: String = "/sys/fs/cgroup", limits: [Limit] = Limit.own
    ) -> FreeMemory {
        var least = FreeMemory(
            bytes: machine(proc) ?? Double(ProcessInfo.processInfo.physicalMemory), holder: "free on this machine")
        func take(_ bytes: Double?, _ holder: String) {
            if let bytes, bytes < least.bytes { least = FreeMemory(bytes: max(0, bytes), holder: holder) }
        }
        take(group(proc, groups), "left in its control group")
        let pages = text(proc + "/self/statm")?.split(separator: " ").compactMap { Double($0) } ?? []
        for limit in limits where pages.count > limit.field {
            take(limit.bytes - pages[limit.field] * Double(getpagesize()), "left by \(limit.name)")
        }
        return least
    }

    /// A limit of the process, and the field of `statm` that counts towards it.
    package struct Limit {
        package var name: String
        package var bytes: Double
        package var field: Int

        package init(name: String, bytes: Double, field: Int) {
            self.name = name
            self.bytes = bytes
            self.field = field
        }

        package static var own: [Limit] {
            #if os(Linux)
                return [("ulimit -v", RLIMIT_AS, 0), ("ulimit -d", RLIMIT_DATA, 5)].compactMap { name, kind, field in
                    var limit = rlimit()
                    guard getrlimit(__rlimit_resource_t(kind.rawValue), &limit) == 0,
                        limit.rlim_cur < rlim_t(Int64.max)
                    else { return nil }
                    return Limit(name: name, bytes: Double(limit.rlim_cur), field: field)
                }
            #else
                return []
            #endif
        }
    }

    private static func machine(_ proc: String) -> Double? {
        #if canImport(Darwin)
            var statistics = vm_statistics64()
            var size = mach_msg_type_number_t(MemoryLayout<vm_statistics64>.size / MemoryLayout<integer_t>.size)
            let result = withUnsafeMutablePointer(to: &statistics) { pointer in
                pointer.withMemoryRebound(to: integer_t.self, capacity: Int(size)) {
                    host_statistics64(mach_host_self(), HOST_VM_INFO64, $0, &size)
                }
            }
            guard result == KERN_SUCCESS else { return nil }
            return Double(statistics.free_count + statistics.inactive_count) * Double(getpagesize())
        #else
            // What can be had without swapping; caches count as free.
            let line = text(proc + "/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
            return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
        #endif
    }

    /// The least that this process's control group and those around it leave, in both versions of the files.
    private static func group(_ proc: String, _ groups: String) -> Double? {
        var least: Double?
        for line in (text(proc + "/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let root: String, names: (limit: String, used: String, caches: String)
            if parts[1].isEmpty {
                let isHybrid = FileManager.default.fileExists(atPath: groups + "/unified")
                root = isHybrid ? groups + "/unified" : groups
                names = ("memory.max", "memory.current", "inactive_file")
            } else if parts[1].split(separator: ",").contains("memory") {
                root = groups + "/memory"
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            } else {
                continue
            }
            // In a container the path may be one that is seen only outside: then the root is the group's.
            var path = String(parts[2])
            while true {
                let folder = root + (path == "/" ? "" : path)
                if let limit = number(folder, names.limit), let used = number(folder, names.used) {
                    let left = limit - used + cached(folder, names.caches)
                    least = min(least ?? left, left)
                }
                if path.isEmpty || path == "/" { break }
                path = Files.folder(of: path)
            }
        }
        return least
    }

    /// Nil also for "max".
    private static func number(_ folder: String, _ name: String) -> Double? {
        text(folder + "/" + name).flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// Of files and not used for long: given back before anything is refused.
    private static func cached(_ folder: String, _ name: String) -> Double {
        let lines = (text(folder + "/memory.stat") ?? "").split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name + " ") }
        return line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
    }

    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
