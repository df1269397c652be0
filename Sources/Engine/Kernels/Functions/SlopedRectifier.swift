/// x, left of 0 times a slope that is trained: one for each channel (the first axis), one for all, or one for each point.
/// Reference: He et al. 2015, arXiv:1502.01852.
package struct SlopedRectifier: Sendable {
    package enum Sharing: String, Sendable, CaseIterable { case channel, all, value }

    private let sharing: Sharing
    /// Of one channel: (y, x).
    private let forwardLoops: Loops
    /// Of one channel: (dx, dy, x).
    private let backwardLoops: Loops
    private let channelStrides: (x: Int, y: Int, dx: Int, dy: Int)
    private let lanes: Int
    package let channels: Int
    /// Points of a channel.
    private let points: Int

    package init(_ sharing: Sharing, x: AxisStrides, y: AxisStrides, dx: AxisStrides, dy: AxisStrides) {
        self.sharing = sharing
        func rest(_ tensor: AxisStrides) -> AxisStrides {
            AxisStrides(
                axes: Array(tensor.axes.dropFirst()), strides: Array(tensor.strides.dropFirst()), lanes: x.lanes)
        }
        forwardLoops = Loops([rest(y), rest(x)])
        backwardLoops = Loops([rest(dx), rest(dy), rest(x)])
        func first(_ tensor: AxisStrides) -> Int { tensor.strides.first ?? 0 }
        channelStrides = (first(x), first(y), first(dx), first(dy))
        lanes = x.lanes
        channels = x.axes.first ?? 1
        points = rest(x).points
    }

    @inline(__always)
    private func slope(_ channel: Int, _ point: Int) -> Int {
        switch sharing {
        case .channel: channel
        case .all: 0
        case .value: channel &* points &+ point
        }
    }

    package func forward(
        channel: Int, _ x: UnsafePointer<Float>, slopes: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>
    ) {
        let x = x + channel &* channelStrides.x, y = y + channel &* channelStrides.y
        var point = 0
        forwardLoops.forEachRun { offsets, count, step in
            let to = y + offsets[0], from = x + offsets[1]
            if sharing != .value, step[0] == lanes, step[1] == lanes {
                run(LeakyRectifier(alpha: slopes[slope(channel, 0)]), from, to, count &* lanes)
            } else {
                for place in 0..<count {
                    let function = LeakyRectifier(alpha: slopes[slope(channel, point &+ place)])
                    run(function, from + place &* step[1], to + place &* step[0], lanes)
                }
            }
            point &+= count
        }
    }

    /// - Parameters:
    ///   - dx: nil where not wanted.
    ///   - sums: of the slopes' gradients, whole; those of this channel are written, of a shared slope one for each channel.
    package func backward(
        channel: Int, _ x: UnsafePointer<Float>, dy: UnsafePointer<Float>, slopes: UnsafePointer<Float>,
        to dx: UnsafeMutablePointer<Float>?, adds: Bool, sums: UnsafeMutablePointer<Float>
    ) {
        let x = x + channel &* channelStrides.x, dy = dy + channel &* channelStrides.dy
        let dx = dx.map { $0 + channel &* channelStrides.dx }
        var point = 0, chain = Sixteen.zero
        backwardLoops.forEachRun { offsets, count, step in
            for place in 0..<count {
                let number = slope(channel, point &+ place)
                let at = offsets &+ step &* SIMD4(repeating: place)
                for lane in stride(from: 0, to: lanes, by: 16) {
                    let value = load16(x + (at[2] &+ lane)), given = load16(dy + (at[1] &+ lane))
                    chain = chain.plus(given, times: value.replacing(with: 0, where: value .> 0))
                    guard let dx else { continue }
                    let target = dx + (at[0] &+ lane)
                    let gradient = given * LeakyRectifier(alpha: slopes[number]).slope(value)
                    store16(adds ? load16(target) + gradient : gradient, target)
                }
                if sharing == .value {
                    sums[number] = treeSum(chain)
                    chain = .zero
                }
            }
            point &+= count
        }
        if sharing != .value { sums[channel] = treeSum(chain) }
    }
}
