/// Whoever waits for what is measured on calibration samples: hears how far it is, and may not want it any more.
package struct CalibrationWatch {
    /// It was given up.
    struct Cancelled: Error {}

    let isCancelled: () -> Bool
    /// The share that is done, rising.
    let progress: (Double) -> Void

    package init(isCancelled: @escaping () -> Bool, progress: @escaping (Double) -> Void) {
        self.isCancelled = isCancelled
        self.progress = progress
    }
}

extension Calibration {
    /// Before each part of what answers a need; where it is false, whatever was found is not asked for.
    func goesOn(_ done: Int, of all: Int) -> Bool {
        guard let watch else { return true }
        watch.progress((Double(needsDone) + Double(done) / Double(max(1, all))) / Double(max(1, needsAll)))
        return !watch.isCancelled()
    }

    func requireWanted() throws {
        if watch?.isCancelled() == true { throw CalibrationWatch.Cancelled() }
    }
}
