import Terminal
import Training

/// A picture of the session with keys of its own. A new view is a folder with a type of this kind, and one line in `Views.all`.
protocol View: SendableMetatype {
    associatedtype State: ViewState
    associatedtype Layout: ViewLayout

    /// The name of its tab where the row is narrow and another view is open.
    static var shortTitle: String { get }
    /// False: it is opened by its name, from any view, and leads back there.
    static var hasTab: Bool { get }

    /// Its own commands. They must leave alone what other views chose; what all views share is in `WorkbenchState` itself.
    static var commands: [Verb] { get }

    /// Draws between header and footer, from the scene alone: the same scene must give the same cells.
    static func draw(_ scene: Scene, into grid: inout CellGrid)

    /// What it would like to know of the session, the most urgent first. Asked for after every change: must not depend on a clock.
    static func wants(_ scene: Scene) -> [Query]

    /// A click, drag or turn of the wheel between header and footer.
    static func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect]

    /// What `y` copies, as one line: what is selected, with what it was measured on.
    static func selected(_ scene: Scene) -> String

    /// Esc: leaves what is to be left first (a cursor, an edit). Returns false where there is nothing of that kind.
    static func back(_ state: inout WorkbenchState) -> Bool
}

extension View {
    static var id: ViewID { State.view }
    static var shortTitle: String { id.title }
    static var hasTab: Bool { true }
    static func back(_ state: inout WorkbenchState) -> Bool { false }
    static func panes(_ scene: Scene) -> Int { Layout(scene).paneCount }
    static func showsLayers(_ scene: Scene) -> Bool { Layout(scene).showsLayers }
}

/// Where the panes of a view stand. Drawing, keys and the mouse must read the same one.
protocol ViewLayout {
    init(_ scene: Scene)
    /// Panes that Tab goes through.
    var paneCount: Int { get }
    /// A list of layers is among the panes.
    var showsLayers: Bool { get }
}

/// What a person chose in a view. It is saved with the layout, under the name of the view.
package protocol ViewState: Sendable, Codable, Equatable {
    static var view: ViewID { get }

    /// As a view begins.
    init()

    /// Another layer was selected.
    mutating func enter(_ layer: LayerStatus?)

    /// A new snapshot: what was chosen must lie within it.
    mutating func follow(_ snapshot: Snapshot, layer: LayerStatus?)

    /// Scales and axes that are held learn from an answer.
    mutating func learn(_ answer: Answer)
}

extension ViewState {
    package mutating func enter(_ layer: LayerStatus?) {}
    package mutating func follow(_ snapshot: Snapshot, layer: LayerStatus?) {}
    package mutating func learn(_ answer: Answer) {}

    func equals(_ other: any ViewState) -> Bool { (other as? Self) == self }
}

/// The name of a view, in files, for `--render` and behind `:`.
package struct ViewID: Hashable, Sendable, Codable {
    package let rawValue: String

    init(_ name: String) { rawValue = name }

    /// As its tab has it.
    package var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(rawValue)
    }
}
