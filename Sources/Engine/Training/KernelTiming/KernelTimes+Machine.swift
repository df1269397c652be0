import Foundation
import Interchange
import Kernels

extension KernelTimes {
    /// Kept for the next run in `$XDG_CACHE_HOME/espalier/kernels-<machine>.json`, or `~/.cache` without that variable.
    package static func cached(
        _ environment: [String: String] = Files.environment(["XDG_CACHE_HOME", "HOME"])
    ) -> KernelTimes {
        KernelTimes(path: path(environment))
    }

    /// Nil where there is no home.
    package static func path(_ environment: [String: String]) -> String? {
        let name = "/espalier/kernels-\(machine).json"
        if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") { return folder + name }
        return environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.cache" + name }
    }

    /// The processor's model, the caches that its kernels go by and the vectors of this build: a home folder may be shared by
    /// many machines.
    static let machine: String = {
        let facts = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        func fact(_ name: String) -> Substring? {
            facts.split(separator: "\n").first { $0.hasPrefix(name) }?.split(separator: ":").dropFirst().first
        }
        // Virtual machines give one name to many models.
        let parts = [fact("model name") ?? fact("CPU part"), fact("cpu family"), fact("model\t")].compactMap { $0 }
        #if ESPALIER_AVX512
            let vectors = "avx512"
        #elseif ESPALIER_FMA
            let vectors = "fma"
        #else
            let vectors = "portable"
        #endif
        let text =
            (parts.isEmpty ? ["processor"] : parts).joined(separator: " ").prefix(60) + " \(Caches.machine) \(vectors)"
        return String(text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : " " })
            .split(separator: " ").joined(separator: "-")
    }()

    /// Size and time of the running program.
    static let program: String = {
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return "unknown" }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return "\(status.st_size)-\(time.tv_sec).\(time.tv_nsec)"
    }()
}
