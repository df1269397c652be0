/// Every question that a session answers, in the order in which they are asked.
package enum Questions {
    package static let all: [any Question.Type] = [
        MapQuery.self, CellQuery.self, StripQuery.self, HistogramQuery.self, SummaryQuery.self, MeasureQuery.self,
        AttemptQuery.self, RunsQuery.self, TargetsQuery.self, ShrinkQuery.self, SizeQuery.self, LatencyQuery.self,
        ImageCostQuery.self,
        RankingQuery.self, SensitivityQuery.self, HistoryTimesQuery.self, DeleteRunQuery.self,
    ]

    package static func of(_ kind: Query.Kind) -> (any Question.Type)? { all.first { $0.kind == kind } }
}

extension Query.Kind: CaseIterable {
    package static var allCases: [Query.Kind] { Questions.all.map { $0.kind } }
}

// A question is written with the name of its kind, and so is an answer.
private enum Field: String, CodingKey { case kind, question, reply, refused }

extension Query: Codable {
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(kind, forKey: .kind)
        try question.encode(to: fields.superEncoder(forKey: .question))
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        let asked = try Questions.of(fields.decode(Query.Kind.self, forKey: .kind)).orThrow(fields)
        question = try asked.init(from: fields.superDecoder(forKey: .question))
    }
}

extension Answer: Codable {
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        switch self {
        case .given(let kind, let reply):
            try fields.encode(kind, forKey: .kind)
            try reply.encode(to: fields.superEncoder(forKey: .reply))
        case .refused(let kind, let sentence):
            try fields.encode(kind, forKey: .kind)
            try fields.encode(sentence, forKey: .refused)
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        let kind = try fields.decode(Query.Kind.self, forKey: .kind)
        if let sentence = try fields.decodeIfPresent(String.self, forKey: .refused) {
            self = .refused(kind, sentence)
        } else {
            let asked = try Questions.of(kind).orThrow(fields)
            self = .given(kind, try asked.reply(from: fields.superDecoder(forKey: .reply)))
        }
    }
}

extension Question {
    fileprivate static func reply(from decoder: any Decoder) throws -> any QuestionReply { try Reply(from: decoder) }
}

extension (any Question.Type)? {
    fileprivate func orThrow(_ fields: KeyedDecodingContainer<Field>) throws -> any Question.Type {
        guard let self else {
            throw DecodingError.dataCorruptedError(forKey: .kind, in: fields, debugDescription: "no such question")
        }
        return self
    }
}
