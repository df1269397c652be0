import Descriptors

extension Refinements {
    /// As long as it lessens the squared error of a row's outputs, the best exchange of one weight that stays for one that goes.
    /// With d the weights that go and c = H d the error of a row is dᵀ H d; that of an exchange is known from c and H alone.
    ///
    /// Reference: Zimmer et al. 2025, arXiv:2512.10922
    package struct SparseSwaps: Refinement {
        package static let descriptor = Descriptor(
            name: "sparse-swaps",
            summary: "The best exchange of two weights of a row, while it lessens the row's error",
            citation: "Zimmer et al. 2025, arXiv:2512.10922",
            parameters: [
                Calibrated.samples(1024),
                Parameter("swaps", "Most exchanges a row", .integer(1...100_000), default: .integer(100)),
            ])

        package let needs: [Need] = [.inputGram]
        package let samples: Int
        private let swaps: Int

        package init(_ arguments: Arguments) {
            samples = arguments.integer("samples")
            swaps = arguments.integer("swaps")
        }

        package func refine(_ keep: inout [Bool], of group: RowGroup) {
            let size = group.columns, products = group.products
            for row in 0..<group.rows {
                let start = row * size
                func weight(_ column: Int) -> Double { group.weights[start + column] }
                var gone = [Double](repeating: 0, count: size)
                for column in 0..<size where group.isLive[start + column] && !keep[start + column] {
                    gone[column] = weight(column)
                }
                var pull = products.times(gone, count: 1)
                for _ in 0..<swaps {
                    let leaving = (0..<size).filter { keep[start + $0] }
                    let coming = (0..<size).filter { group.isLive[start + $0] && !keep[start + $0] }
                    var best = (change: -1e-12 * abs(zip(gone, pull).reduce(0) { $0 + $1.0 * $1.1 }), out: -1, in: -1)
                    for out in leaving {
                        let w = weight(out)
                        let alone = 2 * w * pull[out] + w * w * products[out, out]
                        for back in coming {
                            let v = weight(back)
                            let change =
                                alone - 2 * v * pull[back] + v * v * products[back, back] - 2 * w * v
                                * products[out, back]
                            if change < best.change { best = (change, out, back) }
                        }
                    }
                    guard best.out >= 0 else { break }
                    keep[start + best.out] = false
                    keep[start + best.in] = true
                    let (w, v) = (weight(best.out), weight(best.in))
                    gone[best.out] = w
                    gone[best.in] = 0
                    for column in 0..<size {
                        pull[column] += w * products[best.out, column] - v * products[best.in, column]
                    }
                }
            }
        }
    }
}
