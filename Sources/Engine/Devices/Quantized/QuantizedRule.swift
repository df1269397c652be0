import Kernels

/// What a node does. x, a and b are values of inputs, zx, za and zb their zeros, y and zy those of the output; clamp moves to
/// the node's `low`…`high`.
package enum QuantizedRule: Sendable, Equatable, Codable {
    /// A convolution or a linear layer. With acc = bias[row] + Σ w · (x − zx), points of the border being zx:
    /// y = clamp(zy + requantise[row](acc)).
    case sums(QuantizedSums)
    /// y = table[x + 128], 256 entries; with 256 for each channel (first axis) y = table[256 · channel + x + 128].
    case table([Int8])
    /// y = clamp(zy + ⌊((a − za) · ma + (b − zb) · mb + 2^(shift − 1)) / 2^shift⌋); a difference has a negative mb.
    case addition(QuantizedAddition)
    /// y = clamp(zy + requantise((a − za) · (b − zb))).
    case product(QuantizedPairs, Requantization)
    /// y = clamp(max(a, b)), or the smaller; all three tensors have one scale and one zero.
    case extreme(QuantizedPairs, isLargest: Bool)
    /// y = the largest x of the window; points of the border are none. Both tensors have one scale and one zero.
    case largest(QuantizedWindow)
    /// y = clamp(zy + requantise[n](Σ (x − zx))) over the n points of the window that count.
    case mean(QuantizedMean)
    /// y = clamp(−128 + ⌊(256 · e + S / 2) / S⌋), e = exponentials[m − x], m the largest x of the line, S the sum of all e of the
    /// line (S / 2 rounded down). The output has scale 1/256 and zero −128.
    case softmax(QuantizedSoftmax)
    /// y of point k is the value sources[k] of all inputs counted through, one input after the other; below 0 it is zy. All
    /// tensors have one scale and one zero.
    case move(sources: [Int32])
    /// The same values in the same order, with other axes: the output may be the memory of the input.
    case reshape
    /// y of point k is clamp(zy + ⌊(Σ weights · (x − zx) + 2^13) / 2^14⌋) over its terms, starts[k] ..< starts[k + 1]. Both tensors
    /// have one scale and one zero.
    case blend(QuantizedBlend)
    /// y = clamp(zy + requantise(Σ (a − za) · (b − zb))) over the terms of each point.
    case matrix(QuantizedMatrix)
    /// y = clamp(zy + requantise(f · w + bias)), f the values of a line normalised, in steps of 2⁻¹²; `QuantizedNorm` says how.
    case norm(QuantizedNorm)
    /// y of value k of the input and feature f is table[(x − zx) · features + f], the last row where there is none of that number.
    case lookup(QuantizedLookup)
}

/// The weights of a layer. Columns are (channel of the group, tap y, tap x); linear layers have one tap.
package struct QuantizedSums: Sendable, Equatable, Codable {
    package var rows: Int
    /// Of the input.
    package var channels: Int
    package var groups: Int
    package var window: KernelWindow
    /// Of the input's image, and of the output's; 1 of a linear layer.
    package var height: Int
    package var width: Int
    package var outputHeight: Int
    package var outputWidth: Int
    /// Places of the weights that are there, row · columns + column, ascending; nil: all are.
    package var indices: [Int]?
    /// −127…127.
    package var values: [Int8]
    /// In steps of scale of x · scale of the row's weights.
    package var bias: [Int32]
    /// By row.
    package var requantizations: [Requantization]
    /// By row: what a step of a weight stands for.
    package var weightScales: [Float]

    package init(
        rows: Int, channels: Int, groups: Int, window: KernelWindow, height: Int, width: Int, outputHeight: Int,
        outputWidth: Int, indices: [Int]?, values: [Int8], bias: [Int32], requantizations: [Requantization],
        weightScales: [Float]
    ) {
        self.rows = rows
        self.channels = channels
        self.groups = groups
        self.window = window
        self.height = height
        self.width = width
        self.outputHeight = outputHeight
        self.outputWidth = outputWidth
        self.indices = indices
        self.values = values
        self.bias = bias
        self.requantizations = requantizations
        self.weightScales = weightScales
    }

    /// Inputs a row reads.
    package var columns: Int { channels / groups * window.taps }
    package var weights: Int { rows * columns }

    /// By row: bias − zx · Σ w. With points of the border stored as zx, acc = corrected bias + Σ w · x.
    package func correctedBias(zero: Int32) -> [Int32] {
        var result = bias
        for (number, value) in values.enumerated() {
            let row = (indices?[number] ?? number) / columns
            result[row] -= zero * Int32(value)
        }
        return result
    }

    /// By row: |bias| + 255 · Σ |w|. No sum is larger, whatever x is, nor any on the way to it; all are below 2³¹.
    package var bounds: [Int] {
        var result = bias.map { abs(Int($0)) }
        for (number, value) in values.enumerated() {
            result[(indices?[number] ?? number) / columns] += 255 * abs(Int(value))
        }
        return result
    }
}

