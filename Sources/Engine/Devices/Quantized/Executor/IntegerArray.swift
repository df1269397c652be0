/// Constant numbers for kernels in C, aligned to a cache line, with zeros behind the last that may be read.
final class IntegerArray<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>: @unchecked Sendable {
    // Unchecked: filled in `init`, read only afterwards.
    let pointer: UnsafePointer<Element>
    let count: Int

    init(_ values: [Element], slack: Int = 0) {
        count = values.count
        let total = max(1, count + slack)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: total * MemoryLayout<Element>.stride, alignment: 64)
            .bindMemory(to: Element.self, capacity: total)
        memory.initialize(repeating: 0, count: total)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { memory.update(from: base, count: values.count) }
        }
        pointer = UnsafePointer(memory)
    }

    deinit { UnsafeMutableRawPointer(mutating: pointer).deallocate() }

    var bytes: Int { count * MemoryLayout<Element>.stride }
}

/// The values of one sample while it is answered, of one thread.
package final class IntegerMemory: @unchecked Sendable {
    // Unchecked: one thread uses it at a time.
    let pointer: UnsafeMutablePointer<Int16>
    let count: Int

    init(count: Int) {
        self.count = count
        pointer = UnsafeMutableRawPointer.allocate(byteCount: 2 * count, alignment: 64)
            .bindMemory(to: Int16.self, capacity: count)
        pointer.initialize(repeating: 0, count: count)
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
