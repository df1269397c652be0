import Kernels

/// What the kernels of one layer cost on this machine, by density: the table that a sparse layer's kernels are chosen
/// from. A plain value; who measured it is none of the graph's business.
///
/// All figures are of the same amount of work, and only their ratios count.
package struct KernelCosts: Sendable, Codable, Equatable {
    /// Seconds of the three passes.
    package struct Passes: Sendable, Codable, Equatable {
        package var forward: Double
        package var inputGradient: Double
        package var weightGradient: Double

        package init(forward: Double, inputGradient: Double, weightGradient: Double) {
            self.forward = forward
            self.inputGradient = inputGradient
            self.weightGradient = weightGradient
        }

        var all: [Double] { [forward, inputGradient, weightGradient] }
    }

    /// What goes with the number of weights.
    package struct Point: Sendable, Codable, Equatable {
        package var density: Double
        package var sparse: Passes
        /// Of both gradients by the sparse kernels, in one pass where they have a kernel for that.
        package var gradients: Double
        /// Of taking the values to the packed copy, once a step for both passes that read it.
        package var scatter: Double
        /// Of taking the weight gradient from the packed scratch, once a step.
        package var gather: Double

        /// - Parameter gradients: nil where the passes are made one after the other.
        package init(density: Double, sparse: Passes, gradients: Double? = nil, scatter: Double, gather: Double) {
            self.density = density
            self.sparse = sparse
            self.gradients = gradients ?? sparse.inputGradient + sparse.weightGradient
            self.scatter = scatter
            self.gather = gather
        }

        fileprivate var all: [Double] { sparse.all + [gradients, scatter, gather] }
    }

    package var dense: Passes
    /// Ascending in density.
    package private(set) var points: [Point]
    /// How far the figures strayed while they were taken: 0.1 where the middle one of a row is a tenth above the least.
    package var spread: Double

    package init(dense: Passes, points: [Point] = [], spread: Double = 0) {
        self.dense = dense
        self.points = []
        self.spread = spread
        for point in points { insert(point) }
    }

    /// Densities at which the sparse kernels are timed; between them costs are interpolated, for they are close to
    /// straight lines.
    package static let densities = [leastDensity, 0.5, 0.7, 1]
    /// Below it no dense kernel is taken: it would have to be three times as fast a weight, and the packed copy of all
    /// weights would take more than 12 bytes for each that is there.
    package static let leastDensity = 0.35

    /// The one or two densities that a decision at `density` needs.
    package static func neighbours(of density: Double) -> [Double] {
        let below = densities.last { $0 <= density }, above = densities.first { $0 >= density }
        return [below, above == below ? nil : above].compactMap { $0 }
    }

    package mutating func insert(_ point: Point) {
        points.removeAll { $0.density == point.density }
        points.insert(point, at: points.firstIndex { $0.density > point.density } ?? points.count)
    }

    /// Whether these can be the figures of a measurement: a table from a damaged file must not be believed.
    package var isPlausible: Bool {
        let densities = points.map(\.density)
        return spread.isFinite && spread >= 0
            && (dense.all + points.flatMap(\.all)).allSatisfy { $0.isFinite && $0 >= 0 }
            && dense.all.allSatisfy { $0 > 0 } && densities.allSatisfy { $0 > 0 && $0 <= 1 }
            && zip(densities, densities.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// Costs at a density: between two points on the line through them, outside in proportion to the nearest.
    /// - Precondition: at least one point.
    package func point(at density: Double) -> Point {
        guard let above = points.firstIndex(where: { $0.density >= density }) else {
            return points[points.count - 1].scaled(to: density)
        }
        guard above > 0 else { return points[0].scaled(to: density) }
        let (low, high) = (points[above - 1], points[above])
        let share = (density - low.density) / (high.density - low.density)
        return Point(density: density, zip(low.all, high.all).map { $0 + share * ($1 - $0) })
    }

    /// With points that were taken beside other dense figures: what counts of them is how they compare with those.
    package func joined(by other: KernelCosts) -> KernelCosts {
        func ratio(_ mine: Double, _ theirs: Double) -> Double { theirs > 0 ? mine / theirs : 1 }
        let forward = ratio(dense.forward, other.dense.forward)
        let inputGradient = ratio(dense.inputGradient, other.dense.inputGradient)
        let weightGradient = ratio(dense.weightGradient, other.dense.weightGradient)
        let both = ratio(
            dense.inputGradient + dense.weightGradient, other.dense.inputGradient + other.dense.weightGradient)
        var joined = self
        for point in other.points {
            let factors = [forward, inputGradient, weightGradient, both, forward, weightGradient]
            joined.insert(Point(density: point.density, zip(point.all, factors).map { $0 * $1 }))
        }
        joined.spread = max(spread, other.spread)
        return joined
    }

    /// The table as real steps correct it: what they found at one density, and in proportion at the others.
    /// - Parameter steps: dense figures and one point.
    package func corrected(by steps: KernelCosts) -> KernelCosts {
        guard let found = steps.points.first, !points.isEmpty else { return steps }
        let factors = zip(found.all, point(at: found.density).all).map { $1 > 0 ? $0 / $1 : 0 }
        return KernelCosts(
            dense: steps.dense,
            points: points.map { Point(density: $0.density, zip($0.all, factors).map { $0 * $1 }) }, spread: spread)
    }

    /// A kernel is left only for one that takes less than this share of its time.
    package static let stay = 0.98

    /// The passes that the dense kernels should run.
    /// - Parameter now: those that they run at present; each pass stays as it is unless it gains more than 2 %.
    package func densePasses(at density: Double, now: DensePasses, needsInputGradient: Bool) -> DensePasses {
        guard density >= KernelCosts.leastDensity, !points.isEmpty else { return [] }
        let point = point(at: density)
        func seconds(_ passes: DensePasses) -> Double {
            self.seconds(passes, at: point, now: now, needsInputGradient: needsInputGradient)
        }
        return DensePasses.combinations.filter { $0.isAllowed(needsInputGradient: needsInputGradient) }
            .min { seconds($0) < seconds($1) } ?? []
    }

    /// Of all passes, some of them by dense kernels.
    package func seconds(_ passes: DensePasses, at density: Double, needsInputGradient: Bool) -> Double {
        seconds(passes, at: point(at: density), now: nil, needsInputGradient: needsInputGradient)
    }

    /// - Parameter now: passes that are dense at present; what stays as it is counts a little less.
    private func seconds(
        _ passes: DensePasses, at point: Point, now: DensePasses?, needsInputGradient: Bool
    ) -> Double {
        func cost(_ pass: DensePasses, dense: Double, sparse: Double) -> Double {
            let isDense = passes.contains(pass)
            return (isDense ? dense : sparse) * (isDense == now?.contains(pass) ? KernelCosts.stay : 1)
        }
        // The copy is made once for both passes that read it, so they are decided together; and so are the gradients, which
        // sparse kernels may make in one pass.
        let forward =
            (passes.readWeights ? point.scatter : 0)
            + cost(.forward, dense: dense.forward, sparse: point.sparse.forward)
        let gradients: DensePasses = [.inputGradient, .weightGradient]
        if needsInputGradient, passes.isDisjoint(with: gradients) {
            return forward + point.gradients * (now?.isDisjoint(with: gradients) == true ? KernelCosts.stay : 1)
        }
        return forward
            + (needsInputGradient
                ? cost(.inputGradient, dense: dense.inputGradient, sparse: point.sparse.inputGradient) : 0)
            + cost(.weightGradient, dense: dense.weightGradient + point.gather, sparse: point.sparse.weightGradient)
    }
}

extension DensePasses {
    /// A dense forward pass beside a sparse input gradient would need the packed copy and both patterns: more than 32 bytes
    /// a nonzero. The other way round there is no transposed pattern.
    fileprivate func isAllowed(needsInputGradient: Bool) -> Bool {
        needsInputGradient
            ? !contains(DensePasses.forward) || contains(DensePasses.inputGradient)
            : !contains(DensePasses.inputGradient)
    }
}

extension KernelCosts.Point {
    fileprivate init(density: Double, _ all: [Double]) {
        self.init(
            density: density,
            sparse: KernelCosts.Passes(forward: all[0], inputGradient: all[1], weightGradient: all[2]),
            gradients: all[3], scatter: all[4], gather: all[5])
    }

    fileprivate func scaled(to density: Double) -> KernelCosts.Point {
        KernelCosts.Point(density: density, all.map { $0 * density / self.density })
    }
}
