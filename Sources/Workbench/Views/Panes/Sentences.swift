import Terminal
import Training

/// What `y` copies of a layer and of a figure.
extension Scene {
    var layerLine: String {
        guard let layer else { return "no layer" }
        var words =
            "\(layer.name) \(layer.shape): \(Format.count(layer.kept)) of \(Format.count(layer.weights)) kept, "
            + "\(Format.percent(layer.sparsity)) % zeros"
        if let dead = layer.deadUnits { words += ", \(dead) dead units" }
        if let share = layer.zeroActivations { words += ", \(Format.percent(share)) % zero activations" }
        return words + ", step \(Format.count(snapshot.step))"
    }

    func sentence(_ reading: Reading) -> String {
        let margin = figure.isAccuracy ? Format.decimal(reading.margin, 1) : figure.width(reading.margin)
        return "\(figure.named(reading.value)) ±\(margin) of \(Format.count(reading.count)) \(samples)"
    }
}
