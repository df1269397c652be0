import Foundation
import Testing
import Training

/// Questions and answers cross a port as they are: written and read back.
@Suite struct QuestionListTests {
    private let draft = keep(100, "fc1")

    private var asked: [Query] {
        [
            .map(
                MapQuery(
                    layer: "fc1", quantity: .draft, region: .foldOutput(output: 1, map: 0, y: 0..<8, x: 0..<8),
                    cellRows: 4, cellColumns: 4, draft: draft)),
            .cell(CellQuery(layer: "fc1", row: 1, column: 2)), .strip(layer: "fc1"),
            .histogram(HistogramQuery(scope: .layer("fc1"), draft: draft, bins: 9, logarithmic: true)),
            .summary(draft), .measure(draft), .attempt(draft, steps: 3), Query(SizeQuery(values: "half", edits: 2)),
            Query(LatencyQuery(draft)), Query(ImageCostQuery(edits: 1, measuresEnergy: true)),
        ]
    }

    @Test func everyKindHasAnotherName() {
        #expect(Set(Query.Kind.allCases).count == Questions.all.count)
        #expect(Set(asked.map(\.kind)).isSubset(of: Query.Kind.allCases))
    }

    @Test func questionsAreReadBack() throws {
        for query in asked {
            #expect(try JSONDecoder().decode(Query.self, from: JSONEncoder().encode(query)) == query)
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Query.self, from: Data(#"{"kind":"x","question":{}}"#.utf8))
        }
    }

    @Test func answersAreReadBack() throws {
        let answer = Answer(StripAnswer(biases: [1, -2.5]), to: StripQuery(layer: "fc1"))
        let read = try JSONDecoder().decode(Answer.self, from: JSONEncoder().encode(answer))
        #expect((read.reply as? StripAnswer)?.biases == [1, -2.5] && read.isLast)
        let refusal = try JSONDecoder().decode(Answer.self, from: JSONEncoder().encode(Answer.refused(.map, "no")))
        guard case .refused(.map, "no") = refusal else {
            Issue.record("\(refusal)")
            return
        }
    }
}
