import Foundation
import Interchange
import Testing

/// Free memory is the least of what the machine, its control groups and its own limits leave.
@Suite struct FreeMemoryTests {
    private let folder = TemporaryFolder()

    private func write(_ text: String, to name: String) throws {
        let path = folder(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
    private func read(limits: [FreeMemory.Limit] = []) -> FreeMemory {
        FreeMemory.read(proc: folder("proc"), groups: folder("groups"), limits: limits)
    }

    @Test func theLeastCounts() throws {
        try write("MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable:    5000 kB\n", to: "proc/meminfo")
        #expect(read() == FreeMemory(bytes: 5_120_000, holder: "free on this machine"))

        // The second version: the group has no limit, the one around it has, with a cache that can be given back.
        try write("0::/outer/inner\n", to: "proc/self/cgroup")
        try write("max\n", to: "groups/outer/inner/memory.max")
        try write("1000\n", to: "groups/outer/inner/memory.current")
        try write("4000000\n", to: "groups/outer/memory.max")
        try write("3000000\n", to: "groups/outer/memory.current")
        try write("anon 5\ninactive_file 250000\n", to: "groups/outer/memory.stat")
        #expect(read() == FreeMemory(bytes: 1_250_000, holder: "left in its control group"))

        // The first version, seen from inside a container: the path is one of outside.
        try write("4:memory:/docker/abc\n1:name=systemd:/\n", to: "proc/self/cgroup")
        try write("900000\n", to: "groups/memory/memory.limit_in_bytes")
        try write("200000\n", to: "groups/memory/memory.usage_in_bytes")
        #expect(read() == FreeMemory(bytes: 700_000, holder: "left in its control group"))

        // Limits of the process, less what it has.
        try write("100 20 5 1 0 30 0\n", to: "proc/self/statm")
        let page = Double(getpagesize())
        let limits = [
            FreeMemory.Limit(name: "ulimit -v", bytes: 110 * page, field: 0),
            FreeMemory.Limit(name: "ulimit -d", bytes: 35 * page, field: 5),
        ]
        #expect(read(limits: limits) == FreeMemory(bytes: 5 * page, holder: "left by ulimit -d"))
        #expect(read(limits: [.init(name: "ulimit -v", bytes: 1, field: 0)]).bytes == 0)
    }

    /// What is not there, or is no number, limits nothing.
    @Test func withoutFilesAllMemoryCounts() throws {
        #expect(read().bytes == Double(ProcessInfo.processInfo.physicalMemory))
        try write("MemAvailable: lots\n", to: "proc/meminfo")
        try write("0::/a\n4:memory\n::\n", to: "proc/self/cgroup")
        try write("many\n", to: "groups/a/memory.max")
        #expect(read().bytes == Double(ProcessInfo.processInfo.physicalMemory))
        let now = FreeMemory.now
        #expect(now.bytes > 1e6 && now.bytes <= Double(ProcessInfo.processInfo.physicalMemory))
    }
}
