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
        GlobalMaxPool.self,
        BatchNorm.self,
        Dropout.self,
        Constant.self,

        // The same done to each value.
        FATReLU.self,
        LeakyReLU.self, PReLU.self, ELU.self, SELU.self, CELU.self, Clip.self, Sigmoid.self, HardSigmoid.self,
        HardSwish.self, SiLU.self, Tanh.self, Mish.self, Softplus.self, Softsign.self, GELU.self, Erf.self,
        SquareRoot.self, Exponential.self, Logarithm.self, Negation.self, AbsoluteValue.self, Reciprocal.self,
        Power.self, Affine.self, Floor.self, Ceiling.self, Rounding.self, Sign.self,
        // Two values of one place.
        Subtract.self, Multiply.self, Divide.self, Minimum.self, Maximum.self, PairPower.self, Where.self,
        Equal.self, Less.self, Greater.self, LessOrEqual.self, GreaterOrEqual.self,
        // Values moved.
        Identity.self, Reshape.self, Squeeze.self, Unsqueeze.self, Transpose.self, Slice.self, Concat.self, Pad.self,
        Expand.self, Gather.self, Tile.self, Spread.self, Resize.self,
        // Sums along axes.
        Reduce.self, Softmax.self, LogSoftmax.self, LayerNorm.self, RMSNorm.self, GroupNorm.self, InstanceNorm.self,
        ArgMax.self, ArgMin.self, TopK.self,
        // Products of activations, and rows by token.
        MatMul.self, Embedding.self,
    ]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any Operator {
        guard let type = all.first(where: { $0.descriptor.name == name }) else {
            throw ArgumentError.outOfRange(
                name: "operator", of: "node", value: name,
                accepted: Accepted.names(all.map { $0.descriptor }, for: name))
        }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
