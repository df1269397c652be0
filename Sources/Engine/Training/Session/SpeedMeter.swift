import Dispatch

/// Samples a second over the latest steps, and of the same network dense, in the same run.
struct SpeedMeter {
    private var recent: [(samples: Int, nanoseconds: UInt64)] = []
    private var dense: [Double] = []
    private var denseTime: DispatchTime?

    mutating func record(samples: Int, nanoseconds: UInt64, isDense: Bool) {
        recent.append((samples, nanoseconds))
        if recent.count > 64 { recent.removeFirst() }
        // The first steps run into cold caches and are left out.
        if isDense, recent.count > 8 {
            dense.append(Double(samples) * 1e9 / Double(max(nanoseconds, 1)))
            if dense.count > 256 { dense.removeFirst() }
            denseTime = .now()
        }
    }

    /// A dense copy was timed: what was known of the dense network before is forgotten.
    mutating func recordDense(_ speeds: [Double]) {
        dense = speeds
        denseTime = .now()
    }

    /// Forgets the latest steps, after a cut or a pause.
    mutating func restart() { recent.removeAll(keepingCapacity: true) }

    var samplesPerSecond: Double? {
        guard recent.count >= 4 else { return nil }
        let samples = recent.reduce(0) { $0 + $1.samples }
        let time = recent.reduce(UInt64(0)) { $0 + $1.nanoseconds }
        return Double(samples) * 1e9 / Double(max(time, 1))
    }

    var denseSamplesPerSecond: Double? { dense.count >= 4 ? dense.sorted()[dense.count / 2] : nil }

    /// How long ago the dense network was timed.
    var denseAgeSeconds: Double? {
        denseTime.map { Double(DispatchTime.now().uptimeNanoseconds - $0.uptimeNanoseconds) / 1e9 }
    }
}
