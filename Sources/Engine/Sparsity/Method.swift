import Foundation
import Descriptors

/// Ties criterion, granularity, distribution and schedule together: a state machine that says, after each step, what is to be
/// done. What it does must follow from the context and its memory alone, so that a resume in the middle gives the same
/// bytes.
package protocol Method: Choosable {
    /// Whether the method follows the recipe's schedule.
    static var usesSchedule: Bool { get }
    /// Whether the mask that it starts with is drawn at random, whatever the criterion.
    static var startsRandom: Bool { get }
    /// Spread of the receptive fields that such a mask is drawn from; nil: all inputs of a row alike.
    var receptiveField: Double? { get }
    /// Names of the arrays that it keeps for each weight, beside the optimizer's. They come and go with the weight, begin at
    /// zero and stand in the checkpoint.
    static var weightSlots: [String] { get }
    /// What it remembers from step to step. It is in the checkpoint.
    associatedtype Memory: Codable & Sendable & Equatable = NoMemory
    var memory: Memory { get set }

    /// Some layers are gone: what it remembers of layers by number is renumbered.
    /// - Parameter layers: old numbers of those that are left, in their new order.
    mutating func layersAreLeft(_ layers: [Int])

    /// Whether the optimizer's state is cleared whenever the method cuts.
    static var forgetsAtCuts: Bool { get }
    /// What leaves more weights, for messages.
    static var howToCutLess: String { get }

    /// Whether it is asked before and in each step: for needs, for a step without an update, for latent weights.
    static var watchesSteps: Bool { get }
    /// What it must know of the step that is about to be made, which the context counts already.
    func needs(of context: StepContext) -> [Need]
    /// Whether that step changes the mask in place of the weights: the optimizer leaves it out.
    func replacesUpdate(_ context: StepContext) -> Bool
    /// What is to be done once a step is done (0: before the first), in order.
    mutating func respond(to context: StepContext) -> [Decision]

    /// The next step at which this method cuts, or nil.
    func nextCut(after step: Int, schedule: any Schedule) -> Int?
    /// The sparsity that it asks for once `step` steps are done; nil where it asks for none.
    func target(at step: Int, schedule: any Schedule) -> Double?
    /// The step at which it cuts for the last time; nil where it never cuts.
    func lastCut(_ schedule: any Schedule) -> Int?
    /// The sparsity that the network starts with; nil where it starts dense.
    func initialSparsity(_ schedule: any Schedule) -> Double?
    /// - Throws: `ArgumentError`, `SparsityError` where this network or recipe is none for it, before the first step.
    func require(_ layers: [LiveWeights], masker: Masker) throws
}

/// Of a method that remembers nothing.
package struct NoMemory: Codable, Sendable, Equatable {
    package init() {}
}

extension Method where Memory == NoMemory {
    package var memory: NoMemory {
        get { NoMemory() }
        set {}
    }
}

extension Method {
    package static var startsRandom: Bool { false }
    package var receptiveField: Double? { nil }
    package mutating func layersAreLeft(_ layers: [Int]) {}
    package static var forgetsAtCuts: Bool { false }
    package static var howToCutLess: String { usesSchedule ? "a lower 'final'" : "a lower 'strength'" }
    package static var watchesSteps: Bool { false }
    package static var weightSlots: [String] { [] }
    package func needs(of context: StepContext) -> [Need] { [] }
    package func replacesUpdate(_ context: StepContext) -> Bool { false }
    package func initialSparsity(_ schedule: any Schedule) -> Double? { nil }
    package func require(_ layers: [LiveWeights], masker: Masker) throws {}

    /// The memory as JSON with sorted keys; nil where there is none.
    package func memoryText() throws -> String? {
        Memory.self == NoMemory.self ? nil : try Self.text(memory)
    }

    /// The same, as text that is made when it is asked for.
    package func heldMemory() -> HeldMemory? {
        if Memory.self == NoMemory.self { return nil }
        let memory = memory
        // What cannot be written as JSON would be a method's mistake, found by its first test.
        return HeldMemory { try! Self.text(memory) }
    }

    private static func text(_ memory: Memory) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(memory), as: UTF8.self)
    }

    /// - Throws: `DecodingError` where it is not what `memoryText` wrote.
    package mutating func setMemory(_ text: String) throws {
        memory = try JSONDecoder().decode(Memory.self, from: Data(text.utf8))
    }
}

package enum Decision: Sendable, Equatable {
    /// Cut down to this sparsity, by the recipe's criterion, granularity and distribution.
    case cut(sparsity: Double)
    /// Move every live weight towards zero by this amount and stop at zero (the proximal step of L1); then divide what is left.
    case shrink(Float, divisor: Float = 1)
    /// Of each group of the recipe's granularity with n live weights, shorten the norm by this amount × √n and stop at zero.
    case shrinkGroups(Float)
    /// Drop the live weights that equal zero from the mask.
    case dropZeros
    /// Exactly these changes, at most one a layer. Weights that go are not kept for a person to bring back.
    case change([MaskChange])
    /// Every weight of the layers that may be cut is there again, those that come with value zero; the optimizer's state of
    /// all weights is cleared.
    case densify
    /// Keep what is not a prunable weight (biases, parameters, statistics) as it is now, for `rewind`.
    case remember
    /// Put that back, and clear the optimizer's state of everything.
    case rewind

    /// Whether it changes weights alone, or brings all of them, and takes none away.
    package var isTransformation: Bool {
        switch self {
        case .shrink, .shrinkGroups, .densify, .remember, .rewind: true
        case .cut, .dropZeros, .change: false
        }
    }

    /// Whether what it cuts may be brought back by a person.
    package var keepsRemovals: Bool {
        switch self {
        case .cut, .dropZeros: true
        case .shrink, .shrinkGroups, .change, .densify, .remember, .rewind: false
        }
    }

    /// In the journal. A name is never given to another decision.
    package var name: String {
        switch self {
        case .cut: "cut"
        case .shrink: "shrink"
        case .shrinkGroups: "shrinkGroups"
        case .dropZeros: "dropZeros"
        case .change: "change"
        case .densify: "densify"
        case .remember: "remember"
        case .rewind: "rewind"
        }
    }
}
