import CIntegers
import Graph
import Kernels

/// Where the tensors of one sample lie, decided before any memory is taken.
struct IntegerPlan {
    private(set) var tensors: [IntegerTensor] = []
    /// Numbers of all memory.
    private(set) var count = 0

    /// Points that kernels take at once.
    static let lanes = Int(espalier_points_at_once())
    /// What kernels read behind the last number.
    static let slack = 64

    /// A convolution reads and writes runs without regard to where rows end, so both have one pitch; what adds up tensors point by
    /// point is fastest where they have.
    init(_ network: QuantizedNetwork) {
        let count = network.tensors.count
        var joined = JoinedTensors(count: count)
        var borders = [Int](repeating: 0, count: count), pitches = borders
        for node in network.nodes {
            let input = node.inputs[0], output = node.output
            switch node.rule {
            case .sums(let sums) where !sums.isOfFeatures:
                if sums.window.stride == KernelWindow.Axes(1) {
                    borders[input] = max(borders[input], sums.window.pads.widest)
                    joined.join(input, output)
                } else {
                    pitches[output] = max(
                        pitches[output], PlanePhases.columns(width: sums.outputWidth, sums.window))
                }
            case .addition, .product, .extreme, .table:
                for input in node.inputs where network.tensors[input].shape == network.tensors[output].shape {
                    joined.join(input, output)
                }
            default: break
            }
        }
        for tensor in 0..<count {
            let root = joined.first(of: tensor), shape = network.tensors[tensor].shape
            pitches[root] = max(pitches[root], pitches[tensor], shape.width + borders[tensor])
        }
        for (number, tensor) in network.tensors.enumerated() {
            let shape = tensor.shape
            tensors.append(
                self.tensor(
                    shape, border: borders[number], pitch: pitches[joined.first(of: number)], zero: tensor.zero))
        }
    }

    /// Memory for a tensor; features side by side where it is no image.
    mutating func tensor(_ shape: Shape, border: Int = 0, pitch: Int = 0, zero: Int32) -> IntegerTensor {
        shape.isFlat
            ? place(shape, border: 0, pitch: 1, isCompact: true, zero)
            : planes(shape, border: border, pitch: pitch, zero: zero)
    }
    /// Memory for one that is an image, even of one point.
    mutating func planes(_ shape: Shape, border: Int, pitch: Int, zero: Int32) -> IntegerTensor {
        place(shape, border: border, pitch: max(pitch, shape.width + border), isCompact: false, zero)
    }

    private mutating func place(
        _ shape: Shape, border: Int, pitch: Int, isCompact: Bool, _ zero: Int32
    ) -> IntegerTensor {
        let layout = PlaneLayout(
            channels: shape.channels, height: shape.height, width: shape.width, border: border, pitch: pitch,
            isCompact: isCompact, late: Self.lanes - 1)
        return IntegerTensor(layout: layout, start: reserve(layout.floats), zero: zero)
    }

    /// Memory that a step needs besides, zero at first.
    mutating func reserve(_ count: Int) -> Int {
        let start = self.count
        self.count += (count + 31) / 32 * 32
        return start
    }
}

/// Runs of whole vectors over the points of a plane.
struct IntegerRun: Sendable {
    /// −1 at a point, 0 elsewhere: what lies between rows, or behind the last, stays the border that others read.
    let mask: IntegerArray<Int16>
    let vectors: Int

    init(_ layout: PlaneLayout) {
        let points = layout.isCompact ? layout.channels : layout.run, lanes = IntegerPlan.lanes
        vectors = (points + lanes - 1) / lanes
        var mask = [Int16](repeating: 0, count: vectors * lanes)
        if layout.isCompact {
            for point in 0..<points { mask[point] = -1 }
        } else {
            for y in 0..<layout.height {
                for x in 0..<layout.width { mask[y * layout.pitch + x] = -1 }
            }
        }
        self.mask = IntegerArray(mask)
    }
}
