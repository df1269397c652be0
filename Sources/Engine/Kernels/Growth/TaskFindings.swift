/// What each task found; a task writes its own alone.
package final class TaskFindings: @unchecked Sendable {
    private let held: UnsafeMutableBufferPointer<GradientTiles.Found>

    init(_ tasks: Int, count: Int) {
        held = .allocate(capacity: tasks)
        // One for all that have found nothing yet.
        held.initialize(repeating: (LargestValues(count: count, of: 0), []))
    }
    deinit {
        held.deinitialize()
        held.deallocate()
    }
    subscript(task: Int) -> GradientTiles.Found {
        get { held[task] }
        _modify { yield &held[task] }
    }
    /// The largest of all tasks, in rising positions.
    package func joined(_ map: WeightMap) -> [LargestValues.Entry] {
        let all = held[0].largest
        for part in held.dropFirst() { all.show(part.largest) }
        all.close()
        return all.inRisingPositions(rows: map.rows, columns: map.columns)
    }
    package var rows: [LargestValues.Entry] { held.flatMap(\.rows) }
}
