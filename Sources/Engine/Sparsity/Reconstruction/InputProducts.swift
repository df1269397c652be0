/// H = X Xᵀ of the inputs of a row, in double precision: (size, size), symmetric, row-major.
package struct InputProducts: Sendable {
    package let size: Int
    package private(set) var values: [Double]

    package init(size: Int, values: [Double]) {
        precondition(values.count == size * size)
        self.size = size
        self.values = values
    }

    package subscript(row: Int, column: Int) -> Double { values[row * size + column] }

    /// Whether an input was zero in all samples.
    package func isDead(_ input: Int) -> Bool { values[input * size + input] == 0 }

    package var meanDiagonal: Double {
        (0..<size).reduce(0) { $0 + values[$1 * size + $1] } / Double(max(1, size))
    }

    package func scaled(by factor: Double) -> InputProducts {
        InputProducts(size: size, values: values.map { $0 * factor })
    }

    /// Dead inputs get a one on the diagonal, then every input a share of the mean of the diagonal: it can be inverted.
    package func damped(_ share: Double) -> InputProducts {
        var damped = self
        for input in 0..<size where isDead(input) { damped.values[input * size + input] = 1 }
        let added = share * damped.meanDiagonal
        for input in 0..<size { damped.values[input * size + input] += added }
        return damped
    }

    /// H with rows and columns divided, H_ij / (n_i n_j).
    func divided(by norms: [Double]) -> InputProducts {
        var divided = self
        for row in 0..<size {
            for column in 0..<size { divided.values[row * size + column] /= norms[row] * norms[column] }
        }
        return divided
    }

    /// More on the whole diagonal.
    func adding(_ value: Double) -> InputProducts {
        var sum = self
        for input in 0..<size { sum.values[input * size + input] += value }
        return sum
    }

    /// H · x for each row of `rows`: (count, size) → (count, size).
    func times(_ rows: [Double], count: Int) -> [Double] {
        var products = [Double](repeating: 0, count: count * size)
        rows.withUnsafeBufferPointer { rows in
            values.withUnsafeBufferPointer { values in
                products.withUnsafeMutableBufferPointer { products in
                    for row in 0..<count {
                        let x = rows.baseAddress! + row * size, y = products.baseAddress! + row * size
                        for input in 0..<size where x[input] != 0 {
                            addScaled(values.baseAddress! + input * size, x[input], to: y, count: size)
                        }
                    }
                }
            }
        }
        return products
    }
}

/// y += a · x
@inline(__always)
func addScaled(
    _ x: UnsafePointer<Double>, _ a: Double, to y: UnsafeMutablePointer<Double>, count: Int
) {
    var place = 0
    let factor = SIMD8<Double>(repeating: a)
    while place + 8 <= count {
        var sum = UnsafeRawPointer(y + place).loadUnaligned(as: SIMD8<Double>.self)
        sum.addProduct(factor, UnsafeRawPointer(x + place).loadUnaligned(as: SIMD8<Double>.self))
        UnsafeMutableRawPointer(y + place).storeBytes(of: sum, as: SIMD8<Double>.self)
        place += 8
    }
    while place < count {
        y[place].addProduct(a, x[place])
        place += 1
    }
}
