import Foundation
import Interchange
import Testing

@Suite struct AtomicFileTests {
    let folder = TemporaryFolder()

    @Test func replacesWholeAndLeavesNothingElse() throws {
        try AtomicFile.write([1, 2, 3], to: folder("a"))
        try AtomicFile.write([[4], [], [5, 6]], to: folder("a"))
        #expect(contents(folder("a")) == [4, 5, 6])
        #expect(folder.names == ["a"])
    }

    @Test func aLongNameFits() throws {
        let name = String(repeating: "n", count: 255)
        try AtomicFile.write([1], to: folder(name))
        #expect(folder.names == [name])
    }

    @Test func aMissingFolderIsNamed() {
        let path = folder("missing/a")
        #expect(
            throws: FileProblem(
                path: path, place: "creating", found: "'No such file or directory'",
                expected: "a folder that can be written to")
        ) { try AtomicFile.write([1], to: path) }
        #expect(folder.names == [])
    }

    @Test func foldersAndDevicesAreNotReplaced() throws {
        try FileManager.default.createDirectory(atPath: folder("d"), withIntermediateDirectories: false)
        #expect(throws: FileProblem.self) { try AtomicFile.write([1], to: folder("d")) }
        #expect(throws: FileProblem.self) { try AtomicFile.write([1], to: "/dev/null") }
        #expect(throws: FileProblem.self) { try AtomicFile.write([1], to: folder("d/")) }
        #expect(folder.names == ["d"])
    }

    /// A write refused in the middle, as on a full disk: the limit counts for the whole process, so a child does it.
    @Test func aRefusedWriteLeavesTheOldFile() async throws {
        try AtomicFile.write([7], to: folder("a"))
        await #expect(processExitsWith: .success) { [path = folder("a") as String] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
            do {
                try AtomicFile.write([[UInt8](repeating: 1, count: 900), [UInt8](repeating: 2, count: 900)], to: path)
                exit(3)
            } catch let problem as FileProblem {
                exit(problem.path == path && problem.place == "writing" ? 0 : 4)
            }
        }
        #expect(contents(folder("a")) == [7])
        #expect(folder.names == ["a"])
    }
}

@Suite struct AppendFileTests {
    let folder = TemporaryFolder()

    @Test func linesComeBack() throws {
        do {
            let file = try AppendFile(folder("j"))
            try file.append("{\"a\":1}", flush: true)
            try file.append("{\"b\":\"ü\"}")
        }
        let file = try AppendFile(folder("j"))
        try file.append("{}")
        let read = try JSONLines.read(folder("j"))
        #expect(read.lines == ["{\"a\":1}", "{\"b\":\"ü\"}", "{}"])
        #expect(!read.tailDropped && read.completeBytes == file.length)
    }

    @Test func everyTruncationGivesTheCompleteLines() throws {
        let whole = Array("one\ntwo\nthree\n".utf8)
        for length in 0...whole.count {
            put(Array(whole[..<length]), folder("j"))
            let read = try JSONLines.read(folder("j"))
            let complete = (whole[..<length].lastIndex(of: 10) ?? -1) + 1
            #expect(read.lines == Array(["one", "two", "three"].prefix(whole[..<complete].count { $0 == 10 })))
            #expect(read.completeBytes == complete && read.tailDropped == (complete < length))

            if read.tailDropped { #expect(throws: FileProblem.self) { try AppendFile(folder("j")) } }
            let file = try AppendFile(folder("j"), keeping: read.completeBytes)
            try file.append("next")
            #expect(try JSONLines.read(folder("j")).lines == read.lines + ["next"])
        }
    }

    @Test func refusesWhatIsNoJournal() throws {
        put([0xFF, 10], folder("j"))
        #expect(throws: FileProblem.self) { try JSONLines.read(folder("j")) }
        #expect(throws: FileProblem.self) { try JSONLines.read(folder("none")) }
        #expect(throws: FileProblem.self) { try AppendFile(folder("")) }
        #expect(throws: FileProblem.self) { try AppendFile(folder("j"), keeping: 3) }
    }
}
