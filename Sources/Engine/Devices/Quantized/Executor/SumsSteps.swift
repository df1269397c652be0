import CIntegers
import Graph
import Kernels

/// A convolution: points in the lanes.
struct PointSums: IntegerStep {
    private let input: IntegerTensor
    private let output: IntegerTensor
    private let weights: IntegerWeights
    /// By term; one of the two.
    private let offsets: IntegerArray<UInt16>?
    private let wideOffsets: IntegerArray<UInt32>?
    private let run: IntegerRun
    /// Of a strided one: its input taken apart, and where.
    private let phases: (planes: PlanePhases, start: Int)?
    /// From the input's first point to that which tap (0, 0) reads for output (0, 0).
    private let origin: Int
    private let rows: Int
    private let rowsPerGroup: Int
    private let groupPlane: Int
    private let stride: KernelWindow.Axes

    /// A weight and its place are as many bytes as two weights.
    private static let leastDense = 0.5

    var weightBytes: Int { weights.bytes + (offsets?.bytes ?? wideOffsets?.bytes ?? 0) }

    /// - Precondition: of a stride of 1 both tensors have one pitch, and the input the border that is read.
    init(
        _ sums: QuantizedSums, _ node: QuantizedNode, input: IntegerTensor, output: IntegerTensor,
        _ plan: inout IntegerPlan
    ) {
        self.input = input
        self.output = output
        let window = sums.window, channels = sums.channels / sums.groups, zero = output.zero
        rows = sums.rows
        rowsPerGroup = sums.rows / sums.groups
        stride = window.stride
        run = IntegerRun(output.layout)
        let plane: Int, tapOffset: (_ y: Int, _ x: Int) -> Int
        if window.stride == KernelWindow.Axes(1) {
            let pitch = input.layout.pitch
            phases = nil
            plane = input.layout.plane
            origin = -window.pads.top * pitch - window.pads.left
            tapOffset = { $0 * window.dilation.y * pitch + $1 * window.dilation.x }
        } else {
            let planes = PlanePhases(
                input: input.layout, outputHeight: sums.outputHeight, pitch: output.layout.pitch, window: window)
            phases = (planes, plan.reserve(planes.floats))
            plane = planes.plane
            origin = 0
            tapOffset = { planes.offset(tapY: $0, tapX: $1) }
        }
        groupPlane = channels * plane
        var offsets: [UInt32] = []
        for channel in 0..<channels {
            for y in 0..<window.height {
                for x in 0..<window.width { offsets.append(UInt32(channel * plane + tapOffset(y, x))) }
            }
        }
        let isNarrow = offsets.allSatisfy { $0 <= UInt16.max }
        self.offsets = isNarrow ? IntegerArray(offsets.map { UInt16($0) }) : nil
        wideOffsets = isNarrow ? nil : IntegerArray(offsets)
        weights = IntegerWeights(
            sums, terms: sums.columns, sums.places, leastDense: Self.leastDense, low: Int16(node.low - zero),
            high: Int16(node.high - zero))
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        var x = UnsafePointer(input.origin(memory))
        if let phases {
            let target = memory + phases.start
            takeApart(x, phases.planes, to: target)
            x = UnsafePointer(target)
        }
        var rows = weights.rows
        espalier_sums_of_points(
            &rows, offsets?.pointer, wideOffsets?.pointer, 0, Int32(self.rows), Int32(rowsPerGroup), groupPlane,
            Int32(run.vectors),
            x + origin, output.origin(memory), output.layout.plane, run.mask.pointer)
    }

    private func takeApart(_ x: UnsafePointer<Int16>, _ planes: PlanePhases, to target: UnsafeMutablePointer<Int16>) {
        let pitch = input.layout.pitch &* stride.y
        for part in planes.parts {
            for channel in 0..<input.layout.channels {
                var row = x + channel &* input.layout.plane + part.from
                var line = target + channel &* planes.plane + part.to
                if stride.x == 2 {
                    espalier_every_second(
                        row, pitch, line, output.layout.pitch, Int32(part.rows), Int32(part.count))
                    continue
                }
                for _ in 0..<part.rows {
                    for place in 0..<part.count { line[place] = row[place &* stride.x] }
                    row += pitch
                    line += output.layout.pitch
                }
            }
        }
    }
}

/// A linear layer.
struct FeatureSums: IntegerStep {
    private let input: IntegerTensor
    private let output: IntegerTensor
    private let weights: IntegerWeights
    /// Where the input stands without gaps and with zeros behind it, and where the answers do.
    private let features: Int
    private let answers: Int
    private let rows: Int
    private let columns: Int

    /// A nonzero costs about fifteen times what a weight among others does.
    private static let leastDense = 0.12

    var weightBytes: Int { weights.bytes }

    init(
        _ sums: QuantizedSums, _ node: QuantizedNode, input: IntegerTensor, output: IntegerTensor,
        _ plan: inout IntegerPlan
    ) {
        self.input = input
        self.output = output
        rows = sums.rows
        columns = sums.channels
        features = plan.reserve(columns + Int(ESPALIER_BEHIND_COLUMNS))
        answers = plan.reserve(rows)
        let tap = sums.onlyTap ?? 0, taps = sums.window.taps
        let held = sums.places.filter { $0.term % taps == tap }.map { ($0.row, $0.term / taps, $0.value) }
        weights = IntegerWeights(
            sums, terms: columns, held, leastDense: Self.leastDense, low: Int16(node.low - output.zero),
            high: Int16(node.high - output.zero))
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        input.give(memory + features, memory)
        var rows = weights.rows
        espalier_sums_of_features(
            &rows, 0, Int32(self.rows), Int32(columns), memory + features, memory + answers)
        output.take(memory + answers, memory)
    }
}

extension QuantizedSums {
    /// The weights that are there, ascending.
    var places: [(row: Int, term: Int, value: Int8)] {
        values.enumerated().map { number, value in
            let (row, term) = (indices?[number] ?? number).quotientAndRemainder(dividingBy: columns)
            return (row, term, value)
        }
    }
}
