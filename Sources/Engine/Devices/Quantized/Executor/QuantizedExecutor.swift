import CIntegers
import Graph
import Kernels
import Synchronization

/// A quantised network that answers fast, one sample after the other. It gives the bits that `QuantizedReference` gives.
package final class QuantizedExecutor: Sendable {
    private let network: QuantizedNetwork
    private let plan: IntegerPlan
    private let steps: [any IntegerStep]
    /// By node: its steps.
    private let stepsOf: [Range<Int>]
    /// Where the input stands without gaps, and the answer.
    private let image: Int
    private let answer: Int
    /// Of samples that are not being answered.
    private let memories = Mutex<[IntegerMemory]>([])

    /// - Complexity: O(weights + values).
    package init(_ network: QuantizedNetwork) {
        self.network = network
        var builder = IntegerBuilder(network)
        stepsOf = network.nodes.map { node in
            let first = builder.steps.count
            builder.add(node)
            return first..<builder.steps.count
        }
        image = builder.plan.reserve(network.tensors[0].count)
        answer = builder.plan.reserve(network.tensors[network.output].count)
        (plan, steps) = (builder.plan, builder.steps)
    }

    /// Of weights and their places, as they are held.
    package var weightBytes: Int { steps.reduce(0) { $0 + $1.weightBytes } }
    package var features: Int { network.tensors[0].count }
    package var outputs: Int { network.tensors[network.output].count }

    /// Memory for one sample at a time.
    package func memory() -> IntegerMemory {
        let memory = IntegerMemory(count: plan.count + IntegerPlan.slack)
        for (tensor, place) in zip(network.tensors, plan.tensors) {
            guard let constant = tensor.constant else { continue }
            place.take(constant.map { Int16(Int32($0) - tensor.zero) }, memory.pointer)
        }
        return memory
    }

    /// - Parameters:
    ///   - image: (channels, y, x).
    ///   - answer: gets the numbers of the output.
    package func run(
        _ memory: IntegerMemory, image: UnsafePointer<Float>, answer: UnsafeMutablePointer<Float>
    ) {
        let numbers = memory.pointer, input = network.tensors[0], output = network.tensors[network.output]
        espalier_round(
            image, numbers + self.image, Int32(features), input.scale, -128 - input.zero, 127 - input.zero)
        plan.tensors[0].take(numbers + self.image, numbers)
        for step in steps { step.run(numbers) }
        plan.tensors[network.output].give(numbers + self.answer, numbers)
        for place in 0..<outputs { answer[place] = Float(numbers[self.answer + place]) * output.scale }
    }

    package func answer(_ image: [Float]) -> [Float] { answers([image], team: nil)[0] }

    /// - Parameter team: runs samples side by side; nil where the calling thread runs all.
    package func answers(_ images: [[Float]], team: Team?) -> [[Float]] {
        precondition(images.allSatisfy { $0.count == features })
        let answers = FloatBuffer(count: images.count * outputs), strips = min(team?.size ?? 1, images.count)
        if strips > 1, let team {
            team.run(tasks: strips) { self.strip(images, of: strips, $0, answers) }
        } else {
            strip(images, of: 1, 0, answers)
        }
        return images.indices.map {
            Array(UnsafeBufferPointer(start: answers.pointer + $0 * outputs, count: outputs))
        }
    }

    /// Every so many images.
    private func strip(_ images: [[Float]], of strips: Int, _ number: Int, _ answers: FloatBuffer) {
        let memory = memories.withLock { $0.popLast() } ?? memory()
        for place in stride(from: number, to: images.count, by: strips) {
            run(memory, image: images[place], answer: answers.pointer + place * outputs)
        }
        memories.withLock { $0.append(memory) }
    }

    /// The value of every tensor of a sample that has just been answered.
    package func values(_ memory: IntegerMemory) -> [[Int8]] { network.tensors.indices.map { value(of: $0, memory) } }

    package func value(of tensor: Int, _ memory: IntegerMemory) -> [Int8] {
        let place = plan.tensors[tensor], zero = place.zero
        return withUnsafeTemporaryAllocation(of: Int16.self, capacity: place.count) { centred in
            place.give(centred.baseAddress!, memory.pointer)
            return centred.map { Int8(Int32($0) + zero) }
        }
    }

    /// Gives a tensor other values than its node would.
    package func put(_ values: [Int8], in tensor: Int, _ memory: IntegerMemory) {
        let place = plan.tensors[tensor]
        precondition(values.count == place.count)
        place.take(values.map { Int16(Int32($0) - place.zero) }, memory.pointer)
    }

    /// One node alone, of the values that its inputs have.
    package func run(node: Int, _ memory: IntegerMemory) {
        for step in steps[stepsOf[node]] { step.run(memory.pointer) }
    }
}
