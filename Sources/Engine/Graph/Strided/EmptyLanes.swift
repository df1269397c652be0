import Kernels

// Kernels behind an operator multiply all lanes, those without a sample by gradients of zero: no lane may hold what is no number.
extension ImageLayout {
    /// Sets the lanes without a sample to zero in some channels of a panel.
    /// - Parameter samples: of the batch.
    func clearEmptyLanes(_ memory: UnsafeMutablePointer<Float>, panel: Int, channels: Range<Int>, samples: Int) {
        let held = samples - panel * lanes
        guard held < lanes else { return }
        for channel in channels {
            for line in 0..<height {
                var point = memory + panel * panelFloats + offset(channel, line)
                for _ in 0..<width {
                    (point + held).update(repeating: 0, count: lanes - held)
                    point += lanes
                }
            }
        }
    }
}

extension Pass {
    func panels(_ lanes: Int) -> Int { (samples + lanes - 1) / lanes }
}
