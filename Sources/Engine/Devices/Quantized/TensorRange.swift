import Graph
import Kernels

/// The ends that the 256 steps of a tensor are spread over; 0 is a step, whether it lies between them or not.
package struct TensorRange: Sendable, Equatable, Codable {
    /// Of the tensor.
    package var name: String
    package var low: Float
    package var high: Float
    /// Of outputs that are learned less a mean and in units of a deviation: the ends are in the data's own units. Nil: as the network
    /// has them, and in files of before.
    package var isInOwnUnits: Bool?

    package init(name: String, low: Float, high: Float) {
        self.name = name
        self.low = low
        self.high = high
    }

    package var isRange: Bool { low.isFinite && high.isFinite && low <= high }

    /// 256 steps over a range that holds 0, which is one of them.
    package var steps: (scale: Float, zero: Int32) {
        let low = min(Double(low), 0), high = max(Double(high), 0)
        let scale = Float((high - low) / 255)
        guard scale > 1e-30 else { return (1, 0) }
        return (scale, Int32(min(max((-128 - low / Double(scale)).rounded(), -128), 127)))
    }
}

extension Quantizer {
    /// Of each tensor, in order; those with one scale have one range.
    /// - Parameter images: what is measured, at least one.
    /// - Throws: `DeviceProblem` where a value is not finite.
    package func ranges(_ images: [[Float]], _ choice: any RangeChoice) throws -> [TensorRange] {
        let found = try firstRanges(images, choice)
        return draft.tensors.enumerated().map { number, tensor in
            let range = draft.fixed(number) ?? found[draft.first(number)]!
            return TensorRange(name: tensor.name, low: range.lowerBound, high: range.upperBound)
        }
    }

    /// Whether ranges are of this network's tensors, and numbers.
    package func fits(_ ranges: [TensorRange]) -> Bool { Self.fit(ranges, tensorNames) }

    package static func fit(_ ranges: [TensorRange], _ names: [String]) -> Bool {
        ranges.map(\.name) == names && ranges.allSatisfy(\.isRange)
    }

    /// The number of the tensor that is the answer.
    package var output: Int { draft.steps.last?.output ?? 0 }

    /// By name of a layer whose rows are summed: the tensor that it reads.
    package var layerInputs: [String: Int] { draft.layerInputs }

    package var tensorNames: [String] { draft.tensors.map(\.name) }

    /// Of each tensor the first of those that have one range; nil where the range is the rule's own.
    package var rangeGroups: [Int?] {
        draft.tensors.indices.map { draft.fixed($0) == nil ? draft.first($0) : nil }
    }

    /// The nodes of the folded graph whose values integers round, each with its tensor; −1 is the input. Values that are only
    /// moved, or chosen among rounded ones, are on the steps already; tensors that no node of the graph has are left out.
    package var roundedNodes: [(node: Int, tensor: Int)] {
        let nodes = float.graph.nodes
        let read = Set(draft.steps.flatMap(\.inputs))
        var found = [(node: -1, tensor: 0)]
        func add(_ tensor: Int) {
            let held = draft.tensors[tensor]
            if held.source >= 0, held.name == nodes[held.source].name { found.append((held.source, tensor)) }
        }
        for (number, tensor) in draft.tensors.enumerated() where tensor.constant != nil && read.contains(number) {
            add(number)
        }
        for step in draft.steps {
            // A blend of values lies between steps, and a clip may end between two.
            let staysOnSteps = step.isTied && step.kind != "resize" && [.none, .positive].contains(step.limits)
            if !staysOnSteps { add(step.output) }
        }
        return found
    }
}
