import Foundation

/// e^(−d · step) for the distances 0…255 between two values.
enum Exponentials {
    static func of(step: Double) -> [Double] { (0..<256).map { exp(-Double($0) * step) } }
}
