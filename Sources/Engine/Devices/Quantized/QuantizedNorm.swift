/// A normalisation of outer · inner lines, of `count` values each that lie `inner` apart.
///
/// With c = x − zx, S = Σ c and Q = Σ c² of the line of n values:
///
///     d = n · c − S,  u = n · Q − S² + epsilon         (without centering d = n · c, u = n · Q + epsilon)
///     e even, the least with u · 2^e ≥ 2⁶⁰;  s = ⌊√(u · 2^e)⌋;  i = ⌊2⁶¹ / s⌋
///     f = ⌊(d · i + 2^(t − 1)) / 2^t⌋,  t = 49 − e / 2   (0 where u is 0)
package struct QuantizedNorm: Sendable, Equatable, Codable {
    package var outer: Int
    /// At most 65,536.
    package var count: Int
    package var inner: Int
    package var centers: Bool
    /// n² · ε in steps of x, squared; below 2⁶¹.
    package var epsilon: Int64
    /// Value v, in row-major order, has parameter (v / stride) mod their number.
    package var stride: Int
    package var weights: [Int8]
    /// In steps of 2⁻¹² · scale of the weights; at most 2³⁰.
    package var bias: [Int32]
    package var requantization: Requantization

    package init(
        outer: Int, count: Int, inner: Int, centers: Bool, epsilon: Int64, stride: Int, weights: [Int8], bias: [Int32],
        requantization: Requantization
    ) {
        (self.outer, self.count, self.inner, self.centers) = (outer, count, inner, centers)
        (self.epsilon, self.stride, self.weights, self.bias) = (epsilon, stride, weights, bias)
        self.requantization = requantization
    }

    /// What a line's d is multiplied and divided by.
    package struct Scale: Sendable, Equatable {
        package let sum: Int64
        package let multiplier: Int64
        package let shift: Int64

        /// f of a value.
        @inline(__always)
        package func callAsFunction(_ c: Int64, count: Int64) -> Int64 {
            shift == 0 ? 0 : ((count &* c &- sum) &* multiplier &+ (1 &<< (shift &- 1))) &>> shift
        }
    }

    /// - Parameter sum, squares: S and Q of a line.
    package func scale(sum: Int64, squares: Int64) -> Scale {
        let n = Int64(count), u = n * squares - (centers ? sum * sum : 0) + epsilon
        guard u > 0 else { return Scale(sum: 0, multiplier: 0, shift: 0) }
        var e = Int64(0)
        while u << e < 1 << 60 { e += 2 }
        return Scale(
            sum: centers ? sum : 0, multiplier: (1 << 61) / Self.root(u << e), shift: 49 - e / 2)
    }

    /// ⌊√v⌋, of v below 2⁶².
    static func root(_ v: Int64) -> Int64 {
        var root = Int64(Double(v).squareRoot())
        while root * root > v { root -= 1 }
        while (root + 1) * (root + 1) <= v { root += 1 }
        return root
    }
}
