import Terminal
import Training

/// The views of the workbench. A new one is a folder, and one line in each list here.
package enum ViewID: String, CaseIterable, Codable, Sendable {
    case session, heat, threshold

    package var title: String {
        switch self {
        case .session: "Session"
        case .heat: "Heat"
        case .threshold: "Threshold"
        }
    }

    /// The number of its tab and its key.
    package var number: Int { Self.allCases.firstIndex(of: self)! + 1 }

    static let commands = SessionView.commands + HeatView.commands + ThresholdView.commands

    func draw(_ scene: Scene, into grid: inout CellGrid) {
        switch self {
        case .session: SessionView.draw(scene, into: &grid)
        case .heat: HeatView.draw(scene, into: &grid)
        case .threshold: ThresholdView.draw(scene, into: &grid)
        }
    }

    /// What the view would like to know of the session, the most urgent first.
    func wants(_ scene: Scene) -> [Query] {
        switch self {
        case .session: SessionView.wants(scene)
        case .heat: HeatView.wants(scene)
        case .threshold: ThresholdView.wants(scene)
        }
    }

    func panes(_ scene: Scene) -> Int {
        switch self {
        case .session: SessionLayout(scene).paneCount
        case .heat: HeatLayout(scene).paneCount
        case .threshold: ThresholdLayout(scene).paneCount
        }
    }

    func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        switch self {
        case .session: SessionView.mouse(event, &state, scene)
        case .heat: HeatView.mouse(event, &state, scene)
        case .threshold: ThresholdView.mouse(event, &state, scene)
        }
    }
}
