import Terminal
import Training
import Views

/// Keys in, grid out: a workbench without its event loop, every question answered before the next key.
struct Bench {
    var state = WorkbenchState()
    var size: Size
    let port: FakePort
    var inquiry = Inquiry()
    var clock = 0.0
    var effects: [Effect] = []
    var options = WorkbenchOptions()

    init(_ port: FakePort = Bench.small, _ width: Int = 80, _ height: Int = 24, view: ViewID = .session) {
        self.port = port
        size = Size(width, height)
        state.view = view
        state.observe(snapshot)
        settle()
    }

    static var small: FakePort {
        FakePort([
            FakePort.linear("fc1", 60, 64, fold: .init(maps: 1, height: 8, width: 8)), FakePort.linear("fc2", 40, 60),
            FakePort.linear("fc3", 10, 40, dead: nil),
        ])
    }

    var snapshot: Snapshot { port.latestSnapshot()! }
    var grid: CellGrid { Workbench.draw(state, snapshot, size: size, options: options) }
    var rows: [String] { grid.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    mutating func press(_ keys: Key...) {
        effects = []
        for key in keys { pressOne(key) }
    }

    mutating func type(_ text: String) { for character in text { pressOne(.character(character)) } }

    private mutating func pressOne(_ key: Key) {
        let done = state.handle(key, snapshot, size: size, options: options)
        effects += done
        for effect in done {
            switch effect {
            case .send(let command):
                port.send(command)
                state.observe(snapshot)
            case .ask(let query): for answer in port.answers(to: query) { state.receive(answer, to: query) }
            default: break
            }
        }
        settle()
    }

    /// Answers what the view wants until it wants nothing more.
    mutating func settle() {
        for _ in 0..<200 {
            clock += 1
            let turn = inquiry.next(
                state.wants(snapshot, size: size), state.answers, stamp: snapshot.weightsStamp, now: clock)
            guard !turn.ask.isEmpty else { return }
            for query in turn.ask {
                for answer in port.answers(to: query) {
                    inquiry.received(answer, to: query, now: clock)
                    state.receive(answer, to: query)
                }
            }
        }
        fatalError("the view never stops asking")
    }
}
