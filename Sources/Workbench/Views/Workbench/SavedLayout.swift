import Foundation
import Training

/// What survives a crash: the open view, what was chosen in each, drafts, and every point measured.
package struct SavedLayout: Codable, Sendable, Equatable {
    package var version = 1
    package var view: ViewID
    package var layer: String?
    package var filter: String
    package var session: SessionState
    package var heat: HeatState
    package var threshold: ThresholdState
    package var drafts: Drafts
    package var measured: [Training.Measurement]

    /// A scale of a network that is no number any more must not keep the drafts from being saved.
    static var encoder: JSONEncoder {
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
            && left.session == right.session && left.heat == right.heat && left.threshold == right.threshold
            && left.drafts == right.drafts && left.measured.count == right.measured.count
            && left.measured.last?.isFinal == right.measured.last?.isFinal
    }
}

extension WorkbenchState {
    package var saved: SavedLayout {
        SavedLayout(
            view: view, layer: layer, filter: filter, session: session, heat: heat, threshold: threshold,
            drafts: drafts, measured: answers.measured)
    }

    /// As it was left; nil where the data is not such a layout, which costs a person nothing but the arrangement.
    package init?(restoring data: Data) {
        guard let saved = try? SavedLayout.decoder.decode(SavedLayout.self, from: data), saved.version == 1 else {
            return nil
        }
        self.init()
        view = saved.view
        layer = saved.layer
        filter = saved.filter
        session = saved.session
        heat = saved.heat
        threshold = saved.threshold
        drafts = saved.drafts
        answers.measured = saved.measured
    }
}
