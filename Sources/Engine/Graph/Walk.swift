import Kernels

// How elementwise operators walk their tensors: tasks of panel × channels, then runs of contiguous floats.

/// Runs `body` for each panel and block of channels, on the team. Blocks follow from the shape alone.
func forEachBlock(
    of shape: Shape, layout: ImageLayout, panels: Int, team: Team,
    _ body: (_ panel: Int, _ channels: Range<Int>) -> Void
) {
    let floatsPerChannel = max(1, shape.height * shape.width * layout.lanes)
    let width = max(1, min(shape.channels, 16_384 / floatsPerChannel))
    let blocks = (shape.channels + width - 1) / width
    team.run(tasks: panels * blocks) { task in
        let first = task % blocks * width
        body(task / blocks, first..<min(first + width, shape.channels))
    }
}

/// Calls `body` with the float offsets, one a layout, of each contiguous run of interior points: all channels at once
/// where no layout has a border, else one image row after another.
@inline(__always)
func forEachRun(
    _ layouts: [ImageLayout], panel: Int, channels: Range<Int>, _ body: (_ offsets: [Int], _ count: Int) -> Void
) {
    let shape = layouts[0]
    if layouts.allSatisfy({ $0.border == 0 }) {
        let offsets = layouts.map { panel * $0.panelFloats + $0.offset(channels.lowerBound) }
        body(offsets, channels.count * shape.plane * shape.lanes)
        return
    }
    for channel in channels {
        for line in 0..<shape.height {
            body(layouts.map { panel * $0.panelFloats + $0.offset(channel, line) }, shape.width * shape.lanes)
        }
    }
}
