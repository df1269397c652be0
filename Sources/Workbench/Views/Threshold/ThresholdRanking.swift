import Sparsity
import Terminal
import Training

extension ThresholdView {
    /// What the line ranks by: `:criterion wanda`, with Tab and `?` from the descriptors.
    static let ranking: [Verb] = [
        rankingVerb("criterion", "C", "what the line ranks weights by"),
        rankingVerb("granularity", "V", "what goes together: weights, blocks, kernels, channels"),
        rankingVerb("distribution", "D", "how a line of all layers is split over them"),
    ]

    private static func rankingVerb(_ key: String, _ letter: Character, _ title: String) -> Verb {
        let form = PartForm(key)
        var verb = Verb(key, [.character(letter)], title, in: .threshold, when: { $0.hasNetwork }) { state, _ in
            state.prompt = .line(.command, LineEditor(key + " "), nil)
            return []
        }.taking("name key=value …") { state, scene, words in
            do {
                choose(key, try form.value(words), &state, scene)
                return ([], nil)
            } catch {
                return ([], (error as? PartForm.Problem)?.sentence ?? "\(error)")
            }
        }
        verb.typing = Verb.Typing(complete: form.complete, note: form.note, explain: form.explain)
        return verb
    }

    /// What a line ranks by where nothing is said leaves the part out; an empty value is the run's own part.
    private static func choose(_ key: String, _ value: String, _ state: inout WorkbenchState, _ scene: Scene) {
        let plain = ["{name: magnitude}", "{name: weight}", "{name: global}"]
        state.threshold.ranking[key] = plain.contains(value) ? nil : value
        state.threshold.natural = [:]
        state.threshold.zoom = 0
        state.answers.wantAgain(.ranking)
        renew(&state, scene)
        let parts = Draft.rankingParts.compactMap { key in
            state.threshold.ranking[key].map { $0.isEmpty ? "the run's \(key)" : String($0.dropFirst(7).dropLast()) }
        }
        state.notice = Notice(
            parts.isEmpty
                ? "the line ranks single weights by size" : "the line ranks by \(parts.joined(separator: ", "))")
    }
}
