import ArgumentParser
import Foundation
import Sparsity
import Training

/// What a step of each method costs beside one of gradual magnitude pruning that has the same mask.
struct BenchSteps: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "steps", abstract: "A step of each method beside one of gradual magnitude with the same mask.",
        discussion: """
            Masks are drawn at random and do not change while steps are timed; those of methods whose weights are made of \
            others are measured without zeros, too: such they have until their end. ratio is the middle one of the ratios \
            within a round, bytes those of values, gradient, patterns and all that is kept for a weight.
            """)

    static let cases = [["--network", "lenet-300-100", "--threads", "2"]]

    @Option(help: "One method (default: all).") var method: String?
    @OptionGroup var options: NetworkOptions

    func validate() throws {
        let names = Methods.all.map { $0.descriptor.name }
        if let method, !names.contains(method) {
            throw ValidationError("--method is \(method); accepted: \(names.joined(separator: ", "))")
        }
    }

    func run() throws {
        do {
            for type in Methods.all where method == nil || type.descriptor.name == method {
                let isLatent = type is any LatentMethod.Type
                for sparsity in isLatent ? [0, options.sparsity] : [options.sparsity] { try measure(type, sparsity) }
            }
        } catch {
            throw Exit.report(error)
        }
    }

    private func measure(_ type: any Sparsity.Method.Type, _ sparsity: Double) throws {
        let gradual = try trainer("method=gradual-magnitude", "begin: 300000", sparsity)
        let trainer = try trainer("method=" + Self.recipe(type), "begin: 0", sparsity, of: type)
        func step(_ trainer: Trainer) throws {
            _ = try trainer.step()
            try follow(trainer)
        }
        let times = try StepTimes(
            of: [{ try step(trainer) }, { try step(gradual) }], rounds: max(1, options.runs / 3))
        let fields: [(String, Any)] = [
            ("case", "steps"), ("method", type.descriptor.name), ("network", options.network),
            ("batch", options.batch), ("threads", options.threads), ("sparsity", trainer.sparsity),
            ("nnz", trainer.nnz), ("bytes", Self.bytes(trainer)), ("seconds", times.median[0]),
            ("gradual_sparsity", gradual.sparsity), ("gradual_bytes", Self.bytes(gradual)),
            ("gradual_seconds", times.median[1]), ("ratio", times.ratio(0, 1)),
        ]
        if options.json { return printResult(fields, json: true) }
        Output.line(
            type.descriptor.name.padding(toLength: 20, withPad: " ", startingAt: 0)
                + String(
                    format: "%5.1f %% zeros  %8.3f ms  gradual %8.3f ms  ratio %5.2f  %9d bytes, gradual %9d",
                    100 * trainer.sparsity, 1e3 * times.median[0], 1e3 * times.median[1], times.ratio(0, 1),
                    Self.bytes(trainer), Self.bytes(gradual)))
    }

    /// Cut to a mask by hand, where the method has not done so itself, and settled on its kernels.
    private func trainer(
        _ method: String, _ begin: String, _ sparsity: Double, of type: (any Sparsity.Method.Type)? = nil
    ) throws -> Trainer {
        var options = options
        options.sparsity = sparsity
        let schedule = "schedule={name: constant, final: \(sparsity), \(begin)}"
        let trainer = try options.trainer(
            kernelTimes: BenchCut.times,
            method: [method, "distribution=uniform", "epochs=100000"]
                + (type?.usesSchedule == false ? [] : [schedule])
                + (type?.descriptor.name == "movement" ? ["criterion=movement"] : []))
        try follow(trainer)
        for _ in 0..<3 {
            _ = try trainer.step()
            try follow(trainer)
        }
        if trainer.sparsity < sparsity - 0.01 { trainer.drop(options.keeps(trainer, sparsity), event: 0) }
        for _ in 0..<BenchCut.mostSteps where !trainer.knowsKernels { _ = try trainer.step() }
        return trainer
    }

    private func follow(_ trainer: Trainer) throws {
        for decision in trainer.decisions() {
            trainer.transform(decision)
            if let changes = try trainer.changes(for: decision) { trainer.apply(changes, event: 0) }
        }
    }

    /// So that nothing changes the mask, and no span ends, in any number of steps; a first dense phase is short.
    private static func recipe(_ type: any Sparsity.Method.Type) -> String {
        let name = type.descriptor.name
        let far = type.descriptor.parameters.filter { ["every", "drop-every", "phase", "end"].contains($0.name) }
            .map { ", \($0.name): 300000" }
        return "{name: \(name)\(far.joined())\(name == "ac-dc" ? ", begin: 1" : "")}"
    }

    private static func bytes(_ trainer: Trainer) -> Int {
        trainer.network.layers.reduce(0) { $0 + $1.bytes + 4 * ($1.gradient.count + $1.slots.count * $1.values.count) }
    }
}
