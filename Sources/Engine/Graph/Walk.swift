import Kernels

// How elementwise operators walk their tensors: tasks of panel × channels, then runs of contiguous floats.

/// A panel's channels cut into blocks of about 64 KiB, which follow from the shape alone: task = panel · count + block.
struct Blocks {
    let count: Int
    private let channels: Int
    private let width: Int

    init(of shape: Shape, lanes: Int) {
        channels = shape.channels
        width = max(1, min(shape.channels, 16_384 / max(1, shape.height * shape.width * lanes)))
        count = (shape.channels + width - 1) / width
    }

    subscript(task: Int) -> (panel: Int, channels: Range<Int>) {
        let first = task % count * width
        return (task / count, first..<min(first + width, channels))
    }
}

/// Calls `body` with the float offsets in three layouts of each contiguous run of interior points: all channels at once
/// where all layouts are compact, else one image row after another.
@inline(__always)
func forEachRun(
    _ first: ImageLayout, _ second: ImageLayout, _ third: ImageLayout, panel: Int, channels: Range<Int>,
    _ body: (_ first: Int, _ second: Int, _ third: Int, _ count: Int) -> Void
) {
    func offset(_ layout: ImageLayout, _ channel: Int, _ line: Int) -> Int {
        panel * layout.panelFloats + layout.offset(channel, line)
    }
    if first.isCompact, second.isCompact, third.isCompact {
        let channel = channels.lowerBound
        body(
            offset(first, channel, 0), offset(second, channel, 0), offset(third, channel, 0),
            channels.count * first.plane * first.lanes)
        return
    }
    for channel in channels {
        for line in 0..<first.height {
            body(
                offset(first, channel, line), offset(second, channel, line), offset(third, channel, line),
                first.width * first.lanes)
        }
    }
}

/// The same in two layouts.
@inline(__always)
func forEachRun(
    _ first: ImageLayout, _ second: ImageLayout, panel: Int, channels: Range<Int>,
    _ body: (_ first: Int, _ second: Int, _ count: Int) -> Void
) {
    forEachRun(first, second, second, panel: panel, channels: channels) { body($0, $1, $3) }
}
