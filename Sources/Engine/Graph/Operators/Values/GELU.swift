import Descriptors
import Kernels

/// x · Φ(x), Φ the normal distribution; or what it is close to, by the hyperbolic tangent.
package struct GELU: ValueOperator {
    package static let descriptor = Descriptor(
        name: "gelu", summary: "x times the normal distribution at x",
        citation: "Hendrycks & Gimpel 2016, arXiv:1606.08415",
        parameters: [
            Parameter(
                "approximate", "none: exact; tanh: by the hyperbolic tangent", .choice(["none", "tanh"]),
                default: .text("none"))
        ])
    package static let cases =
        valueCases(tolerance: 2e-3, values: -3...3)
        + valueCases(["approximate": .text("tanh")], tolerance: 2e-3, values: -3...3)

    package let isByTanh: Bool

    package init(_ arguments: Arguments) throws { isByTanh = arguments.text("approximate") == "tanh" }
    package init(isByTanh: Bool = false) { self.isByTanh = isByTanh }

    package var arguments: [String: Value] { ["approximate": .text(isByTanh ? "tanh" : "none")] }
    package var function: ValueFunction { isByTanh ? .geluByTanh : .gelu }
}
