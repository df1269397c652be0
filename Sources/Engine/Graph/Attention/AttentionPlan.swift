import Kernels

/// Attentions that a network which only answers runs as one step each: a product of activations, functions of single values, a
/// softmax along its rows and a product with those. The values between are never stored. Reshapes and transposes around them
/// become strides where they can.
///
///     queries ─ reshape ─┐
///     keys ── reshape ── product ─ scale ─ softmax ─ product ─ reshape ─ …
///     values ─ reshape ──────────────────────────────┘
///
/// What an attention absorbs is read by nothing else, and has no memory.
struct AttentionPlan {
    /// By node: the attention that writes its value.
    private(set) var attentions: [Int: Attention] = [:]
    /// By node: whether its value is never stored.
    private(set) var isAbsorbed: [Bool]

    /// - Complexity: O(nodes).
    init(_ graph: Graph) {
        isAbsorbed = [Bool](repeating: false, count: graph.nodes.count)
        for number in graph.nodes.indices {
            guard let attention = Attention(graph, second: number), isFree(attention) else { continue }
            attentions[attention.output.node] = attention
            for node in attention.absorbed { isAbsorbed[node] = true }
        }
    }

    /// Whether no other attention has to do with what it absorbs, and all that it reads is stored.
    private func isFree(_ attention: Attention) -> Bool {
        attention.inputs.allSatisfy { $0 < 0 || !isAbsorbed[$0] }
            && attention.absorbed.allSatisfy { !isAbsorbed[$0] && attentions[$0] == nil }
    }
}

/// softmax(f(A · B)) · V, found in a graph.
struct Attention {
    /// A value in memory, and the operators that only read it in other places, in their order.
    struct View {
        /// −1: the network's input.
        var node: Int
        var through: [Int] = []
    }

    /// (rows, depth) and (depth, keys), as the first product has them.
    let a, b: View
    /// The second product's other operand.
    let v: View
    /// What is written in its place; `through` are the second product's own and those behind it.
    let output: View
    let functions: [ValueFunction]
    let absorbed: [Int]
    private let first: MatMul
    private let second: MatMul
    /// Whether the shares are the second product's left operand; else they are its right one, turned.
    private let sharesAreLeft: Bool

    /// - Parameter number: a node that may be the second product.
    init?(_ graph: Graph, second number: Int) {
        let nodes = graph.nodes
        guard let second = nodes[number].op as? MatMul,
            let (side, softmax) = [0, 1].lazy.compactMap({ side in
                graph.softmaxOfRows(before: number, input: side).map { (side, $0) }
            }).first, side == 0 ? !second.transposesA : second.transposesB
        else { return nil }
        var absorbed = softmax, functions: [ValueFunction] = []
        var reader = softmax.last!
        while let place = graph.onlyInput(of: reader) {
            if let op = nodes[place].op as? any ValueOperator, !op.traits.contains(.makesZeros) {
                functions.insert(op.function, at: 0)
            } else if nodes[place].op.valueKind != .pass {
                break
            }
            absorbed.append(place)
            reader = place
        }
        guard let place = graph.onlyInput(of: reader), let first = nodes[place].op as? MatMul,
            (nodes[place].inputShapes + nodes[number].inputShapes).allSatisfy({ $0.rank > 1 }),
            nodes[place].shape.axes.dropLast(2) == nodes[number].shape.axes.dropLast(2)
        else { return nil }
        a = graph.view(of: nodes[place].inputs[0], for: place)
        b = graph.view(of: nodes[place].inputs[1], for: place)
        v = graph.view(of: nodes[number].inputs[1 - side], for: number)
        output = graph.view(behind: number)
        absorbed += [place] + a.through + b.through + v.through + output.through
        (self.first, self.second, self.functions, sharesAreLeft) = (first, second, functions, side == 0)
        self.absorbed = absorbed
    }

    /// Nodes that A, B and V come from.
    var inputs: [Int] { [a.node, b.node, v.node] }

    /// - Parameter site: its inputs are those of `inputs`.
    func step(_ site: Site, _ graph: Graph) -> any Step {
        StridedStep(site, AttentionKernel(self, graph, StridedPlaces(site)))
    }
    func planeStep(_ site: PlaneSite, _ graph: Graph) -> any PlaneStep {
        StridedPlanes(site, AttentionKernel(self, graph, StridedPlaces(site)))
    }

