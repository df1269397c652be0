import Foundation
import Kernels

/// One JSON line with sorted keys, or for people a summary and a line a field, with units; the caches that kernels go by among
/// them.
func printResult(_ fields: [(String, Any)], json: Bool) {
    let fields = fields + [("caches", "\(Caches.machine)" as Any)]
    if json {
        return Output.json(
            Dictionary(fields.map { ($0.0, JSONValue($0.1).inSixDigits) }, uniquingKeysWith: { _, last in last }))
    }
    if let summary = summary(fields) { Output.line(summary) }
    let width = fields.map(\.0.count).max() ?? 0
    for (name, value) in fields {
        let title = name.replacingOccurrences(of: "_", with: " ")
        Output.line("  " + title.padding(toLength: width + 2, withPad: " ", startingAt: 0) + readable(name, value))
    }
}

/// What most want to know: `train resnet-8: 12.1 ms, dense 27.1 ms: 2.24 times as fast`.
private func summary(_ fields: [(String, Any)]) -> String? {
    func number(_ name: String) -> Double? { fields.first { $0.0 == name }?.1 as? Double }
    guard let name = fields.first(where: { $0.0 == "case" })?.1, let seconds = number("seconds") else { return nil }
    let network = fields.first { $0.0 == "network" }.map { " \($0.1)" } ?? ""
    let zeros = number("sparsity").map { " at \(readable("sparsity", $0)) zeros" } ?? ""
    let text = "\(name)\(network)\(zeros): \(readable("seconds", seconds))"
    guard let dense = number("dense_seconds"), dense.isFinite else { return text }
    return text + ", dense \(readable("seconds", dense)): " + String(format: "%.2f times as fast", dense / seconds)
}

/// With the unit that the name tells.
private func readable(_ name: String, _ value: Any) -> String {
    if let numbers = value as? [Double] { return numbers.map { readable(name, $0) }.joined(separator: ", ") }
    guard let value = value as? Double else { return "\(value)" }
    func text(_ format: String, _ number: Double = value) -> String { String(format: format, number) }
    guard value.isFinite else { return "–" }
    if name.hasSuffix("per_second") { return text("%.6g") }
    if name.contains("seconds") {
        switch abs(value) {
        case 1...: return text("%.3f s")
        case 1e-3...: return text("%.3f ms", value * 1e3)
        case 1e-6...: return text("%.3f µs", value * 1e6)
        default: return text("%.3f ns", value * 1e9)
        }
    }
    if name.hasSuffix("_ms") { return text("%.2f ms") }
    if name.contains("gflops") { return text("%.1f GFLOP/s") }
    if name == "bandwidth" { return text("%.1f GB/s", value / 1e9) }
    if name.contains("share") || name == "sparsity" || name.hasSuffix("efficiency") {
        return text("%.4g %%", 100 * value)
    }
    if name == "speedup" || name == "ratio" || name.hasSuffix("_speedup") { return text("%.2f") }
    if name == "bytes_moved" || name == "resident_bytes" { return text("%.3f GB", value / 1e9) }
    return text("%.4g")
}
