/// What a person chose on the start page. Nothing is made before.
package enum Opening: Sendable, Equatable {
    /// A run to go on with, or a recipe to begin one with.
    case open(String)
    /// A model to train on some data: a path, or the name of a data set.
    case model(String, data: String)
    /// A network by its name, to train on some data.
    case network(String, data: String)
    /// What comes with Espalier, dense: something to try it on.
    case standard
}
