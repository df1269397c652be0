import Sparsity
import Testing
import Training
import Views

@Suite struct InquiryTests {
    let draft = Draft(scope: .global, anchor: .kept(10))
    let other = Draft(scope: .global, anchor: .kept(20))

    private func summary(_ draft: Draft, step: Int = 1) -> DraftSummary {
        DraftSummary(
            draft: draft, layers: [], keptNow: 0, keptDraft: 0, total: 0, wouldReturn: 0, fileBytesNow: 0,
            fileBytesDraft: 0, deviation: 0, step: step)
    }

    @Test func aNewQuestionTakesThePlaceOfTheOneUnderWay() {
        var inquiry = Inquiry()
        let answers = Answers()
        #expect(inquiry.next([.summary(draft)], answers, stamp: 1, now: 0).ask == [.summary(draft)])
        #expect(inquiry.next([.summary(draft)], answers, stamp: 1, now: 0).ask == [])
        #expect(inquiry.next([.summary(other)], answers, stamp: 1, now: 0).ask == [.summary(other)])
        inquiry.received(Answer(summary(draft), to: SummaryQuery(draft)), to: .summary(draft), now: 0)
        #expect(inquiry.isWaiting)
    }

    @Test func oldAnswersAreAskedAgainFourTimesASecondAtMost() {
        var inquiry = Inquiry()
        var answers = Answers()
        _ = inquiry.next([.summary(draft)], answers, stamp: 1, now: 0)
        answers.receive(Answer(summary(draft), to: SummaryQuery(draft)), to: .summary(draft))
        inquiry.received(Answer(summary(draft), to: SummaryQuery(draft)), to: .summary(draft), now: 0)
        #expect(inquiry.next([.summary(draft)], answers, stamp: 1, now: 9).due == nil)
        let early = inquiry.next([.summary(draft)], answers, stamp: 2, now: 0.1)
        #expect(early.ask == [] && early.due == 0.25)
        #expect(inquiry.next([.summary(draft)], answers, stamp: 2, now: 0.25).ask == [.summary(draft)])
    }

    @Test func oneMapAtATime() {
        var inquiry = Inquiry()
        let maps = [1, 2].map { rows in
            Query.map(
                MapQuery(
                    layer: "a", quantity: .kept, region: .matrix(rows: 0..<rows, columns: 0..<1), cellRows: rows,
                    cellColumns: 1))
        }
        #expect(inquiry.next(maps, Answers(), stamp: 1, now: 0).ask == [maps[0]])
        #expect(inquiry.next(maps, Answers(), stamp: 1, now: 0).ask == [])
        inquiry.received(.refused(.map, "no"), to: maps[0], now: 0)
        #expect(inquiry.next(maps, Answers(), stamp: 1, now: 0).ask == [maps[1]])
    }

    @Test func aRefusalIsNotAskedAgainForTheSameWeights() {
        var inquiry = Inquiry()
        _ = inquiry.next([.measure(draft)], Answers(), stamp: 1, now: 0)
        inquiry.received(.refused(.measure, "no data"), to: .measure(draft), now: 0)
        #expect(inquiry.next([.measure(draft)], Answers(), stamp: 1, now: 99).ask == [])
    }

    @Test func measuringStopsWhenTheDraftIsDropped() {
        var inquiry = Inquiry()
        _ = inquiry.next([.measure(draft)], Answers(), stamp: 1, now: 0)
        #expect(inquiry.next([], Answers(), stamp: 1, now: 0).cancel == [.measure])
    }

    /// Part of an answer is none: what was stopped in the middle is begun anew.
    @Test func whatWasStoppedIsAskedAgain() {
        var inquiry = Inquiry()
        var answers = Answers()
        let query = Query.sensitivity(SensitivityQuery(layer: "a", weights: WeightsMark(masks: 1, step: 1)))
        guard let question = query.question as? SensitivityQuery else { fatalError() }
        _ = inquiry.next([query], answers, stamp: 1, now: 0)
        let part = Answer(SensitivityAnswer(query: question, all: 10, step: 1), to: question)
        inquiry.received(part, to: query, now: 1)
        answers.receive(part, to: query)
        #expect(inquiry.next([query], answers, stamp: 1, now: 2).ask == [])
        #expect(inquiry.next([], answers, stamp: 1, now: 3).cancel == [.sensitivity])
        inquiry.received(part, to: query, now: 3)
        #expect(inquiry.next([query], answers, stamp: 1, now: 4).ask == [query])
    }
}
