import Foundation
import Training

/// Forms that a schedule may begin with, as points from here to the end.
package enum Preset: String, Codable, Sendable, CaseIterable {
    case linear, cubic, cosine, oneShot = "one shot", constant

    /// - Parameters:
    ///   - start: where the schedule stands.
    ///   - end: the last step and the target there.
    func points(from start: SchedulePoint, to end: SchedulePoint) -> [SchedulePoint] {
        guard end.step > start.step + 1 else { return [end] }
        func at(_ share: Double, _ way: Double) -> SchedulePoint {
            SchedulePoint(
                step: start.step + Int((share * Double(end.step - start.step)).rounded()),
                sparsity: start.sparsity + (end.sparsity - start.sparsity) * way)
        }
        let shares: [Double] = [0.125, 0.25, 0.375, 0.5, 0.75, 1]
        switch self {
        case .linear: return [start, end]
        // Zhu & Gupta 2017, arXiv:1710.01878
        case .cubic: return [start] + shares.map { at($0, 1 - (1 - $0) * (1 - $0) * (1 - $0)) }
        case .cosine: return [start] + shares.map { at($0, (1 - cos(Double.pi * $0)) / 2) }
        case .oneShot:
            let middle = at(0.5, 0)
            return [start, middle, SchedulePoint(step: middle.step + 1, sparsity: end.sparsity), end]
        case .constant: return [start, SchedulePoint(step: end.step, sparsity: start.sparsity)]
        }
    }
}
