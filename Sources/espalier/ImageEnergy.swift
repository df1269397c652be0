import Foundation
import Sparsity
import Training

/// The energy of one image as this machine's counters tell it; where they do not, the reason and no figure.
struct ImageEnergy {
    private let result: Result<MeasuredEnergy, PackageEnergy.Unavailable>

    init(_ opened: OpenedNetwork) {
        do {
            result = .success(try MeasuredEnergy(opened.network.graph, GraphArrays(opened.network)))
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

extension ModelledEnergy {
    var line: String {
        func text(_ microjoules: Double) -> String { String(format: "%.4g µJ", microjoules) }
        return "energy of one image, modelled (\(Self.source)): arithmetic \(text(arithmetic)), "
            + "weights once from cache \(text(weightsFromCache)) or from DRAM \(text(weightsFromMemory))"
    }
}
