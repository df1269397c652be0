import Foundation

/// Nanoseconds that the calling thread has had a processor. Other programs that take it away do not count, so kernels can be
/// compared on a busy machine; a call costs some tenths of a microsecond.
package func threadNanoseconds() -> Int {
    var time = timespec()
    guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
    return Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
}
