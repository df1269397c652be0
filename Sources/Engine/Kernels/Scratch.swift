import Foundation

/// Memory of the calling thread for the length of a call, uninitialized: from one block a thread, made once.
/// `withUnsafeTemporaryAllocation` goes to the heap beyond 1 KiB, in every call.
///
/// - Parameter capacity: beyond 256 KiB in all nested calls it comes from the heap after all.
@inline(__always)
func withScratch<Element, Result>(
    of type: Element.Type, capacity: Int, _ body: (UnsafeMutableBufferPointer<Element>) -> Result
) -> Result {
    let bytes = (capacity &* MemoryLayout<Element>.stride &+ 63) & ~63
    let arena = Arena.ofThread()
    guard arena.pointee.used &+ bytes <= Arena.size else {
        let heap = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        defer { heap.deallocate() }
        return body(UnsafeMutableBufferPointer(start: heap.bindMemory(to: type, capacity: capacity), count: capacity))
    }
    let start = arena.pointee.memory + arena.pointee.used
    arena.pointee.used &+= bytes
    defer { arena.pointee.used &-= bytes }
    return body(UnsafeMutableBufferPointer(start: start.bindMemory(to: type, capacity: capacity), count: capacity))
}

/// The block of a thread, and how much of it is in use.
struct Arena {
    static let size = 256 << 10
    let memory: UnsafeMutableRawPointer
    var used = 0

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { held in
            guard let arena = held?.assumingMemoryBound(to: Arena.self) else { return }
            arena.pointee.memory.deallocate()
            arena.deallocate()
        }
        precondition(status == 0, "no thread-specific memory")
        return key
    }()

    /// Makes it where the thread has none yet.
    static func ofThread() -> UnsafeMutablePointer<Arena> {
        if let held = pthread_getspecific(key) { return held.assumingMemoryBound(to: Arena.self) }
        let arena = UnsafeMutablePointer<Arena>.allocate(capacity: 1)
        arena.initialize(to: Arena(memory: .allocate(byteCount: size, alignment: 64)))
        pthread_setspecific(key, arena)
        return arena
    }
}
