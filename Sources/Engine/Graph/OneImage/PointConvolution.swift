import Kernels

/// A convolution of one image that is a single point, to a single point: one tap reads it, so it is a linear layer, and outputs
/// stand in the lanes where else points do. Late layers of small images are such, and hold most weights.
struct PointConvolution: PlaneStep {
    private let input: PlaneTensor
    private let output: PlaneTensor
    private let added: PlaneTensor?
    private let tail: PlaneTail
    private let linear: LinearPlanes?
    /// Of a depthwise one: the weight and the bias of each row.
    private let weights: [Float]
    private let bias: [Float]
    private let rowsPerChannel: Int

    /// Nil where it is no such convolution.
    init?(_ site: PlaneSite) {
        guard let layer = site.layer, let shape = site.shape, site.inputs[0].shape.isFlat, site.output.shape.isFlat,
            let tap = PointConvolution.tap(shape.window), shape.groups == 1 || shape.groups == shape.channels
        else { return nil }
        input = site.inputs[0]
        output = site.output
        added = site.added
        tail = site.tail
        rowsPerChannel = shape.rows / shape.groups
        let taps = shape.window.taps
        let held = LayerArrays(ofTap: tap, of: taps, layer)
        if shape.groups > 1 {
            var weights = [Float](repeating: 0, count: shape.rows)
            for (number, value) in held.values.enumerated() { weights[held.indices?[number] ?? number] = value }
            (self.weights, bias, linear) = (weights, layer.bias, nil)
        } else {
            (weights, bias) = ([], [])
            linear = LinearPlanes(
                input: input, output: output, layer: held,
                shape: WeightShape(rows: shape.rows, channels: shape.channels))
        }
    }

    /// The one that reads an image of one point, for the one output.
    private static func tap(_ window: KernelWindow) -> Int? {
        let rows = window.vertical(1).inside(0), columns = window.horizontal(1).inside(0)
        return rows.count == 1 && columns.count == 1
            ? rows.lowerBound * window.width + columns.lowerBound : nil
    }

    var weightBytes: Int { linear?.weightBytes ?? 4 * weights.count }

    func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int) {
        linear?.run(memory, part: 0, of: 1)
        let x = input.origin(memory), y = output.origin(memory), added = added?.origin(memory)
        let step = output.layout.plane
        for row in 0..<tail.slopes.count {
            let place = y + row &* step
            let sum =
                linear != nil
                ? place[0] : pointSum(bias[row], weights[row], x[row / rowsPerChannel &* input.layout.plane])
            place[0] = tail.value(sum, row, adding: added?[row &* step])
        }
    }
}

extension LayerArrays {
    /// The weights of one tap alone.
    fileprivate init(ofTap tap: Int, of taps: Int, _ layer: LayerArrays) {
        self = layer
        slots = []
        biasSlots = []
        guard taps > 1 else { return }
        guard let held = layer.indices else {
            values = stride(from: tap, to: layer.values.count, by: taps).map { layer.values[$0] }
            return
        }
        var indices: [Int] = []
        values = []
        for (number, index) in held.enumerated() where index % taps == tap {
            indices.append(index / taps)
            values.append(layer.values[number])
        }
        self.indices = indices
    }
}
