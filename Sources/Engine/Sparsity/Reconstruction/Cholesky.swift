/// The lower factor L of a symmetric positive definite matrix, A = L Lᵀ: (size, size), zeros above the diagonal.
struct Cholesky {
    let size: Int
    private(set) var lower: [Double]

    /// Nil where the matrix is not positive definite.
    /// - Complexity: O(size³ / 3).
    init?(_ matrix: InputProducts) {
        size = matrix.size
        var factor = matrix.values
        let size = self.size
        let isDefinite = factor.withUnsafeMutableBufferPointer { factor -> Bool in
            let a = factor.baseAddress!
            // Row by row from the top: what a pivot row takes from those below is one scaled sum each, of the upper half; at the end
            // the upper factor U = Lᵀ stands there.
            for pivot in 0..<size {
                let head = a[pivot * size + pivot]
                guard head > 0, head.isFinite else { return false }
                let root = head.squareRoot()
                for column in pivot..<size { a[pivot * size + column] /= root }
                for row in pivot + 1..<max(pivot + 1, size) {
                    let factor = a[pivot * size + row]
                    if factor == 0 { continue }
                    addScaled(a + pivot * size + row, -factor, to: a + row * size + row, count: size - row)
                }
            }
            for row in 0..<size {
                for column in 0..<row {
                    a[row * size + column] = a[column * size + row]
                    a[column * size + row] = 0
                }
            }
            return true
        }
        if !isDefinite { return nil }
        lower = factor
    }

    /// A⁻¹ x for each of `count` columns of x: (size, count), in place.
    func solve(_ columns: inout [Double], count: Int) {
        let size = size
        lower.withUnsafeBufferPointer { lower in
            columns.withUnsafeMutableBufferPointer { columns in
                let l = lower.baseAddress!, x = columns.baseAddress!
                for row in 0..<size {
                    for column in 0..<row where l[row * size + column] != 0 {
                        addScaled(x + column * count, -l[row * size + column], to: x + row * count, count: count)
                    }
                    scale(x + row * count, 1 / l[row * size + row], count)
                }
                for row in (0..<size).reversed() {
                    scale(x + row * count, 1 / l[row * size + row], count)
                    for column in 0..<row where l[row * size + column] != 0 {
                        addScaled(x + row * count, -l[row * size + column], to: x + column * count, count: count)
                    }
                }
            }
        }
    }

    private func scale(_ x: UnsafeMutablePointer<Double>, _ factor: Double, _ count: Int) {
        for place in 0..<count { x[place] *= factor }
    }

    /// A⁻¹
    var inverse: InputProducts {
        var identity = [Double](repeating: 0, count: size * size)
        for place in 0..<size { identity[place * size + place] = 1 }
        solve(&identity, count: size)
        // Rounding leaves the halves a little apart.
        for row in 0..<size { for column in 0..<row { identity[row * size + column] = identity[column * size + row] } }
        return InputProducts(size: size, values: identity)
    }
}

extension InputProducts {
    /// The upper factor U of the inverse, H⁻¹ = Uᵀ U, row-major; nil where H cannot be inverted.
    package var upperFactorOfInverse: [Double]? {
        guard let inverse = Cholesky(self)?.inverse, let factor = Cholesky(inverse) else { return nil }
        var upper = [Double](repeating: 0, count: size * size)
        for row in 0..<size { for column in 0...row { upper[column * size + row] = factor.lower[row * size + column] } }
        return upper
    }
}
