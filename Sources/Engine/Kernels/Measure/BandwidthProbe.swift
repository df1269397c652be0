import Dispatch

/// Bytes a second between memory and the team's cores, measured: a = b + s · c over three arrays of `megabytes` each,
/// far beyond any cache, the best of several rounds.
///
/// A store to a line that is not in the cache reads it first and writes it back later, so an element counts 16 bytes
/// (STREAM's own convention counts 12); what is compared with this must count stores the same way.
/// Reference: McCalpin 1995, "Memory bandwidth and machine balance in current high performance computers".
package func memoryBandwidth(team: Team, megabytes: Int = 128) -> Double {
    let stretch = 1 << 14
    let tasks = max(1, megabytes << 18 / stretch)
    let count = tasks * stretch
    let a = FloatBuffer(count: count), b = FloatBuffer(count: count), c = FloatBuffer(count: count)
    var best = 0.0
    for _ in 0..<5 {
        let start = DispatchTime.now().uptimeNanoseconds
        team.run(tasks: tasks) { task in
            let first = task &* stretch
            triad(a.pointer + first, b.pointer + first, c.pointer + first, count: stretch)
        }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        best = max(best, 16 * Double(count) / seconds)
    }
    return best
}

private func triad(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>, count: Int
) {
    let s = SIMD16<Float>(repeating: 1.5)
    var index = 0
    while index < count {
        store16(load16(b + index).plus(s, times: load16(c + index)), a + index)
        index &+= 16
    }
}
