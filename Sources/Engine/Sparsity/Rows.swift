/// Rankings of one output row each, as one ranking of the layer.
extension LiveWeights {
    /// Instead of a score its place in the ranking of its row, counted from the zeros that the row has already. Cut in this
    /// order, ties by position, the row with the fewest zeros always loses the next weight, its lowest.
    /// - Complexity: O(nnz · log(nnz a row)).
    func placesInRows(_ scores: [Float]) -> [Float] {
        var places = [Float](repeating: 0, count: scores.count)
        var first = 0
        while first < scores.count {
            let row = position(first) / columns
            var end = first + 1
            while end < scores.count, position(end) / columns == row { end += 1 }
            let zeros = columns - (end - first)
            let ascending = (first..<end).sorted {
                let (left, right) = (Selection.key(scores[$0]), Selection.key(scores[$1]))
                return left == right ? $0 < $1 : left < right
            }
            for (place, live) in ascending.enumerated() { places[live] = Float(zeros + place) }
            first = end
        }
        return places
    }
}
