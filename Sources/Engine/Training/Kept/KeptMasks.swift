import Foundation
import Interchange
import Text

/// The masks of a kept network: `name.masks.safetensors` beside `name.safetensors`, where `load_state_dict(strict=True)` would
/// refuse them. Files of before hold them themselves, as `fc1.weight_mask`.
struct KeptMasks {
    static let format = "masks-1"

    private let file: TensorFile?
    /// Without any masks, zeros in place are what was pruned.
    private let takesZeros: Bool
    /// What is to be told where the masks beside are not taken.
    let warning: String?

    static func path(of network: String) -> String {
        Files.withoutEnding(network) + ".masks.safetensors"
    }

    static func tensor(_ weight: String, _ mask: [Bool], shape: [Int]) -> Tensor {
        Tensor(weight + "_mask", mask, shape: shape)
    }

    /// The file beside; nil: a network that is compact as a whole has none.
    static func file(_ masks: [Tensor], of network: TensorFile, step: Int) -> TensorFile? {
        guard !masks.isEmpty else { return nil }
        return TensorFile(
            sealing: masks,
            metadata: ["format": "pt", "espalier": format, "step": "\(step)", "weights": checksum(of: network)],
            path: path(of: network.path))
    }

    /// Those of a network that was there before, once one without masks has taken its place.
    static func remove(of network: String) throws {
        let path = path(of: network)
        guard try FileKind.at(path) != .absent, unlink(path.cPath) != 0 else { return }
        throw FileProblem.system(path, "writing", expected: "a file that can be removed")
    }

    /// The masks beside, unless they belong to another network: a process that is killed between the two files leaves new
    /// masks beside the old network, which is whole, and whose zeros say what was pruned.
    ///
    /// - Throws: `FileProblem` where the masks cannot be read.
    init(of network: TensorFile) throws {
        if network.tensors.contains(where: { $0.name.hasSuffix(".weight_mask") }) {
            (file, takesZeros, warning) = (network, false, nil)
            return
        }
        let path = Self.path(of: network.path)
        guard Files.exists(path) else {
            // The compact copy says itself what is kept.
            (file, takesZeros, warning) = (nil, !network.path.hasSuffix(".bitmask.safetensors"), nil)
            return
        }
        let masks = try Safetensors.read(path)
        guard masks.metadata["espalier"] == Self.format else {
            throw FileProblem(
                path: path, place: "metadata 'espalier'", found: masks.metadata["espalier"] ?? "nothing",
                expected: "\(Self.format), the masks of a network that Espalier kept")
        }
        try masks.requireChecksum(isOptional: true)
        guard try masks.text("weights") == Self.checksum(of: network) else {
            let problem = FileProblem(
                path: path, place: "metadata 'weights'", found: "the masks of another network",
                expected: "those of \(network.path)")
            (file, takesZeros, warning) = (nil, true, "\(problem); its zeros are taken for what was pruned")
            return
        }
        (file, takesZeros, warning) = (masks, false, nil)
    }

    /// The flags of a layer's weights, or nil where all are kept.
    ///
    /// - Throws: `FileProblem` where there is no mask for them, or one that does not fit.
    func mask(of name: String, weights: [Float], shape: [Int]) throws -> [Bool]? {
        guard let file else { return takesZeros && weights.contains(0) ? weights.map { $0 != 0 } : nil }
        let name = name + "_mask"
        func problem(_ found: String, _ expected: String) -> FileProblem {
            FileProblem(path: file.path, place: "tensor \(name)", found: found, expected: expected)
        }
        guard let tensor = file[name] else { throw problem("no such tensor", "a mask for every layer of weights") }
        guard tensor.shape == shape, tensor.type == .u8 || tensor.type == .bool else {
            throw problem("\(tensor.type.rawValue) \(tensor.shape)", "U8 \(shape)")
        }
        guard let flags = tensor.flags else {
            throw problem("a byte that is neither 0 nor 1", "0 or 1 for each weight")
        }
        guard let place = zip(flags, weights).enumerated().first(where: { !$0.element.0 && $0.element.1 != 0 })?.offset
        else { return flags }
        throw problem("a weight outside the mask, number \(place), that is not zero", "zeros outside the mask")
    }

    /// Of the weights, by which masks and network know each other.
    private static func checksum(of network: TensorFile) -> String {
        String(
            Checksum.crc32(
                network.tensors.filter { $0.name.hasSuffix(".weight") }.flatMap { [Array($0.name.utf8), $0.bytes] }),
            radix: 16)
    }
}
