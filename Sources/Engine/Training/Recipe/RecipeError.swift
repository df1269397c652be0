/// Why a recipe was refused: file, line, what was found, what is accepted.
package struct RecipeError: Error, Equatable, CustomStringConvertible {
    package let file: String
    /// 1-based; nil for a value given on the command line.
    package let line: Int?
    package let message: String

    package init(file: String, line: Int?, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    package var description: String { line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)" }
}
