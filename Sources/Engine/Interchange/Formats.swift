import Descriptors

/// Every file format: one file in this folder, one entry here.
package enum Formats {
    package static let all: [Descriptor] = [
        Safetensors.descriptor, IDX.descriptor, Gzip.descriptor, JSONLines.descriptor,
    ]
}
