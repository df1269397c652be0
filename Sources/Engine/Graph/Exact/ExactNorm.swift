/// Batch normalisation: y = (x − mean) / √(variance + ε) · scale + shift by channel.
struct ExactNorm: ExactStep {
    let epsilon: Double

    func forward(_ site: ExactSite) {
        let x = site.inputs[0], y = site.output
        y.values = x.values
        forEachChannel(site) { channel, places in
            let (mean, inverse) = moments(site, channel, places)
            let (scale, shift) = (site.parameters[0][channel], site.parameters[1][channel])
            for place in places { y.values[place] = scale * ((x.values[place] - mean) * inverse) + Dual(shift) }
        }
    }

    func backward(_ site: ExactSite) {
        let x = site.inputs[0], y = site.output
        forEachChannel(site) { channel, places in
            let (mean, inverse) = moments(site, channel, places)
            let scale = site.parameters[0][channel]
            guard site.isTraining else {
                for place in places { x.gradient[place] += scale * (y.gradient[place] * inverse) }
                return
            }
            var sum = Dual.zero, product = Dual.zero
            for place in places {
                sum += y.gradient[place]
                product += y.gradient[place] * ((x.values[place] - mean) * inverse)
            }
            let share = 1 / Double(places.count)
            for place in places {
                let normed = (x.values[place] - mean) * inverse
                x.gradient[place] += scale * (inverse * (y.gradient[place] - share * sum - share * (normed * product)))
            }
        }
    }

    /// Mean, and one over the deviation.
    private func moments(_ site: ExactSite, _ channel: Int, _ places: [Int]) -> (Dual, Dual) {
        guard site.isTraining else {
            return (
                Dual(site.parameters[2][channel]), Dual(1) / Dual(site.parameters[3][channel] + epsilon).squareRoot
            )
        }
        let x = site.inputs[0], share = 1 / Double(places.count)
        let mean = share * places.reduce(Dual.zero) { $0 + x.values[$1] }
        let variance =
            share
            * places.reduce(Dual.zero) {
                let off = x.values[$1] - mean
                return $0 + off * off
            }
        return (mean, Dual(1) / (variance + Dual(epsilon)).squareRoot)
    }

    private func forEachChannel(_ site: ExactSite, _ body: (_ channel: Int, _ places: [Int]) -> Void) {
        let shape = site.output.shape
        let points = shape.features / shape.channels
        for channel in 0..<shape.channels {
            body(
                channel,
                (0..<site.samples).flatMap { sample in
                    (0..<points).map { sample * shape.features + channel * points + $0 }
                })
        }
    }
}
