import Descriptors
import Kernels

/// The largest values of a sample stay, of the whole layer or of each channel; the others become 0, however many were there. The
/// gradient goes through those that stay.
package struct TopK: StridedOperator {
    package static let descriptor = Descriptor(
        name: "top-k", summary: "the largest values of a layer or of each channel, the others 0",
        citation: "Makhzani & Frey 2013, arXiv:1312.5663",
        parameters: [
            Parameter("keep", "share of the values that stays, one value at least", .number(1e-6...1)),
            Parameter(
                "over", "what they are the largest of: all of a sample, or each channel's points",
                .choice(["layer", "channel"]), default: .text("layer")),
        ])
    package static let cases =
        [[9], [2, 3, 3], [4, 5]].map {
            OperatorCase(["keep": .number(0.4)], inputs: [Shape($0)], samples: 18)
        }
        + [[2, 3, 3], [4, 5]].map {
            OperatorCase(["keep": .number(0.4), "over": .text("channel")], inputs: [Shape($0)], samples: 18)
        }

    private let keep: Double
    private let isByChannel: Bool

    package init(_ arguments: Arguments) throws {
        keep = arguments.number("keep")
        isByChannel = arguments.text("over") == "channel"
    }

    package var arguments: [String: Value] {
        ["keep": .number(keep), "over": .text(isByChannel ? "channel" : "layer")]
    }
    package var traits: OperatorTraits { [.keepsOrder, .makesZeros] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        guard !isByChannel || inputs[0].rank > 1 else {
            throw GraphError.shape(
                node: "", found: "\(inputs[0])", expected: "channels of several points, for 'over: channel'")
        }
        return inputs[0]
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        // Without one of them others would be the largest.
        isByChannel ? .byChannel() : AxisRule()
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        LargestKernel(places, over: Array(places.output.axes.indices.dropFirst(isByChannel ? 1 : 0)), share: keep)
    }
}

private struct LargestKernel: StridedKernel {
    private let work: LargestColumns
    private let dy: Columns
    private let dx: Columns
    private let parts: ColumnTasks

    init(_ places: StridedPlaces, over axes: [Int], share: Double) {
        let x = Columns(places.inputs[0], over: axes)
        let kept = max(1, min(x.length, Int((share * Double(x.length)).rounded())))
        work = LargestColumns(x: x, y: Columns(places.output, over: axes), kept: kept)
        dy = Columns(places.outputGradient, over: axes)
        dx = Columns(places.inputGradients[0], over: axes)
        parts = ColumnTasks(columns: x.count, length: x.length)
    }

    // A layer is one column, so the samples of a panel are shared out too.
    private var sampleParts: Int { max(1, work.lanes / 16) }
    var tasks: Int { parts.count * sampleParts }
    var gradientTasks: Int { tasks }
    private func samples(_ task: Int) -> Range<Int> {
        let each = work.lanes / sampleParts, first = task % sampleParts * each
        return first..<first + each
    }
    var rememberedFloats: Int { work.rememberedFloats }

    func forward(_ panel: StridedPanel, task: Int) {
        work.forward(
            columns: parts[task / sampleParts], samples: samples(task), panel.inputs[0], to: panel.output,
            remembered: panel.remembered)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let target = panel.inputGradients?[0], let remembered = panel.remembered
        else { return }
        work.backward(
            columns: parts[task / sampleParts], samples: samples(task), x: panel.inputs[0], dy: dy, self.dy, to: target,
            dx,
            adds: panel.adds![0], remembered: remembered)
    }
}
