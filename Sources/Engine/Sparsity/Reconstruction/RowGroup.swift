/// The rows of a layer that read the same inputs: all of a linear layer, or one group of a convolution.
package struct RowGroup: Sendable {
    package let rows: Int
    package let columns: Int
    /// Zero where no weight is live, (rows, columns).
    package var weights: [Double]
    package let isLive: [Bool]
    package let products: InputProducts
    /// E[x] of each input.
    package let means: [Double]
    /// Samples and points that the products sum.
    package let count: Int

    package init(
        rows: Int, columns: Int, weights: [Double], isLive: [Bool], products: InputProducts, means: [Double] = [],
        count: Int = 1
    ) {
        self.rows = rows
        self.columns = columns
        self.weights = weights
        self.isLive = isLive
        self.products = products
        self.means = means
        self.count = count
    }
}
