/// Weights of fixed places that give a layer's outputs as nearly as they can: each row minimises (w − v)ᵀ H (w − v) over its places.
extension InputProducts {
    /// Preconditioned conjugate gradients, all rows by themselves.
    /// - Parameters:
    ///   - target: H · v of each row, (rows, size).
    ///   - support: which weights there are, (rows, size).
    ///   - start: zero outside the support.
    ///   - accuracy: of the residual, as a share of the target's norm.
    /// - Returns: (rows, size), zero outside the support.
    func leastSquares(
        target: [Double], support: [Bool], from start: [Double], rows: Int, iterations: Int, accuracy: Double
    ) -> [Double] {
        var solution = start
        let inverseDiagonal = (0..<size).map { 1 / self[$0, $0] }
        for row in 0..<rows {
            let range = row * size..<(row + 1) * size
            let places = range.filter { support[$0] }.map { $0 - range.lowerBound }
            if places.isEmpty { continue }
            var x = Array(start[range])
            let product = times(x, count: 1)
            var residual = [Double](repeating: 0, count: size), direction = residual
            var largest = 0.0
            for place in places {
                residual[place] = target[range.lowerBound + place] - product[place]
                largest += target[range.lowerBound + place] * target[range.lowerBound + place]
            }
            var energy = places.reduce(0.0) { $0 + residual[$1] * residual[$1] * inverseDiagonal[$1] }
            for place in places { direction[place] = residual[place] * inverseDiagonal[place] }
            for _ in 0..<iterations {
                let left = places.reduce(0.0) { $0 + residual[$1] * residual[$1] }
                if left <= accuracy * accuracy * largest || energy == 0 { break }
                let curved = times(direction, count: 1)
                let curvature = places.reduce(0.0) { $0 + direction[$1] * curved[$1] }
                guard curvature > 0 else { break }
                let step = energy / curvature
                for place in places {
                    x[place] += step * direction[place]
                    residual[place] -= step * curved[place]
                }
                let next = places.reduce(0.0) { $0 + residual[$1] * residual[$1] * inverseDiagonal[$1] }
                let share = next / energy
                for place in places {
                    direction[place] = residual[place] * inverseDiagonal[place] + share * direction[place]
                }
                energy = next
            }
            solution.replaceSubrange(range, with: x)
        }
        return solution
    }
}
