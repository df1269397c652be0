import Graph

/// Which units of a network can go without changing its function, and what then becomes of the constants that they gave.
struct UnitVerdicts {
    /// Roots of groups.
    private(set) var going: Set<Int> = []
    /// Of each unit that does nothing and stays: why.
    private(set) var stays: [String] = []
    private let flow: UnitFlow
    private let groups: AxisGroups
    private let graph: Graph
    private let isApproximate: Bool
    /// By root: what its going would change.
    private var changes: [Int: Set<String>] = [:]
    /// Of nodes that use weights, by channel: whether a row that counts reads it.
    private let reads: [[Bool]?]

    init(_ groups: AxisGroups, _ arrays: GraphArrays, isApproximate: Bool, forced: Set<Int>) throws {
        self.groups = groups
        self.isApproximate = isApproximate
        graph = groups.graph
        let flow = try UnitFlow(groups, arrays)
        self.flow = flow
        reads = groups.graph.nodes.indices.map { number in
            guard let weights = flow.weights[number] else { return nil }
            var reads = [Bool](repeating: false, count: weights.shape.channels)
            let rows = groups.elements.first(number, axis: 0)
            weights.forEachNonzero { row, channel, _, _, _ in
                if flow.isRead[rows + row] { reads[channel] = true }
            }
            return reads
        }
        for group in groups.removable {
            switch verdict(group.members, isForced: forced.contains(group.root)) {
            case .works: break
            case .goes(let changed):
                going.insert(group.root)
                changes[group.root] = changed
            case .stays(let reason): stays.append(reason)
            }
        }
        // Units that do nothing among those that no rule lets go.
        var told = Set<Int>()
        for (number, node) in graph.nodes.enumerated() where node.summedWeights != nil {
            for element in groups.elements.range(number, axis: 0) {
                guard let reason = groups.refusals[groups.roots[element]], isIdle(element),
                    told.insert(groups.roots[element]).inserted, number < graph.nodes.count - 1
                else { continue }
                stays.append(reason)
            }
        }
    }

    private enum Verdict {
        /// It does something.
        case works
        case goes(changed: Set<String>)
        case stays(String)
    }

    private func isIdle(_ element: Int) -> Bool { !flow.varies[element] || !flow.isRead[element] }

    private func verdict(_ members: [AxisGroups.Member], isForced: Bool) -> Verdict {
        func element(_ member: AxisGroups.Member) -> Int {
            groups.elements.first(member.value, axis: member.axis) + member.number
        }
        let isIdle = members.allSatisfy { self.isIdle(element($0)) }
        var changed = Set<String>()
        for member in members {
            for reader in graph.readers(of: member.value) where flow.valueIsRead[reader + 1] {
                for (place, input) in graph.nodes[reader].inputs.enumerated() where input == member.value {
                    guard let found = problem(member, element(member), place, reader) else { continue }
                    if isForced || isIdle && isApproximate && found.mayPass {
                        changed.insert(found.reason)
                    } else {
                        return isIdle ? .stays(found.reason) : .works
                    }
                }
            }
        }
        return .goes(changed: changed)
    }

    private struct Problem {
        var reason: String
        /// Whether the answer changes a little only.
        var mayPass = false
    }

    /// What a reader makes of it that would be missing.
    private func problem(
        _ member: AxisGroups.Member, _ element: Int, _ place: Int, _ reader: Int
    ) -> Problem? {
        let node = graph.nodes[reader]
        if let reads = reads[reader], member.axis == 0 {
            guard reads[member.number] else { return nil }
            guard !flow.varies[element] else { return Problem(reason: "'\(node.name)' reads them") }
            let values = constant(member)
            guard let first = values.first else { return Problem(reason: "'\(node.name)' reads them") }
            if values.allSatisfy({ $0 == 0 }) { return nil }
            let isShared = node.weightsOf != nil || graph.users(ofWeightsOf: reader).count > 1
            if isShared {
                return Problem(reason: "what they send to '\(node.name)' has no bias of its own to go to")
            }
            let hasBorder = node.weightShape!.window.pads.widest > 0
            guard hasBorder || !values.allSatisfy({ $0 == first }) else { return nil }
            return Problem(
                reason: "what they send to '\(node.name)' is another along the border", mayPass: true)
        }
        switch groups.rules[reader].sum(of: .input(place, axis: member.axis)) {
        case .counting?:
            return Problem(reason: "'\(node.name)' counts them", mayPass: true)
        case .ofValues?:
            // What is not read is a factor of zeros.
            if flow.isZero[element] || !flow.isRead[element] { return nil }
            return Problem(reason: "'\(node.name)' sums them up")
        case nil: return nil
        }
    }

    private func constant(_ member: AxisGroups.Member) -> [Float] {
        guard member.value >= 0 else { return [] }
        return flow.constants.slice(
            member.value, graph.nodes[member.value].shape, axis: member.axis, member.number)
    }

    /// What the removal of some units changes, in sentences.
    func approximations(_ removed: Set<Int>) -> [String] {
        removed.reduce(into: Set<String>()) { $0.formUnion(changes[$1] ?? []) }.sorted()
    }

    /// Of each layer, by row: what its bias gains of the constants of removed units.
    func folds(_ removed: Set<Int>) -> [[Float]] {
        let layers = graph.layerNumbers
        var folds: [[Float]] = []
        for (number, node) in graph.nodes.enumerated() {
            guard let shape = node.weightShape else { continue }
            if node.weightsOf == nil { folds.append([Float](repeating: 0, count: shape.biases)) }
            guard let weights = flow.weights[number], let reads = reads[number] else { continue }
            let first = groups.elements.first(node.inputs[0], axis: 0)
            var values: [Int: Double] = [:]
            for channel in 0..<shape.channels
            where reads[channel] && !flow.varies[first + channel] && removed.contains(groups.roots[first + channel]) {
                let slice = constant(AxisGroups.Member(value: node.inputs[0], axis: 0, number: channel))
                guard !slice.isEmpty, slice.contains(where: { $0 != 0 }) else { continue }
                // Of a plane that is another along its border the middle, which most windows read.
                values[channel] = Double(slice[slice.count / 2])
            }
            guard !values.isEmpty else { continue }
            var sums = [Double](repeating: 0, count: shape.rows)
            weights.forEachNonzero { row, channel, _, value, _ in
                if let constant = values[channel] { sums[row] += Double(value) * constant }
            }
            for (row, sum) in sums.enumerated() { folds[layers[number]!][row] += Float(sum) }
        }
        return folds
    }
}
