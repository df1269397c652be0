import Dispatch
import Foundation
import Training

/// A folder for the length of a benchmark: gone at its end, and where a signal ends it.
final class BenchFolder {
    let path: String

    private static let held = Locked<Set<String>>([])
    private static let isEnding = Locked(false)
    private static let settingUp = DispatchSemaphore(value: 1)
    private var isSetUp = false
    private static let watch: Void = {
        let takeSignals = EndingSignals.hold()
        takeSignals { number in
            // A run's folder is made with those above it: not after these are gone.
            _ = settingUp.wait(timeout: .now() + 2)
            isEnding.withLock { $0 = true }
            for path in held.withLock({ $0 }) { remove(path) }
            _exit(128 + number)
        }
    }()

    /// Where a signal ends the process, its status is the signal's, not that of a benchmark whose folder went away.
    static func leaveToSignal() {
        while isEnding.withLock({ $0 }) { usleep(1000) }
    }

    init() throws {
        _ = BenchFolder.watch
        BenchFolder.settingUp.wait()
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("espalier-bench-\(UUID().uuidString)").path
        _ = BenchFolder.held.withLock { [path] in $0.insert(path) }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            finishSetup()
            throw error
        }
    }

    /// To be called once what works in the folder has made its own; a signal waits until then.
    func finishSetup() {
        guard !isSetUp else { return }
        isSetUp = true
        BenchFolder.settingUp.signal()
    }

    deinit {
        finishSetup()
        BenchFolder.remove(path)
        _ = BenchFolder.held.withLock { [path] in $0.remove(path) }
    }

    /// What still runs may write a last file in between: gone is what stays away for a while.
    private static func remove(_ path: String) {
        var absent = 0
        for _ in 0..<100 where absent < 5 {
            absent = FileManager.default.fileExists(atPath: path) ? 0 : absent + 1
            if absent == 0 { try? FileManager.default.removeItem(atPath: path) } else { usleep(2000) }
        }
    }
}
