import Descriptors

/// Every file format: one file in this folder, one entry here.
package enum Formats {
    package static let all: [Descriptor] = [
        Safetensors.descriptor, ONNXReader.descriptor, Npz.descriptor, Npy.descriptor, IDX.descriptor, Gzip.descriptor,
        TableData.descriptor,
        ImageData.descriptor, Pictures.png, Pictures.jpeg,
        JSONLines.descriptor,
    ]
}
