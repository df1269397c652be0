/// What of the axes of an operator's inputs and output is kept, for making the operator that does with it what this one does.
package struct AxisChange: Sendable {
    package let inputs: [Shape]
    package let output: Shape
    /// Of each input, of each axis: the numbers that stay, ascending.
    package let keptInputs: [[[Int]]]
    package let keptOutput: [[Int]]

    package init(inputs: [Shape], output: Shape, keptInputs: [[[Int]]], keptOutput: [[Int]]) {
        (self.inputs, self.output) = (inputs, output)
        (self.keptInputs, self.keptOutput) = (keptInputs, keptOutput)
    }

    package var newInputs: [Shape] { keptInputs.map { Shape($0.map(\.count)) } }
    package var newOutput: Shape { Shape(keptOutput.map(\.count)) }

    package func isWhole(input number: Int, axis: Int) -> Bool {
        keptInputs[number][axis].count == inputs[number][axis]
    }

    /// Lists of numbers of the first input, one for each axis of the output, as those who are left count them; −1 stays.
    /// - Returns: nil where one of them went whose reader did not.
    package func renumbered(_ lists: [[Int]]) -> [[Int]]? {
        var result: [[Int]] = []
        for (axis, numbers) in lists.enumerated() {
            var places = [Int](repeating: -1, count: inputs[0][axis])
            for (place, number) in keptInputs[0][axis].enumerated() { places[number] = place }
            var kept: [Int] = []
            for place in keptOutput[axis] {
                let number = numbers[place]
                if number >= 0, places[number] < 0 { return nil }
                kept.append(number < 0 ? -1 : places[number])
            }
            result.append(kept)
        }
        return result
    }
}
