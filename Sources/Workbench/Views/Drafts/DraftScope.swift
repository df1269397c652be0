import Sparsity
import Training

extension Draft.Scope {
    func total(_ snapshot: Snapshot) -> Int {
        switch self {
        case .global: snapshot.weights
        case .layer(let name): snapshot.layers.first { $0.name == name }?.weights ?? 0
        }
    }

    func kept(_ snapshot: Snapshot) -> Int {
        switch self {
        case .global: snapshot.nnz
        case .layer(let name): snapshot.layers.first { $0.name == name }?.kept ?? 0
        }
    }
}
