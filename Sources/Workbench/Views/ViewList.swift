import Training

/// The views of the workbench, in the order of their tabs and keys; those without a tab last.
enum Views {
    static let all: [any View.Type] = [
        SessionView.self, HeatView.self, ThresholdView.self, ScheduleView.self, CompareView.self, SizeView.self,
    ]

    /// The first one, where Esc ends.
    static let home = all[0].id

    static func of(_ id: ViewID) -> any View.Type { all.first { $0.id == id } ?? all[0] }
}

extension ViewID: CaseIterable {
    package static var allCases: [ViewID] { Views.all.map { $0.id } }

    /// Nil where there is no view of that name.
    package init?(rawValue: String) {
        guard let view = Views.all.first(where: { $0.id.rawValue == rawValue }) else { return nil }
        self = view.id
    }

    static var tabs: [ViewID] { allCases.filter { $0.view.hasTab } }

    /// The number of its tab and its key.
    package var number: Int { Views.all.firstIndex { $0.id == self }! + 1 }

    var view: any View.Type { Views.of(self) }
}

extension CommandTable {
    /// The commands of all views.
    package static let standard = CommandTable(
        Views.all.flatMap { $0.commands } + Verb.everyView, views: ViewID.allCases)
}

extension WorkbenchOptions {
    package init() { self.init(commands: .standard) }
}

extension WorkbenchState {
    package init() { self.init(view: Views.home, Views.all.map { $0.freshState }) }
}

extension View {
    fileprivate static var freshState: any ViewState { State() }
}
