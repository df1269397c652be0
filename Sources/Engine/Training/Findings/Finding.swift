/// Something on the disk that a workbench can be opened on, as far as a glance tells.
package struct Finding: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case run(RunGlance)
        case recipe(RecipeGlance)
        case model(ModelGlance)
        case data(DataGlance)
    }

    /// As a command takes it: relative where it lies below the folder that was searched.
    package var path: String
    package var content: Content
    /// When it was written last, in seconds since 1970.
    package var changed: Double?

    package init(path: String, content: Content, changed: Double? = nil) {
        self.path = path
        self.content = content
        self.changed = changed
    }
}

/// What a search brought so far.
package struct Findings: Sendable, Equatable {
    /// Runs first, the newest before all; then by kind and path.
    package var all: [Finding]
    /// The search is over, and nothing was left out.
    package var isWhole: Bool

    package init(_ all: [Finding] = [], isWhole: Bool = false) {
        self.all = all
        self.isWhole = isWhole
    }
}

/// A run, from its recipe and the last line of its curves.
package struct RunGlance: Sendable, Equatable {
    package var network: String
    package var data: String
    package var step: Int
    /// In [0, 1]; nil before the first line.
    package var sparsity: Double?
    /// What decides, as text: `val 90.80 %`, `test AUC 0.973`.
    package var figure: String?
    package var isFinished: Bool

    package init(
        network: String, data: String, step: Int, sparsity: Double? = nil, figure: String? = nil, isFinished: Bool
    ) {
        self.network = network
        self.data = data
        self.step = step
        self.sparsity = sparsity
        self.figure = figure
        self.isFinished = isFinished
    }
}

package struct RecipeGlance: Sendable, Equatable {
    package var network: String
    package var data: String
    /// The comment it begins with.
    package var summary: String
    /// Comes with Espalier.
    package var isSample: Bool

    package init(network: String, data: String, summary: String, isSample: Bool) {
        self.network = network
        self.data = data
        self.summary = summary
        self.isSample = isSample
    }
}

package struct ModelGlance: Sendable, Equatable {
    /// `ONNX`, `safetensors`.
    package var format: String
    package var bytes: Int
    /// What the file says of itself, such as who wrote it.
    package var origin: String

    package init(format: String, bytes: Int, origin: String) {
        self.format = format
        self.bytes = bytes
        self.origin = origin
    }
}

package struct DataGlance: Sendable, Equatable {
    /// `IDX images`, `arrays`, `table`, `images by class`; of a named data set its summary.
    package var form: String
    /// How much there is of what: `60,000 of 28×28`.
    package var extent: String
    /// Axes of one sample, where a glance tells them.
    package var shape: [Int]?
    /// It is called by name, not by where it lies.
    package var isNamed: Bool

    package init(form: String, extent: String, shape: [Int]? = nil, isNamed: Bool = false) {
        self.form = form
        self.extent = extent
        self.shape = shape
        self.isNamed = isNamed
    }
}
