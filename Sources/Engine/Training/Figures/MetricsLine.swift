import Foundation

/// One line of `metrics.jsonl` and of `train --json`.
package struct MetricsLine: Codable, Sendable {
    package var event: String?
    package var step: Int
    package var epoch: Double
    /// The mean of the steps since the line before.
    package var loss: Double
    /// The mean since the last line for which validation was measured, for those who are shown these alone; not written.
    package var lossSinceLook: Double?
    /// How the next three are shown; not written.
    package var format = FigureFormat.accuracy
    /// What they are values of; nil: accuracy in percent.
    package var figure: String?
    package var trainFigure: Double?
    package var validationFigure: Double?
    package var testFigure: Double?
    /// Of a finished run with a floor: "met" or "missed" by its validation.
    package var floor: String?
    package var sparsity: Double
    package var scheduledSparsity: Double?
    package var nnz: Int
    package var bytes: Int
    package var fileBytes: Int?
    /// For one sample, of the weights that are kept.
    package var multiplyAdds: Int?
    /// Share of all places that have or had a weight, of a method that exchanges weights.
    package var exploredShare: Double?
    package var samplesPerSecond: Double?
    package var denseSamplesPerSecond: Double?
    package var elapsedSeconds: Double
    /// Whether validation was measured at this step (else it is the latest one).
    package var validated: Bool

    private enum CodingKeys: String, CodingKey {
        case event, step, epoch, loss, trainAccuracy, validationAccuracy, testAccuracy, floor, sparsity
        case figure, trainFigure, validationFigure, testFigure
        case scheduledSparsity, nnz, bytes, fileBytes, multiplyAdds, samplesPerSecond, denseSamplesPerSecond
        case exploredShare, elapsedSeconds
        case validated
    }

    /// An accuracy has the names that it always had.
    private static func keys(_ figure: String?) -> (train: CodingKeys, validation: CodingKeys, test: CodingKeys) {
        figure == nil
            ? (.trainAccuracy, .validationAccuracy, .testAccuracy) : (.trainFigure, .validationFigure, .testFigure)
    }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Finite numbers and texts: there is nothing that an encoder refuses.
        return String(decoding: try! encoder.encode(self), as: UTF8.self)
    }

    /// A figure that is not known yet is null: every line has the same fields. So is one that is no finite number, which
    /// JSON cannot hold.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        func finite(_ figure: Double?) -> Double? { figure.flatMap { $0.isFinite ? $0 : nil } }
        try fields.encodeIfPresent(event, forKey: .event)
        try fields.encode(step, forKey: .step)
        try fields.encode(finite(epoch), forKey: .epoch)
        try fields.encode(finite(loss), forKey: .loss)
        try fields.encodeIfPresent(figure, forKey: .figure)
        let keys = Self.keys(figure)
        try fields.encode(finite(trainFigure), forKey: keys.train)
        try fields.encode(finite(validationFigure), forKey: keys.validation)
        try fields.encodeIfPresent(finite(testFigure), forKey: keys.test)
        try fields.encodeIfPresent(floor, forKey: .floor)
        try fields.encode(finite(sparsity), forKey: .sparsity)
        try fields.encodeIfPresent(finite(scheduledSparsity), forKey: .scheduledSparsity)
        try fields.encode(nnz, forKey: .nnz)
        try fields.encode(bytes, forKey: .bytes)
        try fields.encodeIfPresent(fileBytes, forKey: .fileBytes)
        try fields.encodeIfPresent(multiplyAdds, forKey: .multiplyAdds)
        try fields.encodeIfPresent(finite(exploredShare), forKey: .exploredShare)
        try fields.encode(finite(samplesPerSecond), forKey: .samplesPerSecond)
        try fields.encodeIfPresent(finite(denseSamplesPerSecond), forKey: .denseSamplesPerSecond)
        try fields.encode(finite(elapsedSeconds), forKey: .elapsedSeconds)
        try fields.encode(validated, forKey: .validated)
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        /// The field must be there.
        func figure(_ key: CodingKeys) throws -> Double { try fields.decode(Double?.self, forKey: key) ?? .nan }
        event = try fields.decodeIfPresent(String.self, forKey: .event)
        step = try fields.decode(Int.self, forKey: .step)
        epoch = try figure(.epoch)
        loss = try figure(.loss)
        self.figure = try fields.decodeIfPresent(String.self, forKey: .figure)
        let keys = Self.keys(self.figure)
        trainFigure = try fields.decodeIfPresent(Double.self, forKey: keys.train)
        validationFigure = try fields.decodeIfPresent(Double.self, forKey: keys.validation)
        testFigure = try fields.decodeIfPresent(Double.self, forKey: keys.test)
        floor = try fields.decodeIfPresent(String.self, forKey: .floor)
        sparsity = try figure(.sparsity)
        scheduledSparsity = try fields.decodeIfPresent(Double.self, forKey: .scheduledSparsity)
        nnz = try fields.decode(Int.self, forKey: .nnz)
        bytes = try fields.decode(Int.self, forKey: .bytes)
        fileBytes = try fields.decodeIfPresent(Int.self, forKey: .fileBytes)
        multiplyAdds = try fields.decodeIfPresent(Int.self, forKey: .multiplyAdds)
        exploredShare = try fields.decodeIfPresent(Double.self, forKey: .exploredShare)
        samplesPerSecond = try fields.decodeIfPresent(Double.self, forKey: .samplesPerSecond)
        denseSamplesPerSecond = try fields.decodeIfPresent(Double.self, forKey: .denseSamplesPerSecond)
        elapsedSeconds = try figure(.elapsedSeconds)
        validated = try fields.decode(Bool.self, forKey: .validated)
    }

    package init?(json: String) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let line = try? decoder.decode(MetricsLine.self, from: Data(json.utf8)), line.isPlausible else {
            return nil
        }
        self = line
    }

    package init(
        step: Int, epoch: Double, loss: Double, sparsity: Double, nnz: Int, bytes: Int, elapsedSeconds: Double,
        validated: Bool
    ) {
        self.step = step
        self.epoch = epoch
        self.loss = loss
        self.sparsity = sparsity
        self.nnz = nnz
        self.bytes = bytes
        self.elapsedSeconds = elapsedSeconds
        self.validated = validated
    }
}
