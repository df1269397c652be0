import Foundation

/// Memory of the calling thread for the length of a call, uninitialized: from blocks that the thread keeps, so that what a
/// first step needed the others find. `withUnsafeTemporaryAllocation` goes to the heap beyond 1 KiB, in every call.
@inline(__always)
package func withScratch<Element, Result>(
    of type: Element.Type, capacity: Int, _ body: (UnsafeMutableBufferPointer<Element>) -> Result
) -> Result {
    let bytes = (capacity &* MemoryLayout<Element>.stride &+ 63) & ~63
    let arena = Arena.ofThread()
    let before = arena.pointee.place
    let start = arena.pointee.take(bytes)
    defer { arena.pointee.place = before }
    return body(UnsafeMutableBufferPointer(start: start.bindMemory(to: type, capacity: capacity), count: capacity))
}

/// The blocks of a thread, and up to where they are in use: calls nest, so what was taken last is given back first.
package struct Arena {
    /// Of a block at least.
    static let size = 2 << 20
    private var blocks = [UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)]
    package var place = (block: 0, used: 0)

    /// Memory after what is in use, aligned to a cache line; a new block where none has room. A block has a power of two of
    /// bytes, so that what wants a little more with each mask finds room, and all blocks are at most four times the largest.
    package mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        while place.block < blocks.count, place.used &+ bytes > blocks[place.block].count {
            place = (place.block &+ 1, 0)
        }
        if place.block == blocks.count {
            let size = max(Arena.size, 1 << (Int.bitWidth - (bytes - 1).leadingZeroBitCount))
            blocks.append(.allocate(byteCount: size, alignment: 64))
        }
        let start = blocks[place.block].baseAddress! + place.used
        place.used &+= bytes
        return start
    }

    private func free() { for block in blocks { block.deallocate() } }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { held in
            guard let arena = held?.assumingMemoryBound(to: Arena.self) else { return }
            arena.pointee.free()
            arena.deinitialize(count: 1)
            arena.deallocate()
        }
        precondition(status == 0, "no thread-specific memory")
        return key
    }()

    /// Makes it where the thread has none yet.
    package static func ofThread() -> UnsafeMutablePointer<Arena> {
        if let held = pthread_getspecific(key) { return held.assumingMemoryBound(to: Arena.self) }
        let arena = UnsafeMutablePointer<Arena>.allocate(capacity: 1)
        arena.initialize(to: Arena())
        pthread_setspecific(key, arena)
        return arena
    }
}
