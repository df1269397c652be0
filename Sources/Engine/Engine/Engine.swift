/// The engine for those who import it as a library.
@_exported import Descriptors
@_exported import Graph
@_exported import Interchange
@_exported import Kernels
@_exported import Sparsity
@_exported import Training
