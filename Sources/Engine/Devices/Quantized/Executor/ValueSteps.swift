import CIntegers
import Kernels

/// The same values for other axes.
struct Recast: IntegerStep {
    private let from: IntegerTensor
    private let to: IntegerTensor
    private let between: Int

    init(_ from: IntegerTensor, to: IntegerTensor, _ plan: inout IntegerPlan) {
        self.from = from
        self.to = to
        between = plan.reserve(from.count)
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        if to.layout.isCompact { return from.give(to.origin(memory), memory) }
        from.give(memory + between, memory)
        to.take(memory + between, memory)
    }
}

/// A function of one value.
struct TableRows: IntegerStep {
    private let input: IntegerTensor
    private let output: IntegerTensor
    /// By centred input + 255, of one table after the other: centred outputs.
    private let numbers: IntegerArray<Int16>
    private let bytes: IntegerArray<Int8>
    private let pointsOfTable: Int

    private static let size = 512

    init(_ table: [Int8], input: IntegerTensor, output: IntegerTensor) {
        self.input = input
        self.output = output
        let count = table.count / 256
        pointsOfTable = input.count / count
        var numbers = [Int16](repeating: 0, count: count * Self.size)
        for number in 0..<count {
            for q in -128...127 {
                let place = number * Self.size + q - Int(input.zero) + 255
                numbers[place] = Int16(Int32(table[number * 256 + q + 128]) - output.zero)
            }
        }
        self.numbers = IntegerArray(numbers)
        bytes = IntegerArray(table)
    }

    private func table(_ number: Int) -> espalier_table {
        espalier_table(
            numbers: numbers.pointer + number &* Self.size, bytes: bytes.pointer + number &* 256,
            least: Int16(-128 - input.zero), shift: Int16(-output.zero))
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let x = UnsafePointer(input.origin(memory)), y = output.origin(memory)
        let from = input.layout, to = output.layout
        // Runs of neighbours that have one table.
        let isBeside = from.isCompact && to.isCompact
        let run = isBeside ? pointsOfTable : min(from.width, pointsOfTable)
        var point = 0, left = 0, number = -1, held = table(0)
        func look(_ x: UnsafePointer<Int16>, _ y: UnsafeMutablePointer<Int16>, _ count: Int) {
            if left == 0 {
                number &+= 1
                left = pointsOfTable
                held = table(number)
            }
            espalier_look_up(&held, x, y, Int32(count))
            left &-= count
            point &+= count
        }
        if isBeside {
            while point < input.count { look(x + point, y + point, run) }
            return
        }
        for channel in 0..<from.channels {
            for row in 0..<from.height {
                let x = x + (channel &* from.plane &+ row &* from.pitch)
                let y = y + (channel &* to.plane &+ row &* to.pitch)
                var place = 0
                while place < from.width {
                    let count = min(from.width &- place, left == 0 ? run : min(run, left))
                    look(x + place, y + place, count)
                    place &+= count
                }
            }
        }
    }
}

/// Values that only move.
struct MovedPoints: IntegerStep {
    /// Places in memory; of what comes from nowhere none.
    private let from: IntegerArray<Int32>
    private let to: IntegerArray<Int32>
    private let empty: IntegerArray<Int32>

    init(_ sources: [Int32], _ inputs: [IntegerTensor], _ output: IntegerTensor) {
        let all = inputs.flatMap(\.places), places = output.places
        var from: [Int32] = [], to: [Int32] = [], empty: [Int32] = []
        for (place, source) in zip(places, sources) {
            if source < 0 {
                empty.append(place)
            } else {
                from.append(all[Int(source)])
                to.append(place)
            }
        }
        self.from = IntegerArray(from)
        self.to = IntegerArray(to)
        self.empty = IntegerArray(empty)
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let from = from.pointer, to = to.pointer, empty = empty.pointer
        for place in 0..<self.to.count { memory[Int(to[place])] = memory[Int(from[place])] }
        for place in 0..<self.empty.count { memory[Int(empty[place])] = 0 }
    }
}

/// Sums of a few values of the input.
struct BlendedPoints: IntegerStep {
    private let blend: QuantizedBlend
    private let x: IntegerArray<Int32>
    private let y: IntegerArray<Int32>
    private let low: Int64
    private let high: Int64

    init(_ blend: QuantizedBlend, _ node: QuantizedNode, input: IntegerTensor, output: IntegerTensor) {
        self.blend = blend
        let places = input.places
        x = IntegerArray(blend.sources.map { places[Int($0)] })
        y = IntegerArray(output.places)
        low = Int64(node.low - output.zero)
        high = Int64(node.high - output.zero)
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let x = x.pointer, y = y.pointer
        for point in 0..<self.y.count {
            var sum = Int64(1 << 13)
            for term in Int(blend.starts[point])..<Int(blend.starts[point &+ 1]) {
                sum &+= Int64(blend.weights[term]) &* Int64(memory[Int(x[term])])
            }
            memory[Int(y[point])] = Int16(truncatingIfNeeded: min(max(sum &>> 14, low), high))
        }
    }
}
