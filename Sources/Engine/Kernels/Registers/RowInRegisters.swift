/// One row of dy over some chunks, in registers, while the weights of the row stream by: a weight loads its input alone.
/// Of a chunk it holds as many lanes as a chain has.
protocol RowInRegisters {
    static var chunks: Int { get }
    /// - Parameter line: dy of the row, at the chain's first lane.
    init(_ line: UnsafePointer<Float>, _ steps: some Distances)
    /// chain += dy · x, chunks ascending.
    func add(_ chain: inout ChainLanes, _ x: UnsafePointer<Float>, _ steps: some Distances)
}

struct Row1: RowInRegisters {
    private let dy: ChainLanes
    static var chunks: Int { 1 }
    @inline(__always) init(_ line: UnsafePointer<Float>, _ steps: some Distances) { dy = loadChain(line) }
    @inline(__always) func add(_ chain: inout ChainLanes, _ x: UnsafePointer<Float>, _ steps: some Distances) {
        chain = chain.plus(dy, times: loadChain(x))
    }
}

struct RowPair<Half: RowInRegisters>: RowInRegisters {
    private let first, second: Half
    static var chunks: Int { 2 &* Half.chunks }
    /// From the first chunk of one half to that of the other.
    @inline(__always) private static func step(_ steps: some Distances) -> Int {
        Half.chunks == 4 ? steps.high : Half.chunks &* steps.next
    }
    @inline(__always) init(_ line: UnsafePointer<Float>, _ steps: some Distances) {
        first = Half(line, steps)
        second = Half(line + Self.step(steps), steps)
    }
    @inline(__always) func add(_ chain: inout ChainLanes, _ x: UnsafePointer<Float>, _ steps: some Distances) {
        first.add(&chain, x, steps)
        second.add(&chain, x + Self.step(steps), steps)
    }
}

typealias Row2 = RowPair<Row1>
typealias Row4 = RowPair<Row2>
typealias Row8 = RowPair<Row4>
