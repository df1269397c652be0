import Interchange
import Testing

@Suite struct PathPartsTests {
    @Test(arguments: [
        ("x", "", "x"), ("x/", "", "x"), ("é", "", "é"), ("x/yy", "x", "yy"), ("/x", "/", "x"), ("/", "/", "/"),
        ("//", "/", "/"), ("", "", ""), ("a//b/", "a", "b"), ("/a/b", "/a", "b"), (".", "", "."), ("../r", "..", "r"),
        // A mark that Swift joins with the slash before it.
        ("a/\u{301}b", "a", "\u{301}b"),
    ])
    func aPathIsItsFolderAndItsName(path: String, folder: String, name: String) {
        #expect(Files.folder(of: path) == folder)
        #expect(Files.name(of: path) == name)
    }

    @Test(arguments: [
        ("k", "k", ""), ("k.safetensors", "k", "safetensors"), ("runs/a.b.yaml", "runs/a.b", "yaml"),
        ("/k.x", "/k", "x"), (".hidden", ".hidden", ""), ("a.b/c", "a.b/c", ""), ("a.", "a", ""), ("", "", ""),
    ])
    func anEndingIsWhatStandsBehindTheLastDot(path: String, rest: String, ending: String) {
        #expect(Files.withoutEnding(path) == rest)
        #expect(Files.ending(of: path) == ending)
    }
}
