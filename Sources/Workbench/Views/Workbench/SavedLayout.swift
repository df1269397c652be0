import Foundation
import Training

/// What survives a crash: the open view, what was chosen in each, drafts, and every point measured.
package struct SavedLayout: Codable, Sendable, Equatable {
    package var version = 1
    package var view: ViewID
    package var layer: String?
    package var filter: String
    package var folded: [String]
    /// What was chosen in each view, under its name beside all others.
    let states: [ViewID: any ViewState]
    package var drafts: Drafts
    package var measured: [Training.Measurement]

    init(_ state: WorkbenchState) {
        view = state.view
        layer = state.layer
        filter = state.filter
        folded = state.folded.sorted()
        states = state.states
        drafts = state.drafts
        measured = state.answers.measured
    }

    /// A file is whatever somebody wrote there: what is wrong in it is as if it had not been chosen, and the rest stays.
    ///
    /// - Throws: where it is of another version, or no layout at all.
    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: Name.self)
        version = try saved.decode(Int.self, forKey: "version")
        guard version == 1 else {
            throw DecodingError.dataCorruptedError(
                forKey: "version", in: saved, debugDescription: "version \(version)")
        }
        view = ViewID(rawValue: saved.value("view", or: "")) ?? Views.home
        layer = saved.value("layer", or: nil)
        filter = saved.value("filter", or: "")
        folded = Array(saved.list("folded", of: String.self).prefix(Self.mostFolded))
        states = Dictionary(uniqueKeysWithValues: Views.all.map { ($0.id, $0.state(in: saved)) })
        drafts = saved.value("drafts", or: Drafts())
        measured = saved.list("measured", of: Training.Measurement.self).filter(\.isSound).suffix(Answers.mostMeasured)
    }

    package func encode(to encoder: any Encoder) throws {
        var saved = encoder.container(keyedBy: Name.self)
        try saved.encode(version, forKey: "version")
        try saved.encode(view, forKey: "view")
        try saved.encodeIfPresent(layer, forKey: "layer")
        try saved.encode(filter, forKey: "filter")
        try saved.encode(folded, forKey: "folded")
        for (view, state) in states { try state.encode(to: saved.superEncoder(forKey: Name(view.rawValue))) }
        try saved.encode(drafts, forKey: "drafts")
        try saved.encode(measured, forKey: "measured")
    }

    /// Views name their own entries.
    struct Name: CodingKey, ExpressibleByStringLiteral {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init(stringLiteral name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Groups of any network.
    private static let mostFolded = 100_000
    /// Drafts and points of years.
    static let mostBytes = 16 << 20
    /// What is said where it cannot be read.
    package static let unreadable = "the saved layout (workbench.json) cannot be read; the views begin anew"

    /// A scale of a network that is no number any more must not keep the drafts from being saved.
    package static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }

    package static func == (left: SavedLayout, right: SavedLayout) -> Bool {
        left.view == right.view && left.layer == right.layer && left.filter == right.filter
            && left.folded == right.folded
            && left.states.allSatisfy { view, state in right.states[view].map(state.equals) ?? false }
            && left.drafts == right.drafts && left.measured.count == right.measured.count
            && left.measured.last?.isFinal == right.measured.last?.isFinal
    }
}

extension WorkbenchState {
    package var saved: SavedLayout { SavedLayout(self) }

    /// As it was left; nil where the data is not such a layout, which costs a person nothing but the arrangement.
    package init?(restoring data: Data) {
        guard data.count <= SavedLayout.mostBytes,
            let saved = try? SavedLayout.decoder.decode(SavedLayout.self, from: data)
        else { return nil }
        self.init(view: saved.view, Array(saved.states.values))
        layer = saved.layer
        filter = saved.filter
        folded = Set(saved.folded)
        drafts = saved.drafts
        answers.measured = saved.measured
        isFitted = false
    }

    /// The same, or without a layout and with one that cannot be read a new one, which says so.
    init(restoringIfAny data: Data?) {
        self.init()
        guard let data else { return }
        if let restored = WorkbenchState(restoring: data) {
            self = restored
        } else {
            notice = Notice(SavedLayout.unreadable, .warning)
        }
    }
}

extension View {
    fileprivate static func state(in saved: KeyedDecodingContainer<SavedLayout.Name>) -> any ViewState {
        saved.value(SavedLayout.Name(id.rawValue), or: State())
    }
}
