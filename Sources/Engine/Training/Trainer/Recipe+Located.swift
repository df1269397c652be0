import Descriptors
import Devices
import Graph
import Sparsity

extension Recipe {
    /// What `body` gives; an error that speaks of a part of this recipe names the file and the line of that part.
    package func locating<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw located(error)
        }
    }

    /// The same error with file and line, where it speaks of something in the recipe and that was read from a text.
    package func located(_ error: any Error) -> any Error {
        guard !lines.file.isEmpty else { return error }
        let message = "\(error)"
        switch error {
        case let error as GraphError: return located(error)
        case let error as FitError:
            return lines.error(
                error.keys.lazy.compactMap { lines.keys[$0] }.first, message, of: error.keys)
        case is DeviceProblem: return lines.error(at: "quantize", "network", message: message)
        case is MemoryError: return lines.error(at: "network", message: message)
        case let error as DataError:
            switch error {
            case .tooFew: return lines.error(at: "validation", "data", message: message)
            case .tooManyWeights(let layer, _, _):
                return lines.error(place(of: layer), message, of: ["network", "data", "method"])
            case .unknown, .notInstalled, .noFolder, .twoFolders, .gone, .other:
                return lines.error(at: "data", message: message)
            case .shape:
                // Written out, it is the last node that gives the outputs.
                return lines.error(lines.nodes.last ?? lines.keys["network"], message, of: ["network", "data"])
            default: return lines.error(at: "network", "data", message: message)
            }
        case let error as SparsityError:
            switch error {
            case .noSuchLayer(let name, _), .neverCut(let name, _, _):
                return lines.error(
                    at: "distribution.layers.\(name)", "distribution", "network", message: message)
            default:
                return lines.error(
                    at: "granularity", "method", "schedule", "distribution", "network", message: message)
            }
        case let error as ArgumentError:
            let keys = Recipe.parts.filter { choice($0.key)?.name == error.owner }.map(\.key)
            return lines.error(
                (keys.map { "\($0).\(error.parameter)" } + [error.parameter] + keys).lazy
                    .compactMap { lines.keys[$0] }.first, message, of: keys)
        default: return error
        }
    }

    private func located(_ error: GraphError) -> RecipeError {
        let name: String
        switch error {
        case .shape(let node, _, _), .size(let node, _, _), .unknownInput(let node, _, _), .inputCount(let node, _, _),
            .unused(let node):
            name = node
        case .duplicateName(let twice):
            guard case .nodes(let nodes) = network, let number = nodes.lastIndex(where: { $0.name == twice }) else {
                return lines.error(at: "network", message: "\(error)")
            }
            return lines.error(lines.nodes[number], "\(error)", of: ["network"])
        default: return lines.error(at: "network", "data", message: "\(error)")
        }
        return lines.error(place(of: name), "\(error)", of: ["network", "data", "batch", "validation"])
    }

    /// Of a node; of the network where it is one that has a name.
    private func place(of node: String) -> RecipePlace? {
        guard case .nodes(let nodes) = network, let number = nodes.firstIndex(where: { $0.name == node }),
            number < lines.nodes.count
        else { return lines.keys["network"] }
        return lines.nodes[number]
    }
}
