import Training

extension LayerStatus {
    /// `300×784`; a convolution with its kernel, `16×6×5×5`.
    var shape: String {
        let area = kernelHeight * kernelWidth
        guard isConvolution, area > 0 else { return "\(rows)×\(columns)" }
        return "\(rows)×\(columns / area)×\(kernelHeight)×\(kernelWidth)"
    }
}
