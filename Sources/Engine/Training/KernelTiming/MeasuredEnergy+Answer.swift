import Dispatch
import Foundation
import Graph
import Interchange
import Sparsity

extension MeasuredEnergy {
    /// Another folder of counters: for tests, and for systems that have them elsewhere.
    package static let variable = "ESPALIER_POWERCAP"

    /// This machine's counters.
    /// - Throws: `PackageEnergy.Unavailable`.
    package static func packages() throws -> PackageEnergy {
        try PackageEnergy(folder: Files.environment([variable])[variable] ?? "/sys/class/powercap")
    }

    /// Of the answer to one image, over three rounds of two seconds after an idle one.
    /// - Throws: `PackageEnergy.Unavailable`, also where it was cancelled.
    package init(_ graph: Graph, _ arrays: GraphArrays, isCancelled: () -> Bool = { false }) throws {
        let packages = try Self.packages()
        let answering = AnswerTime(threads: 1).answering(graph, arrays)
        try self.init(
            seconds: 2, counter: packages.counter,
            read: {
                if isCancelled() { throw PackageEnergy.Unavailable(description: "it was cancelled") }
                return try packages.read()
            },
            now: { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 },
            wait: { Thread.sleep(forTimeInterval: 0.001) }, answer: { answering.forward(samples: 1) })
    }
}
