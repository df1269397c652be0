import Kernels

// Elementwise operators run inside the task that has just written what they read, on the block it has written, while
// that is still in the cache. Which ones is decided from the graph; no operator knows what runs after it.

/// A step that can run on any block of channels of one panel by itself.
protocol BlockStep: Step {
    var site: Site { get }
    /// Whether its forward pass does anything, or a neighbour does it.
    var worksForward: Bool { get }
    func forward(panel: Int, channels: Range<Int>)
    /// Reads the gradient of the output in these channels, writes those of the inputs.
    func backward(panel: Int, channels: Range<Int>)
}

extension BlockStep {
    var worksForward: Bool { true }

    func forward(panels: Int) {
        let blocks = Blocks(of: site.inputs[0].shape, lanes: site.output.layout.lanes)
        let region =
            site.links.forward
            ?? Region { [unowned self] task in
                let (panel, channels) = blocks[task]
                forward(panel: panel, channels: channels)
                site.links.wrote(panels: panel..<panel + 1, channels: channels)
            }
        site.links.forward = region
        site.team.run(tasks: panels * blocks.count, region)
    }

    func backward(panels: Int) {
        let blocks = Blocks(of: site.inputs[0].shape, lanes: site.output.layout.lanes)
        let region =
            site.links.backward
            ?? Region { [unowned self] task in
                let (panel, channels) = blocks[task]
                backward(panel: panel, channels: channels)
                for input in site.inputs.indices {
                    site.links.wroteGradient(of: input, panels: panel..<panel + 1, channels: channels)
                }
            }
        site.links.backward = region
        site.team.run(tasks: panels * blocks.count, region)
    }
}

/// What runs in the tasks of a step, on each block that they finish. Filled when all steps of a network are made.
package final class Links {
    fileprivate var after: (any BlockStep)?
    /// By input.
    fileprivate var before: [(any BlockStep)?]
    /// All that run from here in the same task, in order. Going along the links, each task would count references of objects that
    /// all threads share: a processor waits for its stores with each, and takes the count from another.
    private var allAfter: [any BlockStep] = []
    private var allBefore: [[any BlockStep]]
    // The regions of a block step that runs by itself, made when first run.
    fileprivate var forward: Region?
    fileprivate var backward: Region?

    init(inputs: Int) {
        before = Array(repeating: nil, count: inputs)
        allBefore = Array(repeating: [], count: inputs)
    }

    /// To be called once all steps are linked.
    fileprivate func gather() {
        allAfter = following().filter(\.worksForward)
        allBefore = before.indices.map(preceding)
    }

    private func following() -> [any BlockStep] { after.map { [$0] + $0.site.links.following() } ?? [] }

    private func preceding(_ input: Int) -> [any BlockStep] {
        guard let step = before[input] else { return [] }
        let links = step.site.links
        return [step] + links.before.indices.flatMap { links.preceding($0) }
    }

    /// A task has written these channels of the output.
    func wrote(panels: Range<Int>, channels: Range<Int>) {
        if allAfter.isEmpty { return }
        for step in allAfter {
            for panel in panels { step.forward(panel: panel, channels: channels) }
        }
    }

    /// A task has written its share of the gradient of an input.
    func wroteGradient(of input: Int, panels: Range<Int>, channels: Range<Int>) {
        if allBefore[input].isEmpty { return }
        for step in allBefore[input] {
            for panel in panels { step.backward(panel: panel, channels: channels) }
        }
    }
}

/// Which steps have regions of their own, both ways; the others run in the tasks of those.
struct Fusion {
    /// Ascending.
    private(set) var forward: [Int] = []
    /// Descending.
    private(set) var backward: [Int] = []

    /// Links the steps of a graph.
    init(_ graph: Graph, steps: [any Step], links: [Links]) {
        // Forward: a block step follows its newest input, if all its other inputs are there by then.
        var heads = [Int](steps.indices)
        for (number, node) in graph.nodes.enumerated() {
            guard let step = steps[number] as? any BlockStep, !node.op.isReshape, let newest = node.inputs.max(),
                newest >= 0,
                !graph.nodes[newest].op.isReshape, links[newest].after == nil,
                node.inputs.allSatisfy({ $0 < 0 || heads[$0] <= heads[newest] })
            else {
                forward.append(number)
                continue
            }
            heads[number] = heads[newest]
            links[newest].after = step
        }
        // Backward: a block step follows the last that writes the gradient of its output, if the order in which
        // gradients are stored and added to stays the same.
        heads = [Int](steps.indices)
        for (number, node) in graph.nodes.enumerated().reversed() {
            let readers = graph.readers(of: number)
            guard let step = steps[number] as? any BlockStep, !node.op.isReshape, let last = readers.first,
                !graph.nodes[last].op.isReshape,
                graph.nodes[last].inputs.filter({ $0 == number }).count == 1,
                readers.dropFirst().allSatisfy({ heads[$0] > heads[last] }),
                node.inputs.allSatisfy({ input in
                    input < 0 || graph.readers(of: input).allSatisfy { $0 <= number || heads[$0] > heads[last] }
                })
            else {
                backward.append(number)
                continue
            }
            heads[number] = heads[last]
            links[last].before[graph.nodes[last].inputs.firstIndex(of: number)!] = step
        }
        for link in links { link.gather() }
    }
}
