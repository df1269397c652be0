import Descriptors

/// Every method: one file in `Methods/`, one entry here.
package enum Methods {
    package static let all: [any Method.Type] = [
        None.self,
        CutOnce.self,
        GradualMagnitude.self,
        ProximalL1.self,
        StaticSparse.self,
        SET.self,
        RigL.self,
        GSE.self,
        GraNet.self,
        MEST.self,
        SRigL.self,
        CHTs.self,
        GroupLasso.self,
        ACDC.self,
        NetworkSurgery.self,
        SoftThreshold.self,
        HardConcrete.self,
        VariationalDropout.self,
        TopKAST.self,
        GradualMovement.self,
        IterativeRewinding.self,
    ]

    /// - Throws: `ArgumentError` for a name that is not in the list, or values that the method refuses.
    package static func make(_ name: String, _ values: [String: Value] = [:]) throws -> any Method {
        let type = try choose(name, kind: "method", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
