extension Graph {
    /// The layer whose weights each node uses, its own or another's.
    package var layerOfNode: [Int?] {
        var layers: [Int?] = []
        var count = 0
        for node in nodes {
            if let owner = node.weightsOf {
                layers.append(layers[owner])
            } else if node.weightShape != nil {
                layers.append(count)
                count += 1
            } else {
                layers.append(nil)
            }
        }
        return layers
    }
}