/// How two tensors meet: the axes of the output, outermost first, and how far apart in a and in b the values of neighbours along
/// each axis are; 0 where a or b repeats.
package struct QuantizedPairs: Sendable, Equatable, Codable {
    package var axes: [Int]
    package var aStrides: [Int]
    package var bStrides: [Int]

    package init(axes: [Int], aStrides: [Int], bStrides: [Int]) {
        self.axes = axes
        self.aStrides = aStrides
        self.bStrides = bStrides
    }

    /// Of a and of b, by value of the output.
    var places: [(a: Int, b: Int)] {
        var places = [(a: 0, b: 0)]
        for (axis, size) in axes.enumerated() {
            places = places.flatMap { place in
                (0..<size).map { (place.a + $0 * aStrides[axis], place.b + $0 * bStrides[axis]) }
            }
        }
        return places
    }
}

package struct QuantizedAddition: Sendable, Equatable, Codable {
    package var pairs: QuantizedPairs
    /// |ma|, |mb| < 2³¹.
    package var aMultiplier: Int32
    package var bMultiplier: Int32
    /// 1…62, of both.
    package var shift: Int32

    package init(pairs: QuantizedPairs, aMultiplier: Int32, bMultiplier: Int32, shift: Int32) {
        self.pairs = pairs
        self.aMultiplier = aMultiplier
        self.bMultiplier = bMultiplier
        self.shift = shift
    }
}

/// A window that is moved over each channel of an image.
package struct QuantizedWindow: Sendable, Equatable, Codable {
    package var channels: Int
    package var height: Int
    package var width: Int
    package var outputHeight: Int
    package var outputWidth: Int
    package var window: KernelWindow

    package init(
        channels: Int, height: Int, width: Int, outputHeight: Int, outputWidth: Int, window: KernelWindow
    ) {
        self.channels = channels
        self.height = height
        self.width = width
        self.outputHeight = outputHeight
        self.outputWidth = outputWidth
        self.window = window
    }
}

package struct QuantizedMean: Sendable, Equatable, Codable {
    package struct Count: Sendable, Equatable, Codable {
        package var points: Int
        package var requantization: Requantization
        package init(points: Int, requantization: Requantization) {
            self.points = points
            self.requantization = requantization
        }
    }
    package var area: QuantizedWindow
    /// Points of the border count, with the value zx.
    package var countsPads: Bool
    /// Of every number of points that a window has, ascending; of a window inside the image it is one.
    package var counts: [Count]

    package init(area: QuantizedWindow, countsPads: Bool, counts: [Count]) {
        self.area = area
        self.countsPads = countsPads
        self.counts = counts
    }
}

/// Along an axis of `count` values, `inner` apart; there are outer · inner lines.
package struct QuantizedSoftmax: Sendable, Equatable, Codable {
    package var outer: Int
    package var count: Int
    package var inner: Int
    /// 256: of the distance from the largest. The sum of a line is below 2³¹, 256 times one of them below 2³¹.
    package var exponentials: [UInt32]

    package init(outer: Int, count: Int, inner: Int, exponentials: [UInt32]) {
        self.outer = outer
        self.count = count
        self.inner = inner
        self.exponentials = exponentials
    }
}

package struct QuantizedBlend: Sendable, Equatable, Codable {
    package var starts: [Int32]
    package var sources: [Int32]
    /// 2¹⁴ is 1; those of a point add up to about that.
    package var weights: [Int32]

    package init(starts: [Int32], sources: [Int32], weights: [Int32]) {
        self.starts = starts
        self.sources = sources
        self.weights = weights
    }
}
