import Kernels

// Elementwise operators run inside the task that has just written what they read, on the block it has written, while
// that is still in the cache. Which ones is decided from the graph; no operator knows what runs after it.

/// A step whose forward pass can run on any block of channels of one panel by itself, at least where nothing is trained.
protocol ForwardBlock: Step {
    var site: Site { get }
    /// Whether its forward pass does anything, or a neighbour does it.
    var worksForward: Bool { get }
    func forward(panel: Int, channels: Range<Int>)
}

extension ForwardBlock {
    var worksForward: Bool { true }
}

/// A step that can run on any block of channels of one panel by itself, both ways, in training too.
protocol BlockStep: ForwardBlock {
    /// Reads the gradient of the output in these channels, writes those of the inputs.
    func backward(panel: Int, channels: Range<Int>)
}

extension BlockStep {
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
    /// All that run from here in the same task, in order. Going along the links, each task would count references of objects that
    /// all threads share: a processor waits for its stores with each, and takes the count from another.
    fileprivate var allAfter: [any ForwardBlock] = []
    /// The same where the network only answers: batch normalisation needs no sums of the batch then.
    fileprivate var allAfterAnswering: [any ForwardBlock] = []
    /// Set between passes.
    var isAnswering = false
    /// By input.
    fileprivate var allBefore: [[any BlockStep]]
    // The regions of a block step that runs by itself, made when first run.
    fileprivate var forward: Region?
    fileprivate var backward: Region?

    init(inputs: Int) {
        allBefore = Array(repeating: [], count: inputs)
    }

    /// Whether anything runs behind the step in the pass at hand.
    var hasAfter: Bool { !(isAnswering ? allAfterAnswering : allAfter).isEmpty }
    /// The same on the way back.
    var hasBefore: Bool { allBefore.contains { !$0.isEmpty } }

    /// A task has written these channels of the output.
    func wrote(panels: Range<Int>, channels: Range<Int>) {
        if isAnswering {
            for step in allAfterAnswering {
                for panel in panels { step.forward(panel: panel, channels: channels) }
            }
        } else {
            for step in allAfter {
                for panel in panels { step.forward(panel: panel, channels: channels) }
            }
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
    /// The same where the network only answers.
    private(set) var answering: [Int] = []
    /// Descending.
    private(set) var backward: [Int] = []

    /// Links the steps of a graph. Only steps with regions of their own hold others, and these hold none: a chain of them is
    /// gathered, run and freed by a loop, however long it is.
    /// - Complexity: O(nodes).
    /// - Parameter isFollower: by node: whether a layer does its work when it stores its sums, where the network only answers.
    init(_ graph: Graph, steps: [any Step], links: [Links], isFollower: [Bool]) {
        forward = Fusion.heads(graph, steps: steps) {
            steps[$0] as? any BlockStep
        } link: {
            links[$0].allAfter.append($1)
        }
        answering = Fusion.heads(graph, steps: steps) {
            steps[$0] as? any ForwardBlock
        } link: {
            if !isFollower[$1.site.number] { links[$0].allAfterAnswering.append($1) }
        }
        // Backward: a block step follows the last that writes the gradient of its output, if the order in which
        // gradients are stored and added to stays the same.
        var heads = [Int](steps.indices)
        // Of the readers of a value that were seen so far, the first head.
        var firstHeads = [Int](repeating: steps.count, count: steps.count)
        // Of each node the one that follows it, by its input.
        var before = graph.nodes.map { [Int?](repeating: nil, count: $0.inputs.count) }
        for (number, node) in graph.nodes.enumerated().reversed() {
            defer {
                for input in node.inputs where input >= 0 { firstHeads[input] = min(firstHeads[input], heads[number]) }
            }
            let readers = graph.readers(of: number)
            guard steps[number] is any BlockStep, !node.op.traits.contains(.reshapes), let last = readers.first,
                !graph.nodes[last].op.traits.contains(.reshapes),
                graph.nodes[last].inputs.filter({ $0 == number }).count == 1,
                readers.dropFirst().allSatisfy({ heads[$0] > heads[last] }),
                node.inputs.allSatisfy({ $0 < 0 || firstHeads[$0] > heads[last] })
            else {
                backward.append(number)
                continue
            }
            heads[number] = heads[last]
            before[last][graph.nodes[last].inputs.firstIndex(of: number)!] = number
        }
        for head in backward {
            for input in before[head].indices {
                // Those of the first input, whole, before those of the second.
                var open = [before[head][input]].compactMap { $0 }
                while let number = open.popLast() {
                    links[head].allBefore[input].append(steps[number] as! any BlockStep)
                    open += before[number].reversed().compactMap { $0 }
                }
            }
        }
    }

    /// Forward: a block follows its newest input, if all its other inputs are there by then.
    /// - Parameters:
    ///   - block: a step that may follow another.
    ///   - link: gets the head that a step follows.
    /// - Returns: the heads, ascending.
    private static func heads(
        _ graph: Graph, steps: [any Step], _ block: (Int) -> (any ForwardBlock)?, link: (Int, any ForwardBlock) -> Void
    ) -> [Int] {
        var found: [Int] = []
        var heads = [Int](steps.indices)
        var isFollowed = [Bool](repeating: false, count: steps.count)
        for (number, node) in graph.nodes.enumerated() {
            guard let step = block(number), !node.op.traits.contains(.reshapes), let newest = node.inputs.max(),
                newest >= 0,
                !graph.nodes[newest].op.traits.contains(.reshapes), !isFollowed[newest],
                node.inputs.allSatisfy({ $0 < 0 || heads[$0] <= heads[newest] })
            else {
                found.append(number)
                continue
            }
            heads[number] = heads[newest]
            isFollowed[newest] = true
            if step.worksForward { link(heads[number], step) }
        }
        return found
    }
}
