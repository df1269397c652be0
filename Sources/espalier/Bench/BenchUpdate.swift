import ArgumentParser
import Dispatch
import Sparsity
import Training

/// What a method costs that changes the masks while it trains.
struct BenchUpdate: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "A change of the masks by a method, beside its steps and those of gradual magnitude.",
        discussion: """
            update_seconds is a step with its update: decision, change of the masks and choice of kernels; update_share is \
            that over ten steps, and added_share what it takes beyond the step that it stands for. step_ratio is a step of \
            the method over one of gradual magnitude pruning at the same sparsity.
            """)

    static let cases = ["lenet-300-100", "lenet-5", "resnet-8"].map { ["--network", $0, "--threads", "2"] }

    @Option(help: "A method that exchanges weights.") var method = "rigl"
    @OptionGroup var options: NetworkOptions

    func validate() throws {
        let names = Methods.all.filter { type in
            type is any Exchanging.Type && type.descriptor.parameters.contains { $0.name == "every" }
        }.map { $0.descriptor.name }
        guard names.contains(method) else {
            throw ValidationError("--method is \(method); accepted: \(names.joined(separator: ", "))")
        }
    }

    func run() throws {
        do {
            let schedule = "schedule={name: constant, final: \(options.sparsity)}"
            let gradual = try options.trainer(
                kernelTimes: BenchCut.times,
                method: ["method=gradual-magnitude", "schedule={name: constant, final: 0, begin: 1000000000}"])
            try options.cutAndSettle(gradual)
            // Updates so far apart that the kernels are chosen in between.
            let every = 20
            let trainer = try options.trainer(
                kernelTimes: BenchCut.times,
                method: [
                    "method={name: \(method), every: \(every)}", schedule, "distribution=uniform", "epochs=100000",
                ])
            for decision in trainer.decisions() {
                if let changes = try trainer.changes(for: decision) { trainer.apply(changes, event: 0) }
            }
            var plain: [Double] = [], updates: [Double] = [], base: [Double] = []
            var changed = 0
            while updates.count < options.runs {
                let isUpdate = (trainer.progress.step + 1) % every == 0
                let seconds = try Self.seconds {
                    _ = try trainer.step()
                    for decision in trainer.decisions() {
                        guard let changes = try trainer.changes(for: decision) else { continue }
                        trainer.apply(changes, event: 0)
                        changed += changes.reduce(0) { $0 + $1.drop.count }
                    }
                }
                if isUpdate { updates.append(seconds) } else { plain.append(seconds) }
                // By turns, so that what else the machine does is in both.
                base.append(
                    try Self.seconds {
                        _ = try gradual.step()
                        _ = gradual.decisions()
                    })
            }
            func median(_ seconds: [Double]) -> Double { seconds.sorted()[seconds.count / 2] }
            let step = median(plain), update = median(updates), other = median(base)
            printResult(
                [
                    ("case", "update"), ("method", method), ("network", options.network), ("batch", options.batch),
                    ("threads", options.threads), ("sparsity", trainer.sparsity), ("nnz", trainer.nnz),
                    ("changed", changed / max(1, updates.count)), ("seconds", step), ("update_seconds", update),
                    ("update_share", update / (10 * step)), ("added_share", (update - step) / (10 * step)),
                    ("gradual_seconds", other), ("step_ratio", step / other),
                ], json: options.json)
        } catch {
            throw Exit.report(error)
        }
    }

    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }
}
