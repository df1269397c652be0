import Foundation

/// A value behind a lock: the one lock of the code base. (`Synchronization.Mutex` gives false reports under the thread
/// sanitizer on Linux.)
package final class Locked<Value>: @unchecked Sendable {
    // Unchecked: `value` is only reached through `withLock`.
    private var value: Value
    private let lock = NSLock()

    package init(_ value: Value) { self.value = value }

    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
