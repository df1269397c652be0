import Training

/// What the event loop is to do after a key: the state itself does nothing to the world.
package enum Effect: Equatable, Sendable {
    case send(Command)
    case ask(Query)
    case cancel(Query.Kind)
    /// To the clipboard of the terminal.
    case copy(String)
    /// To files, but not over others unasked.
    case export(Export)
    /// Next colours of the maps.
    case nextPalette
    case quit
    /// Every cell again, after another program wrote over the screen.
    case redraw
    case suspend
}
