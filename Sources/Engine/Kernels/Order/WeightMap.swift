/// Where the weights of a linear or convolution layer find their inputs and outputs. Made once a layer; the kernels
/// see only offsets and sweeps, so that linear and convolution are the same kernels.
///
/// A weight has a row (output), a channel (input) and a tap (ky · kw + kx). Its row-major position is
/// (row · channels a group + channel in the group) · taps + tap.
package struct WeightMap: Sendable {
    package private(set) var rows: Int
    /// Input channels of all groups.
    package private(set) var channels: Int
    /// Rows of a group read only the channels of that group; 1 where every row reads all.
    package private(set) var groups: Int
    package let window: KernelWindow
    package let input: ImageLayout
    package let output: ImageLayout
    /// The layout of dy; its border is as wide as the input gradient reads.
    package let outputGradient: ImageLayout
    package let inputGradient: ImageLayout
    /// What the kernels' sizes follow from.
    let caches: Caches

    /// x → y. Offsets of terms are added to the group's input.
    package let forward: Sweep
    /// The same walk for kernels of any run: an image row in equal runs.
    let gather: Sweep
    /// In chunks of 16 floats, by term, from the first channel of the row's group.
    package let termOffsets: IndexBuffer
    /// (x, dy): positions in ascending order, for the weight gradient; `input` is x, `output` is dy.
    package let positions: Sweep
    /// dy → dx, one phase for each residue of the input position modulo the stride.
    package let phases: [Phase]

    package struct Phase: Sendable {
        /// Ascending: the same columns of the kernel in each of `kernelRows` of its rows.
        package let taps: [Int]
        let kernelRows: Int
        var kernelColumns: Int { taps.count / max(1, kernelRows) }
        /// In chunks, by index in `taps`; relative to the plane of a row of dy.
        package let tapOffsets: [UInt32]
        package let sweep: Sweep
        /// The same walk in equal runs.
        let gather: Sweep
        /// And in runs for the kernel of both gradients; `inputs` walks over x beside it.
        let both: Sweep
        let inputs: Sweep
    }

    package var kernelHeight: Int { window.height }
    package var kernelWidth: Int { window.width }
    package var taps: Int { window.taps }
    package var channelsPerGroup: Int { channels / groups }
    package var columns: Int { channelsPerGroup * taps }
    /// The first channel that a row reads.
    @inline(__always)
    package func firstChannel(ofRow row: Int) -> Int { groups == 1 ? 0 : row / (rows / groups) * channelsPerGroup }
    package var weights: Int { rows * columns }
    /// From the first channel to that which a row begins with, in chunks.
    package func groupOffset(ofRow row: Int) -> UInt32 {
        UInt32(firstChannel(ofRow: row) * input.plane * input.lanes / 16)
    }
    /// In chunks.
    package var rowOffsetOfGradient: Int { outputGradient.plane * outputGradient.lanes / 16 }

    /// What some rows read of x.
    package func reach(ofRows rows: Range<Int>) -> Reach {
        let first = firstChannel(ofRow: rows.lowerBound)
        return Reach(
            planes: first..<firstChannel(ofRow: rows.upperBound - 1) + channelsPerGroup,
            planeFloats: input.plane * input.lanes,
            lead: ((window.extent.y - 1) * input.pitch + window.extent.x - 1) * input.lanes)
    }

    /// What the input gradient of some channels reads of dy in a phase.
    package func reach(ofChannels channels: Range<Int>, _ phase: Phase) -> Reach {
        let rowsPerGroup = rows / groups
        return Reach(
            planes: channels.lowerBound / channelsPerGroup
                * rowsPerGroup..<((channels.upperBound - 1) / channelsPerGroup + 1) * rowsPerGroup,
            planeFloats: rowOffsetOfGradient * 16, lead: Int(phase.tapOffsets.max() ?? 0) * 16)
    }

    /// Channels of x, where a kernel reads the points it stands for alone.
    func reach(ofInputs channels: Range<Int>) -> Reach {
        Reach(planes: channels, planeFloats: input.plane * input.lanes, lead: 0)
    }

    /// The first group as a layer of its own, between the planes of all.
    var ofOneGroup: WeightMap {
        var one = self
        (one.rows, one.channels, one.groups) = (rows / groups, channelsPerGroup, 1)
        return one
    }
    /// From the first plane of x to that which a group begins with.
    func inputFloats(ofGroup group: Int) -> Int { group * channelsPerGroup * input.plane * input.lanes }

    /// Rows of weights of which a task takes one or more times so many, and channels of the input gradient: multiples of
    /// six, the dense kernel's rows, or whole groups.
    package var rowsPerBlock: Int { WeightMap.block(rows, group: groups == 1 ? 1 : rows / groups) }
    package var channelsPerBlock: Int { WeightMap.block(channels, group: groups == 1 ? 1 : channelsPerGroup) }
    package var rowBlocks: Int { (rows + rowsPerBlock - 1) / rowsPerBlock }
    package var channelBlocks: Int { (channels + channelsPerBlock - 1) / channelsPerBlock }
    /// Of an image a block of channels is three strips, and a task of the kernel of both gradients takes some of these: it
    /// takes all panels, so there are few such tasks, and they should come out even.
    var stripsPerBlock: Int { input.isFlat || channelsPerBlock % 3 != 0 ? 1 : 3 }
    var channelsPerStrip: Int { channelsPerBlock / stripsPerBlock }
    package var channelStrips: Int { (channels + channelsPerStrip - 1) / channelsPerStrip }
    private static func block(_ count: Int, group: Int) -> Int {
        let block = max(12, ((count + 7) / 8 + 5) / 6 * 6)
        return (block + group - 1) / group * group
    }

    /// - Precondition: `input.border` ≥ the widest pad; `outputGradient.border` ≥ `window.gradientBorder(…)`.
    package init(
        input: ImageLayout, output: ImageLayout, inputGradient: ImageLayout, outputGradient: ImageLayout,
        window: KernelWindow = KernelWindow(), groups: Int = 1, caches: Caches = .machine
    ) {
        self.window = window
        self.caches = caches
        precondition(input.border >= window.pads.widest)
        precondition(input.channels % groups == 0 && output.channels % groups == 0)
        self.groups = groups
        self.rows = output.channels
        self.channels = input.channels
        self.input = input
        self.output = output
        self.inputGradient = inputGradient
        self.outputGradient = outputGradient
        let lanes = input.lanes
        let (stride, dilation, pads) = (window.stride, window.dilation, window.pads)

        func inside(_ row: Int) -> Range<Int> {
            WeightMap.kernelRowsInside(window.height, height: input.height) {
                row * stride.y - pads.top + $0 * dilation.y
            }
        }
        func walk(_ runs: Sweep.Runs, flatGroup: Int? = nil) -> Sweep {
            Sweep(
                rows: output.height, columns: output.width, lanes: lanes,
                inputOrigin: input.offset(0, -pads.top, -pads.left),
                inputStep: (stride.y * input.pitch * lanes, stride.x * lanes),
                outputOrigin: output.offset(0), outputStep: (output.pitch * lanes, lanes),
                inputPanelFloats: input.panelFloats, outputPanelFloats: output.panelFloats, runs: runs,
                flatGroup: flatGroup, caches: caches, kernelRows: inside)
        }
        forward = walk(.powersOfTwo)
        gather = walk(.equal(longestGather), flatGroup: longestFlatGather)
        positions = Sweep(
            rows: output.height, columns: output.width, lanes: lanes,
            inputOrigin: input.offset(0, -pads.top, -pads.left),
            inputStep: (stride.y * input.pitch * lanes, stride.x * lanes),
            outputOrigin: outputGradient.offset(0), outputStep: (outputGradient.pitch * lanes, lanes),
            inputPanelFloats: input.panelFloats, outputPanelFloats: outputGradient.panelFloats,
            runs: .equal(longestDot),
            flatRun: 4, caches: caches, kernelRows: inside)
        var offsets: [UInt32] = []
        let channelsPerGroup = input.channels / groups
        offsets.reserveCapacity(channelsPerGroup * window.taps)
        for ky in 0..<window.height {
            for channel in 0..<channelsPerGroup {
                for kx in 0..<window.width {
                    let point = channel * input.plane + ky * dilation.y * input.pitch + kx * dilation.x
                    offsets.append(UInt32(point * lanes / 16))
                }
            }
        }
        termOffsets = IndexBuffer(offsets)
        phases = WeightMap.phases(
            input: input, inputGradient: inputGradient, outputGradient: outputGradient, window: window, caches: caches)
    }

    // dx at Y takes the taps ky with (Y + top − dilation · ky) divisible by the stride, from dy at that quotient. With
    // Y = Y0 + stride · j it is the quotient at Y0, plus j.
    private static func phases(
        input x: ImageLayout, inputGradient dx: ImageLayout, outputGradient dy: ImageLayout, window: KernelWindow,
        caches: Caches
    ) -> [Phase] {
        let lanes = dx.lanes, stride = window.stride
        /// Taps of one axis that the phase of `first` takes, and the point of dy of each for `first`.
        func taken(
            _ first: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ before: Int
        ) -> [(tap: Int, point: Int)] {
            (0..<kernel).compactMap { tap in
                let place = first + before - tap * dilation
                return place % stride == 0 ? (tap, place / stride) : nil
            }
        }
        var phases: [Phase] = []
        for y0 in 0..<min(stride.y, dx.height) {
            let rows = taken(y0, window.height, stride.y, window.dilation.y, window.pads.top)
            for x0 in 0..<min(stride.x, dx.width) {
                let columns = taken(x0, window.width, stride.x, window.dilation.x, window.pads.left)
                // A row of the image further is a row of dy further.
                func inside(_ row: Int) -> Range<Int> {
                    columns.isEmpty
                        ? 0..<0 : kernelRowsInside(rows.count, height: dy.height) { rows[$0].point + row }
                }
                // Offsets count from the smallest address that the phase reads, so that they are not negative.
                let top = rows.map(\.point).min() ?? 0, left = columns.map(\.point).min() ?? 0
                var taps: [Int] = []
                var offsets: [UInt32] = []
                for row in rows {
                    for column in columns {
                        taps.append(row.tap * window.width + column.tap)
                        offsets.append(UInt32(((row.point - top) * dy.pitch + column.point - left) * lanes / 16))
                    }
                }
                let origin = taps.isEmpty ? 0 : dy.offset(0, top, left)
                func walk(
                    _ runs: Sweep.Runs, from origin: Int = origin, _ layout: ImageLayout = dy,
                    step: KernelWindow.Axes = KernelWindow.Axes(1), flatGroup: Int? = nil
                ) -> Sweep {
                    Sweep(
                        rows: (dx.height - y0 + stride.y - 1) / stride.y,
                        columns: (dx.width - x0 + stride.x - 1) / stride.x, lanes: lanes, inputOrigin: origin,
                        inputStep: (step.y * layout.pitch * lanes, step.x * lanes), outputOrigin: dx.offset(0, y0, x0),
                        outputStep: (stride.y * dx.pitch * lanes, stride.x * lanes),
                        inputPanelFloats: layout.panelFloats, outputPanelFloats: dx.panelFloats, runs: runs,
                        isFlat: dx.height <= stride.y && dx.width <= stride.x, flatGroup: flatGroup, caches: caches,
                        kernelRows: inside)
                }
                phases.append(
                    Phase(
                        taps: taps, kernelRows: taps.isEmpty ? 0 : rows.count, tapOffsets: offsets,
                        sweep: walk(.powersOfTwo),
                        gather: walk(.equal(longestGather), flatGroup: longestFlatGather),
                        both: walk(.equal(longestPair)),
                        inputs: walk(.equal(longestPair), from: x.offset(0, y0, x0), x, step: stride)))
            }
        }
        return phases
    }
}
