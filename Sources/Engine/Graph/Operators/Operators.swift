import Descriptors

/// The operators there are. A new one is a file in this folder and a line here.
package enum Operators {
    package static let all: [any Operator.Type] = [
        Linear.self,
        Convolution.self,
        ReLU.self,
        MaxPool.self,
        Flatten.self,
        Add.self,
        AveragePool.self,
        GlobalAveragePool.self,
        BatchNorm.self,
        Dropout.self,
        Constant.self,
    ]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any Operator {
        guard let type = all.first(where: { $0.descriptor.name == name }) else {
            throw ArgumentError.outOfRange(
                name: "operator", of: "node", value: name,
                accepted: "one of " + all.map { $0.descriptor.name }.joined(separator: ", "))
        }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
