/// A layer's weights in row-major order, with its name.
package struct LayerState: Sendable, Equatable {
    package var name: String
    package var arrays: LayerArrays
    /// All weights of the layer, live or cut.
    package var total: Int
    /// Never cut, as the recipe says.
    package var isProtected = false
    package var rows: Int

    /// - Parameter rows: nil: one for each bias.
    package init(name: String, arrays: LayerArrays, total: Int, rows: Int? = nil, isProtected: Bool = false) {
        self.rows = rows ?? arrays.bias.count
        self.name = name
        self.arrays = arrays
        self.total = total
        self.isProtected = isProtected
    }
}
