/// Runs `body` over ranges that together are 0 ..< count: one for each thread, or fewer of `least` and more; by the caller alone
/// without a team.
package func share(_ count: Int, atLeast least: Int, among team: Team?, _ body: (Range<Int>) -> Void) {
    let tasks = min(team?.size ?? 1, max(1, count / max(1, least)))
    guard let team, tasks > 1 else { return body(0..<count) }
    team.run(tasks: tasks) { body($0 * count / tasks..<($0 + 1) * count / tasks) }
}
