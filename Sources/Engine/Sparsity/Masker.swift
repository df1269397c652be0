/// Score, then mask: which live weights stay when a target sparsity is asked for.
package struct Masker: Sendable {
    package let criterion: any Criterion
    package let granularity: any Granularity
    package let distribution: any Distribution

    package init(criterion: any Criterion, granularity: any Granularity, distribution: any Distribution) {
        self.criterion = criterion
        self.granularity = granularity
        self.distribution = distribution
    }
}
