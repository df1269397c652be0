import Sparsity

/// What a person does to a session. Commands that change the network are journalled, flushed, then executed.
package enum Command: Codable, Sendable, Equatable {
    case pause
    /// Trains on after a pause, or, out of steps, for `steps` more (nil: one epoch).
    case trainOn(steps: Int?)
    /// Applies a draft at the next step boundary and leaves training running or paused as it was.
    case cut(Draft)
    /// Applies a draft, trains the recipe's `retrain:`, pauses, and reports before, at once and after.
    case cutAndRetrain(Draft)
    /// Takes units out of the network for good, at the next step boundary; undone like a cut. In the journal a latency is what it came
    /// to in units, for a clock never says the same twice.
    case shrink(Shrinking)
    case undo
    case redo
    /// What is saved of an event of the history goes: the state before it, or, where it was undone, the way back to it.
    case forget(event: Int)
    /// Sets or clears the accuracy floor, in percent.
    case setFloor(Double?)
    /// From the next step on, another method, schedule, criterion, granularity or distribution: the part by its key, and the
    /// choice as a recipe writes it, as `{name: points, points: [[0, 0.5], [1000, 0.9]]}`; an empty one is the recipe's own.
    case choose(part: String, value: String)
    /// Writes a checkpoint now.
    case checkpoint
    /// Writes the network as safetensors (PyTorch `state_dict` names); a path ending in ".safetensors", or nil for
    /// `kept-<step>.safetensors` in the run folder. Reported in `Snapshot.messages`.
    case keep(path: String?)
    /// Copies the run, as it is now or with so many undos before it goes on, to a folder of its own beside it. Reported in
    /// `Snapshot.messages`.
    case branch(undos: Int)
    /// Evaluates the test set, once, and seals the run.
    case finish
    /// Breaks the seal of a finished run, so that it can be trained on.
    case unseal
    /// Writes a checkpoint and leaves the loop.
    case stop
}
