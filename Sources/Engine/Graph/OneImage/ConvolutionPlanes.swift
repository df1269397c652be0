import Kernels

/// A convolution of one image, by its nonzeros or by all its weights.
struct ConvolutionPlanes: PlaneStep {
    private let input: PlaneTensor
    private let output: PlaneTensor
    private let added: PlaneTensor?
    private let tail: PlaneTail
    private let bias: FloatBuffer
    private let nonzeros: PlaneNonzeros?
    private let packing: PlanePacking?
    /// Of a strided one: its input taken apart, and where.
    private let phases: (planes: PlanePhases, start: Int)?
    /// Floats from the input's first point to that which tap (0, 0) reads for output (0, 0).
    private let origin: Int
    private let rows: Int

    init(_ site: inout PlaneSite) {
        guard let layer = site.layer, let shape = site.shape else { preconditionFailure("a convolution has weights") }
        let input = site.inputs[0], output = site.output
        self.input = input
        self.output = output
        added = site.added
        tail = site.tail
        rows = shape.rows
        bias = FloatBuffer(layer.bias)
        let plane: Int, tapOffset: (_ y: Int, _ x: Int) -> Int
        let window = shape.window
        if window.stride == KernelWindow.Axes(1) {
            phases = nil
            plane = input.layout.plane
            origin = -window.pads.top * input.layout.pitch - window.pads.left
            tapOffset = { $0 * window.dilation.y * input.layout.pitch + $1 * window.dilation.x }
        } else {
            let planes = PlanePhases(
                input: input.layout, outputHeight: output.shape.height, pitch: output.layout.pitch, window: window)
            phases = (planes, site.reserve(planes.floats))
            plane = planes.plane
            origin = 0
            tapOffset = { planes.offset(tapY: $0, tapX: $1) }
        }
        let channels = shape.channels / shape.groups, rowsPerGroup = shape.rows / shape.groups
        let width = window.width, perKernelRow = channels * width
        var offsets: [UInt32] = []
        for ky in 0..<window.height {
            for channel in 0..<channels {
                for kx in 0..<width { offsets.append(UInt32(channel * plane + tapOffset(ky, kx))) }
            }
        }
        let taps = window.taps
        // Columns are (channel, ky, kx), sums go by (ky, channel, kx).
        func column(_ term: Int) -> Int {
            let (ky, rest) = term.quotientAndRemainder(dividingBy: perKernelRow)
            return rest / width * taps + ky * width + rest % width
        }
        let columns = shape.columns
        let density = Double(layer.values.count) / Double(max(1, shape.weights))
        if shape.groups == 1, density >= ConvolutionPlanes.leastDenseDensity {
            var dense = layer.values
            if let indices = layer.indices {
                dense = [Float](repeating: 0, count: shape.weights)
                for (index, value) in zip(indices, layer.values) { dense[index] = value }
            }
            packing = PlanePacking(rows: rows, offsets: offsets) { dense[$0 * columns + column($1)] }
            nonzeros = nil
        } else {
            var termOf = [Int](repeating: 0, count: columns)
            for term in 0..<columns { termOf[column(term)] = term }
            var found: [(row: Int, offset: UInt32, value: Float, term: Int)] = []
            found.reserveCapacity(layer.values.count)
            for (number, value) in layer.values.enumerated() {
                let (row, column) = (layer.indices?[number] ?? number).quotientAndRemainder(dividingBy: columns)
                let term = termOf[column]
                let group = UInt32(row / rowsPerGroup * channels * plane)
                found.append((row, group + offsets[term], value, term))
            }
            if window.height > 1 { found.sort { ($0.row, $0.term) < ($1.row, $1.term) } }
            nonzeros = PlaneNonzeros(rows: rows, nonzeros: found.map { ($0.row, $0.offset, $0.value) })
            packing = nil
        }
    }

    var weightBytes: Int { nonzeros?.bytes ?? packing?.bytes ?? 0 }

    /// From here on all weights are multiplied: six rows share a load of points, where a nonzero has its own.
    static let leastDenseDensity = 0.6

    private var rowsPerBlock: Int { packing?.rowsPerBlock ?? 6 }
    private var blocks: Int { (rows + rowsPerBlock - 1) / rowsPerBlock }

    /// Multiply-adds below which it is not worth another thread.
    private static let leastWork = 400_000

    func parts(threads: Int) -> Int {
        // What is taken apart is not there before all of it is.
        guard phases == nil else { return 1 }
        let weights = nonzeros.map { $0.count } ?? rows * (packing?.terms ?? 0)
        return weights * output.layout.run < Self.leastWork ? 1 : min(threads, blocks)
    }

    func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int) {
        var x = UnsafePointer(input.origin(memory))
        if let phases {
            let target = memory + phases.start
            phases.planes.take(x, to: target, channels: 0..<input.layout.channels)
            x = UnsafePointer(target)
        }
        x += origin
        let block = rowsPerBlock, blocks = blocks
        let mine = blocks * part / parts * block..<min(rows, blocks * (part + 1) / parts * block)
        let y = output.origin(memory), count = output.layout.run, plane = output.layout.plane
        let added = added.map { UnsafePointer($0.origin(memory)) }
        if let nonzeros {
            planeSparse(
                nonzeros, bias: bias.pointer, rows: mine, count: count, x: x, y: y, plane: plane, tail: tail,
                added: added)
        } else if let packing {
            planeDense(
                packing, bias: bias.pointer, rows: mine, count: count, x: x, y: y, plane: plane, tail: tail,
                added: added)
        }
        tail.complete(mine, y, plane: plane, count: count)
        output.layout.clearBorders(y, channels: mine)
    }
}
