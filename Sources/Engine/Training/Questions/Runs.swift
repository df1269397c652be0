import Foundation
import Interchange

/// What the runs beside this one came to, and this one: from their curves on the disk.
package struct RunsQuery: Question {
    package static let kind = Query.Kind.runs
    package static let manner = Manner(extent: .weights, lane: .files, copyAgeSeconds: 3600, pace: .seconds(10))

    package init() {}

    package func answer(from evidence: Evidence, _ reply: (RunsAnswer) -> Void) throws {
        let own = evidence.folder
        let parent = Files.folder(of: own)
        func path(_ name: String) -> String { parent.isEmpty ? name : parent + "/" + name }
        let folders = (Files.names(in: parent.isEmpty ? "." : parent, atMost: 5000) ?? []).map(path)
            .compactMap { folder in
                Files.changed(folder + "/metrics.jsonl").map { (folder: folder, changed: $0) }
            }.sorted { ($0.changed, $0.folder) > ($1.changed, $1.folder) }
        let ownData = try? RunData.read(own + "/data.json")?.identity
        var runs: [RunFigures] = []
        for (folder, _) in folders {
            if evidence.isCancelled() { return }
            guard runs.count < Self.mostRuns else { break }
            let isOwn = Files.name(of: folder) == Files.name(of: own)
            guard var run = RunFigures(folder, isOwn: isOwn) else { continue }
            if !isOwn, let ownData, let data = try? RunData.read(folder + "/data.json")?.identity {
                run.otherData = data.difference(from: ownData)
            }
            runs.append(run)
        }
        reply(RunsAnswer(runs: runs.filter { !$0.points.isEmpty }, isWhole: runs.count == folders.count))
    }

    /// The newest ones: as many as letters can tell apart.
    private static let mostRuns = 26
}

package struct RunsAnswer: QuestionReply {
    /// The one that was written to last before all others.
    package var runs: [RunFigures]
    /// False where there are more.
    package var isWhole: Bool

    package init(runs: [RunFigures], isWhole: Bool) {
        self.runs = runs
        self.isWhole = isWhole
    }
}

/// A run as a few points: at each sparsity that it had, the last figure that was measured of validation.
package struct RunFigures: Codable, Sendable, Equatable {
    package struct Point: Codable, Sendable, Equatable {
        package var step: Int
        package var sparsity: Double
        package var figure: Double
        package var fileBytes: Int?
        package var multiplyAdds: Int?

        package init(step: Int, sparsity: Double, figure: Double, fileBytes: Int? = nil, multiplyAdds: Int? = nil) {
            self.step = step
            self.sparsity = sparsity
            self.figure = figure
            self.fileBytes = fileBytes
            self.multiplyAdds = multiplyAdds
        }
    }

    package var name: String
    package var network: String
    package var data: String
    /// How its data differs from this run's; nil where it does not, or where a run does not say.
    package var otherData: String?
    /// Name of the figure that decides; nil: accuracy.
    package var figure: String?
    package var isFinished: Bool
    package var isOwn: Bool
    /// In the order of their steps.
    package var points: [Point]

    package init(
        name: String, network: String, data: String, otherData: String? = nil, figure: String? = nil,
        isFinished: Bool, isOwn: Bool, points: [Point]
    ) {
        self.name = name
        self.network = network
        self.data = data
        self.otherData = otherData
        self.figure = figure
        self.isFinished = isFinished
        self.isOwn = isOwn
        self.points = points
    }

    /// Lines that are looked at: a curve of days is told by its end.
    private static let mostBytes = 4 << 20

    /// Nil where the folder is no run that can be read.
    init?(_ folder: String, isOwn: Bool) {
        guard let glance = RunGlance(folder),
            let end = try? FileBytes.end(folder + "/metrics.jsonl", count: Self.mostBytes)
        else { return nil }
        var latest: [Int: Point] = [:]
        var figure: String?
        for text in end.split(separator: 10) {
            // A line may be cut short, at the beginning and at the end.
            guard let line = MetricsLine(json: String(decoding: text, as: UTF8.self)), line.validated,
                let value = line.validationFigure, value.isFinite
            else { continue }
            figure = line.figure
            latest[Int((line.sparsity * 1000).rounded())] = Point(
                step: line.step, sparsity: line.sparsity, figure: value, fileBytes: line.fileBytes,
                multiplyAdds: line.multiplyAdds)
        }
        self.init(
            name: Files.name(of: folder), network: glance.network, data: glance.data, figure: figure,
            isFinished: glance.isFinished, isOwn: isOwn,
            points: latest.values.sorted { ($0.step, $0.sparsity) < ($1.step, $1.sparsity) })
    }
}

extension Query.Kind {
    package static let runs = Query.Kind("runs")
}

extension Query {
    package static var runs: Query { Query(RunsQuery()) }
}
