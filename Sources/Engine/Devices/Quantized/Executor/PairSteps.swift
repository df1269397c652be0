import CIntegers
import Kernels

/// The sum of two tensors of one pitch, over their planes, borders and all.
struct AddedPlanes: IntegerStep {
    private let inputs: [IntegerTensor]
    private let output: IntegerTensor
    private let addition: espalier_addition
    private let run: IntegerRun

    /// Nil where it is another sum.
    init?(_ addition: QuantizedAddition, _ node: QuantizedNode, _ inputs: [IntegerTensor], _ output: IntegerTensor) {
        guard addition.pairs.isPlain,
            inputs.allSatisfy({
                $0.isAlike(output.shape) && $0.layout.pitch == output.layout.pitch
                    && $0.layout.isCompact == output.layout.isCompact
            })
        else { return nil }
        self.inputs = inputs
        self.output = output
        run = IntegerRun(output.layout)
        self.addition = espalier_addition(
            a_multiplier: addition.aMultiplier, b_multiplier: addition.bMultiplier, shift: addition.shift,
            low: Int16(node.low - output.zero), high: Int16(node.high - output.zero))
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        var addition = addition
        let layout = output.layout
        espalier_add_points(
            &addition, layout.isCompact ? 1 : Int32(layout.channels), Int32(run.vectors), inputs[0].origin(memory),
            inputs[0].layout.plane, inputs[1].origin(memory), inputs[1].layout.plane, output.origin(memory),
            layout.plane, run.mask.pointer)
    }
}

/// What meets two tensors value by value, either of which may repeat.
struct PairPoints: IntegerStep {
    enum Rule {
        case addition(QuantizedAddition)
        case product(Requantization)
        case extreme(isLargest: Bool)
    }
    private let rule: Rule
    /// Places in memory, by value of the output.
    private let a: IntegerArray<Int32>
    private let b: IntegerArray<Int32>
    private let y: IntegerArray<Int32>
    private let low: Int64
    private let high: Int64

    init(
        _ rule: Rule, _ pairs: QuantizedPairs, _ node: QuantizedNode, _ inputs: [IntegerTensor],
        _ output: IntegerTensor
    ) {
        self.rule = rule
        func places(_ tensor: IntegerTensor, _ strides: [Int]) -> IntegerArray<Int32> {
            let all = tensor.places
            let moved = AxisStrides(axes: pairs.axes, strides: strides, lanes: 1).offsets
            return IntegerArray(moved.map { all[Int($0)] })
        }
        a = places(inputs[0], pairs.aStrides)
        b = places(inputs[1], pairs.bStrides)
        y = IntegerArray(output.places)
        low = Int64(node.low - output.zero)
        high = Int64(node.high - output.zero)
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        switch rule {
        case .addition(let addition):
            let (ma, mb, shift) = (
                Int64(addition.aMultiplier), Int64(addition.bMultiplier), Int64(addition.shift)
            )
            let half = Int64(1) << (shift - 1)
            forEach(memory) { a, b in (Int64(a) &* ma &+ Int64(b) &* mb &+ half) &>> shift }
        case .product(let factor): forEach(memory) { a, b in factor(Int64(a) &* Int64(b)) }
        case .extreme(true): forEach(memory) { a, b in Int64(max(a, b)) }
        case .extreme(false): forEach(memory) { a, b in Int64(min(a, b)) }
        }
    }

    @inline(__always)
    private func forEach(_ memory: UnsafeMutablePointer<Int16>, _ body: (Int16, Int16) -> Int64) {
        let (a, b, y) = (a.pointer, b.pointer, y.pointer)
        for place in 0..<self.y.count {
            let value = body(memory[Int(a[place])], memory[Int(b[place])])
            memory[Int(y[place])] = Int16(truncatingIfNeeded: min(max(value, low), high))
        }
    }
}

extension QuantizedPairs {
    /// Neither repeats.
    fileprivate var isPlain: Bool {
        let plain = AxisStrides(axes: axes, lanes: 1).strides
        return axes.indices.allSatisfy {
            axes[$0] == 1 || (aStrides[$0] == plain[$0] && bStrides[$0] == plain[$0])
        }
    }
}
