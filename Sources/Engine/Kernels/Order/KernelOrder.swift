// In a row of weights the columns are (channel, ky, kx). Sums are made by rows of the kernel: (ky, channel, kx), whose numbers
// are *terms*. So the weights of one row of the kernel stand together, and where all of them read the border, above or
// below the image, a kernel leaves them out at once. Dense and sparse kernels add in this order, so they give equal bits.

extension WeightMap {
    /// Of a row of weights, in one row of the kernel.
    package var termsPerKernelRow: Int { channelsPerGroup * kernelWidth }

    package func term(ofColumn column: Int) -> Int {
        guard kernelHeight > 1 else { return column }
        let (channel, tap) = column.quotientAndRemainder(dividingBy: taps)
        let (ky, kx) = tap.quotientAndRemainder(dividingBy: kernelWidth)
        return ky * termsPerKernelRow + channel * kernelWidth + kx
    }

    func kernelRow(ofTerm term: Int) -> Int { kernelHeight > 1 ? term / termsPerKernelRow : 0 }
    /// In its group.
    func channel(ofTerm term: Int) -> Int {
        (kernelHeight > 1 ? term % termsPerKernelRow : term) / kernelWidth
    }
    func tap(ofTerm term: Int) -> Int { kernelRow(ofTerm: term) * kernelWidth + term % kernelWidth }

    func terms(ofKernelRows rows: Range<Int>) -> Range<Int> {
        rows.lowerBound * termsPerKernelRow..<rows.upperBound * termsPerKernelRow
    }

    /// Which of `count` rows of the kernel read points of an image of `height`; the others read the border, zeros.
    /// - Parameter point: the row of the image that a row of the kernel reads; ascending or descending.
    static func kernelRowsInside(_ count: Int, height: Int, point: (Int) -> Int) -> Range<Int> {
        var first = 0, end = count
        while first < end, !(0..<height).contains(point(first)) { first += 1 }
        while first < end, !(0..<height).contains(point(end - 1)) { end -= 1 }
        return first..<end
    }
}

extension WeightMap.Phase {
    /// Where a tap of the kernel stands in `taps`; nil where another phase has it.
    func slotOfTap(taps count: Int) -> [Int?] {
        var slots = [Int?](repeating: nil, count: count)
        for (slot, tap) in taps.enumerated() { slots[tap] = slot }
        return slots
    }
}
