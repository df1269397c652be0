import Foundation
import Training

/// What survives a crash: the open view, what was chosen in each, drafts, and every point measured.
package struct SavedLayout: Codable, Sendable, Equatable {
    package var version = 1
    package var view: ViewID
    package var layer: String?
    package var filter: String
    package var folded: [String]
    package var session: SessionState
    package var heat: HeatState
    package var threshold: ThresholdState
    package var drafts: Drafts
    package var measured: [Training.Measurement]

    init(_ state: WorkbenchState) {
        view = state.view
        layer = state.layer
        filter = state.filter
        folded = state.folded.sorted()
        session = state.session
        heat = state.heat
        threshold = state.threshold
        drafts = state.drafts
        measured = state.answers.measured
    }

    /// A file is whatever somebody wrote there: what is wrong in it is as if it had not been chosen, and the rest stays.
    ///
    /// - Throws: where it is of another version, or no layout at all.
    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        version = try saved.decode(Int.self, forKey: .version)
        guard version == 1 else {
            throw DecodingError.dataCorruptedError(forKey: .version, in: saved, debugDescription: "version \(version)")
        }
        view = saved.value(.view, or: .session)
        layer = saved.value(.layer, or: nil)
        filter = saved.value(.filter, or: "")
        folded = Array(saved.list(.folded, of: String.self).prefix(Self.mostFolded))
        session = saved.value(.session, or: SessionState())
        heat = saved.value(.heat, or: HeatState())
        threshold = saved.value(.threshold, or: ThresholdState())
        drafts = saved.value(.drafts, or: Drafts())
        measured = saved.list(.measured, of: Training.Measurement.self).filter(\.isSound).suffix(Answers.mostMeasured)
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
            && left.session == right.session && left.heat == right.heat && left.threshold == right.threshold
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
        self.init()
        view = saved.view
        layer = saved.layer
        filter = saved.filter
        folded = Set(saved.folded)
        session = saved.session
        heat = saved.heat
        threshold = saved.threshold
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
