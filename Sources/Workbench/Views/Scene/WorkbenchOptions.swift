/// What the command chooses, and what the terminal can do beyond showing cells.
package struct WorkbenchOptions: Sendable {
    /// Steps a tried cut is trained for before it is measured.
    package var attemptSteps = 100
    /// How to go on with this run from a shell, for the line a finished session shows.
    package var resumeHint = ""
    /// How to look at the file it left.
    package var inspectHint = ""
    package var commands: CommandTable
    /// What is copied comes to the clipboard.
    package var canCopy = false

    init(commands: CommandTable) { self.commands = commands }
}
