import Graph

/// What losses and figures need to know of a run's targets before the first step.
package struct TargetFacts: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case classes(Int)
        /// So many numbers a sample, with the least and the largest of all.
        case numbers(each: Int, least: Float, most: Float)
        /// The input itself, of so many values.
        case input(Int)
    }
    package var kind: Kind
    /// Of the classes; empty where they are called by their numbers.
    package var names: [String]
    /// Values of the network's input.
    package var inputFeatures: Int
    /// Samples of each class that train, and that validate.
    package var training: [Int]
    package var validation: [Int]
    /// What numbers are compared in.
    package var scale = TargetScale.none

    package init(
        _ kind: Kind, names: [String] = [], inputFeatures: Int = 0, training: [Int] = [], validation: [Int] = []
    ) {
        self.kind = kind
        self.names = names
        self.inputFeatures = inputFeatures
        self.training = training
        self.validation = validation
    }

    /// Of a data set, without its split.
    init(_ data: DataSet) {
        let kind: Kind =
            switch data.train.targets {
            case .classes: .classes(data.classes)
            case .numbers(let numbers, let each):
                // Without an order of its own a number that is none would hide the others.
                .numbers(
                    each: each, least: numbers.reduce(.infinity) { min($0, $1) },
                    most: numbers.reduce(-.infinity) { max($0, $1) })
            case .input: .input(data.train.shape.features)
            }
        self.init(kind, names: data.classNames, inputFeatures: data.train.shape.features)
    }

    mutating func count(_ data: DataSet, _ split: Split) {
        guard let classes else { return }
        let labels = data.train.classes
        func counts(_ indices: [Int32]) -> [Int] {
            var counts = [Int](repeating: 0, count: classes)
            for index in indices { counts[Int(labels[Int(index)])] += 1 }
            return counts
        }
        training = counts(split.train)
        validation = counts(split.validation)
    }

    /// Whether each sample has one number, which may be a class by another name.
    var isOneNumber: Bool { if case .numbers(each: 1, _, _) = kind { true } else { false } }

    /// Nil where the targets are no classes.
    package var classes: Int? { if case .classes(let count) = kind { count } else { nil } }

    /// Outputs that a network for them has.
    func outputs(_ comparison: Comparison) -> Int {
        switch (comparison, kind) {
        case (.input, _), (_, .input): inputFeatures
        case (_, .classes(let count)): count
        case (_, .numbers(let each, _, _)): each
        }
    }

    /// As a message says it.
    var description: String {
        switch kind {
        case .classes(let count): count == 1 ? "one class" : "\(count) classes"
        case .numbers(let each, _, _): each == 1 ? "a number a sample" : "\(each) numbers a sample"
        case .input: "the input itself as its target"
        }
    }

    func name(_ index: Int) -> String { index < names.count ? names[index] : "\(index)" }
}

/// Why parts of a recipe do not fit each other, the data or the network.
package struct FitError: Error, Equatable, CustomStringConvertible {
    /// Keys of the recipe that may be at fault, the first that is written there first.
    package let keys: [String]
    package let description: String

    package init(_ keys: [String], _ description: String) {
        self.keys = keys
        self.description = description
    }
}

extension Shape {
    /// "10 outputs", "outputs of 3×32×32".
    var outputWords: String { isFlat ? channels == 1 ? "one output" : "\(channels) outputs" : "outputs of \(self)" }
}
