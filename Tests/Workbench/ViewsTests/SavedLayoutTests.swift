import Foundation
import Terminal
import Testing
import Training
import Views

/// `workbench.json` is a file, and files are hostile: whatever stands in it, the run opens and every view is drawn.
@Suite struct SavedLayoutTests {
    /// A layout in which everything that can be chosen is: drafts of both kinds in both scopes, moves to take back,
    /// held scales, axes, points.
    private static func rich() throws -> [String: Any] {
        var bench = Bench(network, view: .threshold)
        bench.press(.right, .character("m"), .character("+"))
        bench.type("e90%")
        bench.press(.enter)
        bench.type("s")
        bench.type("e.05")
        bench.press(.enter, .character("u"), .control("r"), .character("t"), .character("1"))
        bench.press(.character("+"), .left, .character("L"), .character("2"), .character("+"), .right, .down)
        bench.press(.character("m"), .character("3"), .character("-"), .character("m"), .character("+"))
        var state = bench.state
        state.session.end = 4000
        state.heat.originRow = 2
        state.heat.originColumn = 3
        let data = try SavedLayout.encoder.encode(state.saved)
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static var network: FakePort {
        FakePort([
            FakePort.linear("fc1", 12, 16, fold: .init(maps: 1, height: 4, width: 4)), FakePort.linear("fc2", 5, 12),
        ])
    }

    /// What stands in the place of a number, as JSON.
    private static let values = [
        "-1", "0", "64", "0.5", "1e308", "-1e308", "9223372036854775807", "-9223372036854775808", "1e400", "\"nan\"",
        "\"inf\"", "\"-inf\"", "null", "\"7\"", "true", "[]", "{}", "4294967296",
    ]

    /// The layout with the number at one place replaced by each value, as text: no number is rounded on its way.
    private static func replacing(_ place: Int, in layout: [String: Any], by value: String) throws -> (Data, String)? {
        var count = 0
        var name = ""
        func walk(_ item: Any, _ path: String) -> Any {
            switch item {
            case let object as [String: Any]:
                return Dictionary(
                    uniqueKeysWithValues: object.sorted { $0.key < $1.key }.map {
                        ($0.key, walk($0.value, path + "." + $0.key))
                    })
            case let list as [Any]: return list.enumerated().map { walk($0.element, "\(path)[\($0.offset)]") }
            case let number as NSNumber where isNumber(number):
                defer { count += 1 }
                guard count == place else { return number }
                name = path
                return "@@@"
            default: return item
            }
        }
        let changed = walk(layout, "")
        guard !name.isEmpty else { return nil }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
        return (Data(text.replacingOccurrences(of: "\"@@@\"", with: value).utf8), name)
    }

    private static func isNumber(_ number: NSNumber) -> Bool { String(cString: number.objCType) != "c" }

    /// Opens with it, draws every view on a small screen or a large one, and does what moves lines and lenses.
    private func open(_ data: Data, in bench: Bench, presses: Bool = true) -> WorkbenchState? {
        guard let restored = WorkbenchState(restoring: data) else { return nil }
        var last = restored
        for view in ViewID.allCases {
            var bench = bench
            bench.state = restored
            bench.state.view = view
            bench.state.observe(bench.snapshot)
            bench.settle()
            _ = Workbench.draw(bench.state, bench.snapshot, size: bench.size, hasColour: true)
            if presses { bench.press(.character("+"), .right, .character("L"), .character("-")) }
            last = bench.state
        }
        // What is on the screen is saved again, and read again.
        guard let again = try? SavedLayout.encoder.encode(last.saved) else { return nil }
        #expect(WorkbenchState(restoring: again)?.saved == last.saved)
        return last
    }

    @Test func `Every number may be anything`() throws {
        let layout = try Self.rich()
        var places: [String] = []
        while let (_, name) = try Self.replacing(places.count, in: layout, by: "0") { places.append(name) }
        #expect(places.count >= 42, "\(places)")
        for kind in [
            "session.zoom", "session.end", "session.cursor", "heat.row", "heat.zoom", "heat.originRow", "heat.scales",
            "threshold.zoom", "threshold.natural", "kept._0", "threshold._0", "measured[0].cut.percent", "version",
        ] { #expect(places.contains { $0.contains(kind) }, "\(kind) is not among the numbers: \(places)") }
        let benches = [Bench(Self.network), Bench(Self.network, 130, 40)]
        for (place, name) in places.enumerated() {
            for (number, value) in Self.values.enumerated() {
                let (data, _) = try #require(try Self.replacing(place, in: layout, by: value))
                let presses = number % 3 == place % 3
                let state = open(data, in: benches[(place + number) % 2], presses: presses)
                // One wrong number costs no more than itself; only the version says what the rest means.
                #expect(state != nil || name == ".version", "\(name) = \(value)")
                if name != ".version", !name.contains("drafts"), !presses {
                    #expect(state?.drafts.current != nil, "\(name) = \(value)")
                }
            }
        }
    }

    @Test func `Layers that this network does not have cost their drafts alone`() throws {
        let data = try SavedLayout.encoder.encode(
            WorkbenchState(restoring: JSONSerialization.data(withJSONObject: Self.rich()))!.saved)
        let text = String(decoding: data, as: UTF8.self).replacingOccurrences(of: "fc1", with: "gone")
        let state = try #require(open(Data(text.utf8), in: Bench()))
        #expect(state.layer == "fc1" || state.layer == "fc2")
        // Larger than the network, too: the heat cursor and the weights kept.
        let small = FakePort([FakePort.linear("fc1", 3, 4)])
        var bench = Bench(small, view: .heat)
        bench.state = try #require(WorkbenchState(restoring: data))
        bench.state.observe(bench.snapshot)
        bench.settle()
        for view in ViewID.allCases {
            bench.state.view = view
            bench.settle()
            _ = bench.grid
        }
        if case .kept(let count)? = bench.state.drafts.current?.anchor { #expect(count <= 12) }
    }

    @Test(arguments: ["", "{", "[]", "null", "{}", "{\"version\":2}", "{\"version\":\"1\"}", "\u{0}\u{1}"])
    func `What is no layout is left out`(text: String) {
        #expect(WorkbenchState(restoring: Data(text.utf8)) == nil)
    }

    @Test func `Nothing but a version is a layout with nothing chosen`() throws {
        let state = try #require(WorkbenchState(restoring: Data("{\"version\":1,\"view\":7,\"drafts\":[]}".utf8)))
        #expect(state.saved == WorkbenchState().saved)
    }
}
