import Descriptors

/// A method of which the network computes with weights that are made of what is trained (a soft threshold, a gate, a mask over
/// weights that live on). At every boundary of steps the layer's values are those that the network answers with; the trained
/// ones are the method's first slot, and the optimizer changes them.
///
/// Its mask is that of all weights that may be trained, most of them zero as values, until the span ends: then zeros leave the
/// mask, and what is left is trained as in any other network. What is asked below is asked within the span alone.
///
/// Work is cut into stretches that follow from the sizes alone, so the bytes do not depend on threads.
package protocol LatentMethod: Method {
    var span: LatentSpan { get }
    /// The method's slots of a weight that comes with this value: in the first network, in one that a run begins from, or brought
    /// back by a person. What they make of it for an answer must be that value again. Of a value of zero after the span it must
    /// be zeros.
    func slots(of value: Float, layer: Int, step: Int) -> [Float]
    /// Before the forward pass of a training step: fills the values that this step computes with, from the latent ones.
    mutating func prepare(_ layers: [LayerMemory], _ context: StepContext)
    /// After the backward pass: turns the gradient of the values into that of the latent weights, in place, and changes what
    /// else the method trains by it.
    mutating func pullBack(_ layers: [LayerMemory], _ context: StepContext)
    /// After the optimizer: fills the values that the network answers with.
    mutating func project(_ layers: [LayerMemory], _ context: StepContext)
}

extension LatentMethod {
    package static var usesSchedule: Bool { false }
    package static var watchesSteps: Bool { true }
    package mutating func respond(to context: StepContext) -> [Decision] {
        context.scheduleStep == span.end ? [.dropZeros] : []
    }
    package func nextCut(after step: Int, schedule: any Schedule) -> Int? { step < span.end ? span.end : nil }
    package func target(at step: Int, schedule: any Schedule) -> Double? { nil }
    package func lastCut(_ schedule: any Schedule) -> Int? { span.end }

    // What the trainer calls, at any step.

    package mutating func beginStep(_ layers: [LayerMemory], _ context: StepContext) {
        if span.holds(context.scheduleStep) { prepare(layers, context) }
    }

    package mutating func endPass(_ layers: [LayerMemory], _ context: StepContext) {
        if span.holds(context.scheduleStep) { pullBack(layers, context) }
    }

    package mutating func endStep(_ layers: [LayerMemory], _ context: StepContext) {
        let step = context.scheduleStep
        if span.holds(step) { project(layers, context) }
        for layer in layers {
            let values = layer.values, latent = layer.latent
            if step <= span.begin {
                layer.inStorage { for place in $0 { values[place] = latent[place] } }
            } else if step == span.end {
                // From here on the two are one. What the method kept beside is of no use any more.
                layer.inStorage { for place in $0 { latent[place] = values[place] } }
                for slot in layer.slots.dropFirst() { layer.inStorage { for place in $0 { slot[place] = 0 } } }
            } else if step > span.end {
                // A zero that a path was kept for, or that could not be dropped yet, stays one.
                layer.inStorage { places in
                    for place in places {
                        let kept = values[place] == 0 ? 0 : latent[place]
                        (latent[place], values[place]) = (kept, kept)
                    }
                }
            }
        }
    }

    /// `slots(of:)`, or outside the span the value alone.
    package func allSlots(of value: Float, layer: Int, step: Int) -> [Float] {
        if step < span.end { return slots(of: value, layer: layer, step: step) }
        return [value] + [Float](repeating: 0, count: Self.weightSlots.count - 1)
    }
}

/// A method that keeps arrays for each weight and writes them in every step, and changes nothing else in it.
package protocol ObservingMethod: Method {
    /// After the backward pass, before the optimizer: writes `layer.slots` alone.
    func observe(_ layer: LayerMemory, _ context: StepContext)
}

extension ObservingMethod {
    package static var watchesSteps: Bool { true }
}

/// The steps in which a latent method makes weights of what is trained.
package struct LatentSpan: Sendable, Equatable {
    package let begin: Int
    package let end: Int

    static let parameters = [
        Parameter("begin", "Completed steps of dense training before it begins", .step, default: .integer(0)),
        Parameter("end", "Completed steps after which zeros leave the mask, and the rest is trained on", .step),
    ]

    init(_ arguments: Arguments) throws {
        begin = arguments.integer("begin")
        end = arguments.integer("end")
        guard begin < end else {
            throw ArgumentError.outOfRange(
                name: "end", of: arguments.descriptor.name, value: "\(end)", accepted: "more than begin (\(begin))")
        }
    }

    /// - Parameter step: with the step that is made counted.
    func holds(_ step: Int) -> Bool { step > begin && step <= end }
}
