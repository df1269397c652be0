import CIntegers
import Kernels

/// The largest of each window.
struct LargestPoints: IntegerStep {
    private let input: IntegerTensor
    private let output: IntegerTensor
    private let area: QuantizedWindow

    init(_ area: QuantizedWindow, input: IntegerTensor, output: IntegerTensor) {
        self.area = area
        self.input = input
        self.output = output
    }

    private var isOfFour: Bool {
        area.window == KernelWindow(kernel: 2, stride: 2) && 2 * area.outputHeight <= area.height
            && 2 * area.outputWidth <= area.width && !output.layout.isCompact
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let x = UnsafePointer(input.origin(memory)), y = output.origin(memory)
        if isOfFour {
            for channel in 0..<area.channels {
                espalier_largest_of_four(
                    x + channel &* input.layout.plane, input.layout.pitch, y + channel &* output.layout.plane,
                    output.layout.pitch, Int32(area.outputHeight), Int32(area.outputWidth))
            }
            return
        }
        area.forEachWindow(input, output) { from, to, rows, columns, dilation, _ in
            for channel in 0..<area.channels {
                let from = x + (from &+ channel &* input.layout.plane)
                var most = Int16.min
                for ky in rows {
                    for kx in columns { most = max(most, from[ky &* dilation.y &+ kx &* dilation.x]) }
                }
                y[to &+ channel &* output.layout.plane] = most
            }
        }
    }
}

/// The mean of each window, by the number of points that count.
struct MeanPoints: IntegerStep {
    private let input: IntegerTensor
    private let output: IntegerTensor
    private let area: QuantizedWindow
    /// By output of a channel.
    private let factors: [Requantization]
    private let low: Int64
    private let high: Int64

    init(_ mean: QuantizedMean, _ node: QuantizedNode, input: IntegerTensor, output: IntegerTensor) {
        area = mean.area
        self.input = input
        self.output = output
        low = Int64(node.low - output.zero)
        high = Int64(node.high - output.zero)
        let vertical = area.window.vertical(area.height), horizontal = area.window.horizontal(area.width)
        var factors: [Requantization] = []
        for y in 0..<area.outputHeight {
            for x in 0..<area.outputWidth {
                let points =
                    mean.countsPads
                    ? vertical.counted(y) * horizontal.counted(x)
                    : vertical.inside(y).count * horizontal.inside(x).count
                factors.append(mean.counts.first { $0.points == points }!.requantization)
            }
        }
        self.factors = factors
    }

    /// One window, all points of the image.
    private var isWhole: Bool {
        let window = area.window
        return window.height == area.height && window.width == area.width && window.dilation == KernelWindow.Axes(1)
            && window.pads == KernelWindow.Pads(0) && factors.count == 1
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let x = UnsafePointer(input.origin(memory)), y = output.origin(memory)
        if isWhole {
            // Between rows are zeros.
            let run = input.layout.isCompact ? 1 : input.layout.run
            for channel in 0..<area.channels {
                let from = x + channel &* input.layout.plane
                var sum: Int32 = 0
                for place in 0..<run { sum &+= Int32(from[place]) }
                y[channel &* output.layout.plane] = value(Int64(sum), factors[0])
            }
            return
        }
        area.forEachWindow(input, output) { from, to, rows, columns, dilation, number in
            let factor = factors[number]
            for channel in 0..<area.channels {
                let from = x + (from &+ channel &* input.layout.plane)
                var sum: Int64 = 0
                for ky in rows {
                    for kx in columns { sum &+= Int64(from[ky &* dilation.y &+ kx &* dilation.x]) }
                }
                y[to &+ channel &* output.layout.plane] = value(sum, factor)
            }
        }
    }

    @inline(__always)
    private func value(_ sum: Int64, _ factor: Requantization) -> Int16 {
        Int16(truncatingIfNeeded: min(max(factor(sum), low), high))
    }
}

extension QuantizedWindow {
    /// Calls `body` with where each window begins in a plane of the input, its place in one of the output, the taps that read the
    /// image, how far they lie apart, and the number of the output.
    @inline(__always)
    fileprivate func forEachWindow(
        _ input: IntegerTensor, _ output: IntegerTensor,
        _ body: (
            _ from: Int, _ to: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ dilation: KernelWindow.Axes,
            _ number: Int
        ) -> Void
    ) {
        let vertical = window.vertical(height), horizontal = window.horizontal(width)
        let dilation = KernelWindow.Axes(y: window.dilation.y * input.layout.pitch, x: window.dilation.x)
        for oy in 0..<outputHeight {
            let rows = vertical.inside(oy)
            for ox in 0..<outputWidth {
                body(
                    vertical.first(oy) &* input.layout.pitch &+ horizontal.first(ox), oy &* output.layout.pitch &+ ox,
                    rows, horizontal.inside(ox), dilation, oy &* outputWidth &+ ox)
            }
        }
    }
}
