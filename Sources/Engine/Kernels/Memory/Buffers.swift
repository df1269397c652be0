import Foundation

/// Memory aligned to a cache line; where it is large, to huge pages of 2 MiB, which the system is asked for: a gather
/// over a wide layer's activations goes to another page with each nonzero, and of small ones a processor knows only a few
/// thousand.
private func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let page = 2 << 20
    guard byteCount >= 2 * page else { return .allocate(byteCount: max(byteCount, 4), alignment: 64) }
    let raw = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: page)
    #if os(Linux)
        // A hint: where it is refused the pages are small and the results the same.
        _ = madvise(raw, byteCount, MADV_HUGEPAGE)
    #endif
    return raw
}

/// Memory for floats, aligned to a cache line and zeroed; what panels, weights and gradients lie in.
package final class FloatBuffer: @unchecked Sendable {
    // Unchecked: the pointer is constant; who writes where, and when, is the executor's plan (no two tasks of a
    // region write the same floats), not the buffer's.
    package let pointer: UnsafeMutablePointer<Float>
    package let count: Int

    package init(count: Int) {
        self.count = count
        let raw = allocate(byteCount: count * 4)
        pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        pointer.initialize(repeating: 0, count: max(count, 1))
    }

    package convenience init(_ values: [Float]) {
        self.init(count: values.count)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: values.count) }
        }
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    package var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    package func zero() { pointer.update(repeating: 0, count: count) }

    package subscript(index: Int) -> Float {
        get { pointer[index] }
        set { pointer[index] = newValue }
    }
}

/// Memory for indices and offsets, aligned to a cache line and constant once filled.
package final class IndexBuffer: @unchecked Sendable {
    // Unchecked: filled in `init`, read only afterwards.
    package let pointer: UnsafePointer<UInt32>
    package let count: Int

    package convenience init(_ values: [UInt32]) {
        self.init(count: values.count) { pointer in
            values.withUnsafeBufferPointer { source in
                if let base = source.baseAddress { pointer.initialize(from: base, count: values.count) }
            }
        }
    }

    /// - Parameter fill: writes all of them.
    package init(count: Int, _ fill: (UnsafeMutablePointer<UInt32>) -> Void) {
        self.count = count
        let raw = allocate(byteCount: count * 4)
        let bound = raw.bindMemory(to: UInt32.self, capacity: max(count, 1))
        fill(bound)
        pointer = UnsafePointer(bound)
    }

    deinit { UnsafeMutableRawPointer(mutating: pointer).deallocate() }

    package subscript(index: Int) -> UInt32 { pointer[index] }
}
