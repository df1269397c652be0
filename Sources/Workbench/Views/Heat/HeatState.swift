import Training

/// What was chosen in the Heat view. The cursor is a weight, (output, input), and stays one through every zoom.
package struct HeatState: ViewState {
    package static let view = ViewID.heat

    package var quantity = MapQuery.Quantity.kept
    package var row = 0
    package var column = 0
    package var zoom = 0
    /// First weight in view, of the matrix or of the folded map.
    package var originRow = 0
    package var originColumn = 0
    /// Layers that can be folded are.
    package var isFolded = true
    /// Upper ends of the scales, held until `0`, by layer, value and kind of map.
    package var scales: [String: Float] = [:]

    package init() {}

    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        quantity = saved.value(.quantity, or: .kept)
        row = saved.whole(.row, within: 0...mostOfAnything) ?? 0
        column = saved.whole(.column, within: 0...mostOfAnything) ?? 0
        zoom = saved.whole(.zoom, within: 0...Self.most) ?? 0
        originRow = saved.whole(.originRow, within: 0...mostOfAnything) ?? 0
        originColumn = saved.whole(.originColumn, within: 0...mostOfAnything) ?? 0
        isFolded = saved.value(.isFolded, or: true)
        scales = saved.ends(.scales)
    }

    /// Each level shows about half of the one before.
    static let most = 63

    /// Another layer is seen whole first.
    package mutating func enter(_ layer: LayerStatus?) {
        zoom = 0
        originRow = 0
        originColumn = 0
        clamp(to: layer)
    }

    mutating func clamp(to layer: LayerStatus?) {
        guard let layer else { return }
        row = max(0, min(layer.rows - 1, row))
        column = max(0, min(layer.columns - 1, column))
    }

    func folds(_ layer: LayerStatus) -> LayerStatus.Fold? {
        guard isFolded, let fold = layer.fold, fold.height * fold.width > 0 else { return nil }
        return fold
    }

    /// The values `m` goes through: a draft's fate only where there is a draft.
    static func quantities(_ hasDraft: Bool) -> [MapQuery.Quantity] {
        MapQuery.Quantity.allCases.filter { $0 != .draft || hasDraft }
    }

    static func scaleKey(_ query: MapQuery) -> String {
        let kind =
            switch query.region {
            case .matrix: "m"
            case .foldMean: "a"
            case .foldOutput: "o"
            }
        return "\(query.layer)/\(query.quantity.rawValue)/\(kind)"
    }

    package mutating func follow(_ snapshot: Snapshot, layer: LayerStatus?) { clamp(to: layer) }

    package mutating func learn(_ answer: Answer) {
        if let map = answer.reply as? MapAnswer { hold(map) }
    }

    /// The first map of a kind sets its scale.
    mutating func hold(_ answer: MapAnswer) {
        let key = HeatState.scaleKey(answer.query)
        if scales[key] == nil { scales[key] = answer.p99 }
    }
}

extension MapQuery.Quantity {
    /// As the title of the pane has it.
    var title: String {
        switch self {
        case .kept: "kept"
        case .magnitude: "|w|"
        case .signed: "signed w"
        case .gradient: "|gradient|"
        case .draft: "draft"
        case .change: "last change"
        case .age: "age"
        }
    }

    /// As the legend has it.
    var unit: String {
        switch self {
        case .kept: "share kept"
        case .magnitude: "mean |w| of the kept"
        case .signed: "mean w"
        case .gradient: "mean |gradient|"
        case .draft: "draft"
        case .change: "last change"
        case .age: "mean steps that it is there"
        }
    }
}

extension ViewID {
    package static let heat = ViewID("heat")
}

extension WorkbenchState {
    package var heat: HeatState {
        get { self[HeatState.self] }
        set { self[HeatState.self] = newValue }
    }
}
