import Dispatch
import Foundation
import Interchange
import Sparsity
import Training

/// The energy of one image as this machine's counters tell it; where they do not, the reason and no figure.
struct ImageEnergy {
    private let result: Result<MeasuredEnergy, PackageEnergy.Unavailable>

    /// Another folder of counters: for tests, and for systems that have them elsewhere.
    private static let variable = "ESPALIER_POWERCAP"

    init(_ opened: OpenedNetwork) {
        do {
            let folder = Files.environment([Self.variable])[Self.variable] ?? "/sys/class/powercap"
            let packages = try PackageEnergy(folder: folder)
            let answering = AnswerTime(threads: 1).answering(opened.network.graph, GraphArrays(opened.network))
            result = .success(
                try MeasuredEnergy(
                    seconds: 2, counter: packages.counter, read: packages.read,
                    now: { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 },
                    wait: { Thread.sleep(forTimeInterval: 0.001) }, answer: { answering.forward(samples: 1) }))
        } catch let problem as PackageEnergy.Unavailable {
            result = .failure(problem)
        } catch {
            result = .failure(PackageEnergy.Unavailable(description: "\(error)"))
        }
    }

    var line: String {
        switch result {
        case .success(let energy):
            String(
                format: "energy of one image, measured: %.4g µJ ±%.2g, packages less %.1f W idle, %d images",
                energy.microjoules, energy.spread, energy.idleWatts, energy.answers)
        case .failure(let problem): "energy of one image, unavailable: \(problem)"
        }
    }

    var json: JSONValue {
        switch result {
        case .success(let energy):
            .object([
                "label": .text("measured"), "microjoules": .number(energy.microjoules),
                "spread": .number(energy.spread), "idle_watts": .number(energy.idleWatts),
                "images": .whole(energy.answers),
            ])
        case .failure(let problem): .object(["label": .text("unavailable"), "reason": .text("\(problem)")])
        }
    }
}