    /// What runs it on values that lie so.
    func product(a: AxisStrides, b: AxisStrides, v: AxisStrides, output: AxisStrides, _ graph: Graph)
        -> AttentionProduct
    {
        func strides(_ view: View, _ memory: AxisStrides) -> AxisStrides {
            view.through.reduce(memory) { graph.view(through: $1, $0)! }
        }
        let a = strides(self.a, a), b = strides(self.b, b), v = strides(self.v, v)
        let c = graph.viewBack(self.output, output)!
        return AttentionProduct(
            a: first.transposesA ? a.turned : a, b: first.transposesB ? b.turned : b,
            // Of V · Sᵀ all is turned.
            v: (sharesAreLeft ? second.transposesB : !second.transposesA) ? v.turned : v,
            c: sharesAreLeft ? c : c.turned, functions: functions)
    }
}

extension Graph {
    /// The softmax along the last axis that is an input of a product, and nothing else; before it what stands between and does
    /// nothing where the network only answers.
    fileprivate func softmaxOfRows(before number: Int, input: Int) -> [Int]? {
        var found: [Int] = []
        var reader = number, place = nodes[number].inputs[input]
        while place >= 0, isReadOnce(place, by: reader) {
            found.append(place)
            if let op = nodes[place].op as? any SoftmaxOperator {
                let isLast = op.axis == -1 || op.axis == nodes[place].shape.rank - 1
                return isLast && !type(of: op).isLogarithm ? found : nil
            }
            guard nodes[place].op.valueKind == .pass else { return nil }
            reader = place
            place = nodes[place].inputs[0]
        }
        return nil
    }

    /// The one input of a node, where nothing else reads it.
    fileprivate func onlyInput(of number: Int) -> Int? {
        let place = nodes[number].inputs[0]
        return nodes[number].inputs.count == 1 && place >= 0 && isReadOnce(place, by: number) ? place : nil
    }

    private func isReadOnce(_ number: Int, by reader: Int) -> Bool {
        readers(of: number) == [reader] && nodes[reader].inputs.filter { $0 == number }.count == 1
    }

    /// From where a reader takes a value: past operators that only it reads.
    fileprivate func view(of number: Int, for reader: Int) -> Attention.View {
        var view = Attention.View(node: number)
        while view.node >= 0, readers(of: view.node) == [view.through.first ?? reader],
            nodes[view.node].inputs.count == 1, nodes[view.node].op is any MoveOperator
        {
            let source = nodes[view.node].inputs[0], through = [view.node] + view.through
            let shape = source < 0 ? input : nodes[source].shape
            var memory: AxisStrides? = .somewhere(shape)
            for node in through { memory = memory.flatMap { self.view(through: node, $0) } }
            guard memory != nil else { break }
            view = Attention.View(node: source, through: through)
        }
        return view
    }

    /// Where what a node writes can be written to at once: past operators that alone read it.
    fileprivate func view(behind number: Int) -> Attention.View {
        var view = Attention.View(node: number)
        while readers(of: view.node).count == 1, let next = readers(of: view.node).first, nodes[next].inputs.count == 1
        {
            let longer = Attention.View(node: next, through: view.through + [view.node])
            guard viewBack(longer, AxisStrides.somewhere(nodes[next].shape)) != nil else { break }
            view = longer
        }
        return view
    }

    /// Where the points of a node lie in the memory of its one input.
    fileprivate func view(through number: Int, _ memory: AxisStrides) -> AxisStrides? {
        (nodes[number].op as? any MoveOperator)?.view(ofInput: memory, output: nodes[number].shape)
    }

    /// Where the points of the first node of `through` lie in the memory of `node`.
    fileprivate func viewBack(_ view: Attention.View, _ memory: AxisStrides) -> AxisStrides? {
        var memory: AxisStrides? = memory
        for (from, to) in zip(view.through, view.through.dropFirst() + [view.node]).reversed() {
            guard let op = nodes[to].op as? any MoveOperator else { return nil }
            memory = memory.flatMap { op.view(ofOutput: $0, input: nodes[from].shape) }
        }
        return memory
    }
}

extension AxisStrides {
    /// As tensors may lie, whatever borders there are and gaps behind channels: no two axes join but those between the first and
    /// the last.
    fileprivate static func somewhere(_ shape: Shape) -> AxisStrides {
        AxisStrides(axes: shape.axes, channel: 1 << 40, row: 1 << 31, point: 1, lanes: 1)
    }
}
