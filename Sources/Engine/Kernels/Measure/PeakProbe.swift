import Dispatch

/// Single-core peak of this build's vectors, measured: ten independent chains of fused multiply-adds in registers (with AVX2 the
/// chains are eight lanes wide, for sixteen would need twenty registers).
package func peakGigaflops() -> Double {
    var best = 0.0
    for _ in 0..<5 {
        let start = DispatchTime.now().uptimeNanoseconds
        let rounds = 2_000_000
        let sum = fusedChains(rounds, ChainLanes(repeating: 1.0000001))
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        // Uses the sum, so that the loop is not thrown away.
        if sum != 0 { best = max(best, Double(rounds) * 10 * Double(ChainLanes.scalarCount) * 2 / seconds / 1e9) }
    }
    return best
}

@inline(never)
private func fusedChains(_ rounds: Int, _ w: ChainLanes) -> Float {
    var a = w, b = w * 2, c = w * 3, d = w * 4, e = w * 5, f = w * 6, g = w * 7, h = w * 8, i = w * 9, j = w * 10
    let x = ChainLanes(repeating: 1e-9)
    var round = 0
    while round < rounds {
        a = a.plus(w, times: x)
        b = b.plus(w, times: x)
        c = c.plus(w, times: x)
        d = d.plus(w, times: x)
        e = e.plus(w, times: x)
        f = f.plus(w, times: x)
        g = g.plus(w, times: x)
        h = h.plus(w, times: x)
        i = i.plus(w, times: x)
        j = j.plus(w, times: x)
        round &+= 1
    }
    return ((a + b) + (c + d) + (e + f) + (g + h) + (i + j))[0]
}
