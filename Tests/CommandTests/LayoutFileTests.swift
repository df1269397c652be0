import Foundation
import Terminal
import Testing

/// `workbench.json` of a run, seen from the command: whatever it holds, the run opens.
@Suite struct LayoutFileTests {
    private func finished() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        #expect(try Program.run("train", "digits", "--steps", "120", "--run", folder("run")).code == 0)
        return folder
    }

    @Test(arguments: ["", "{", "{\"version\":7}", "\u{1B}]0;pwned\u{07}"])
    func `One that cannot be read is left out, with one message`(text: String) throws {
        let folder = try finished()
        try folder.write(text, to: "run/workbench.json")
        let picture = try Program.run("workbench", folder("run"), "--render", "threshold")
        #expect(picture.code == 0 && picture.output.contains("[3 Threshold]"))
        #expect(picture.errors.split(separator: "\n").count == 1 && picture.errors.contains("workbench.json"))
        let desk = try Desk(["run"], in: folder, run: nil)
        try desk.terminal.wait(for: "the saved layout (workbench.json) cannot be read")
        desk.terminal.send("3")
        try desk.terminal.wait(for: "[3 Threshold]")
        // Before the run is read q leaves at once, for there is nothing to lose.
        try desk.terminal.wait(for: "FINISHED")
        #expect(try desk.leave() == 0)
        #expect(try Program.run("workbench", folder("run"), "--render", "session").errors.isEmpty)
    }

    @Test(arguments: ["-1", "64", "1e308", "-9223372036854775808", "9223372036854775807", "\"nan\"", "\"inf\"", "null"])
    func `Any number in it leaves every view drawn`(value: String) throws {
        let folder = try finished()
        let draft = #"{"scope":{"global":{}},"anchor":{"threshold":{"_0":\#(value)}}}"#
        try folder.write(
            #"{"version":1,"view":"heat","layer":"fc1","filter":"","session":{"curve":"loss","byTime":true,"#
                + #""zoom":\#(value),"end":\#(value),"cursor":\#(value)},"heat":{"quantity":"signed","row":\#(value),"#
                + #""column":\#(value),"zoom":\#(value),"originRow":\#(value),"originColumn":\#(value),"#
                + #""isFolded":false,"scales":{"fc1/signed/m":\#(value)}},"threshold":{"ofAll":true,"#
                + #""logarithmic":true,"zoom":\#(value),"natural":{"*":\#(value),"/fc1":\#(value)}},"drafts":{"scope":"#
                + #"{"global":{}},"byScope":[{"global":{}},\#(draft)],"undone":[],"done":[{"scope":{"global":{}},"#
                + #""draft":\#(draft)}],"isMoving":false},"measured":[]}"#, to: "run/workbench.json")
        for view in ["session", "heat", "threshold"] {
            let picture = try Program.run("workbench", folder("run"), "--render", view, "--size", "120x40")
            #expect(picture.code == 0 && picture.errors.isEmpty, "\(value) \(view): \(picture)")
        }
    }
}
