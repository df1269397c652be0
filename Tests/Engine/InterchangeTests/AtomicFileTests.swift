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

    @Test func severalAreReplacedTogether() throws {
        try AtomicFile.write([1], to: folder("a"))
        try AtomicFile.write([(folder("a"), [[2], [3]]), (folder("b"), [[4]])])
        #expect(contents(folder("a")) == [2, 3] && contents(folder("b")) == [4])
        // The second is refused: the first stays what it was, and is not made where it was not.
        for first in ["a", "c"] {
            #expect(throws: FileProblem.self) {
                try AtomicFile.write([(folder(first), [[5]]), (folder("missing/d"), [[6]])])
            }
        }
        #expect(contents(folder("a")) == [2, 3])
        #expect(folder.names == ["a", "b"])
    }

    /// Two files want one name's folder and its place: the second rename fails, and the first file goes again.
    @Test func aNameThatCannotBeGivenTakesTheOthersAlong() throws {
        try FileManager.default.createDirectory(atPath: folder("d"), withIntermediateDirectories: false)
        #expect(throws: FileProblem.self) {
            try AtomicFile.write([(folder("a"), [[1]]), (folder("b"), [[2]]), (folder("b/"), [[3]])])
        }
        #expect(folder.names == ["d"])
    }

    @Test func refusedWritesOfSeveralLeaveNone() async throws {
        try AtomicFile.write([7], to: folder("b"))
        await #expect(processExitsWith: .success) { [a = folder("a") as String, b = folder("b") as String] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
            do {
                try AtomicFile.write([(a, [[1]]), (b, [[UInt8](repeating: 1, count: 1001)])])
                exit(3)
            } catch let problem as FileProblem {
                exit(problem.path == b && problem.place == "writing" ? 0 : 4)
            }
        }
        #expect(contents(folder("b")) == [7])
        #expect(folder.names == ["b"])
    }

    @Test func foldersThatWereMadeForNothingGoAgain() throws {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try Files.inFolder(folder("x/y/z")) { throw Failure() } }
        #expect(folder.names == [])
        try Files.inFolder(folder("x")) {}
        #expect(throws: Failure.self) {
            try Files.inFolder(folder("x/y/z")) {
                put([1], folder("x/y/kept"))
                throw Failure()
            }
        }
        // One that was there, and what has something in it, stays.
        #expect(contents(folder("x/y/kept")) == [1] && !Files.exists(folder("x/y/z")))
        put([], folder("file"))
        #expect(throws: FileProblem.self) { try Files.inFolder(folder("file/y")) {} }
        #expect(folder.names == ["file", "x"])
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
        let read = try decoded()
        #expect(read.values.map(\.value) == ["{\"a\":1}", "{\"b\":\"ü\"}", "{}"])
        #expect(read.damaged == nil && read.completeBytes == file.length)
    }

    /// A line counts where it ends in a brace.
    private func decoded() throws -> JSONLines.Decoded<String> {
        try JSONLines.read(folder("j")).decoded(as: "a line") { $0.hasSuffix("}") ? $0 : nil }
    }

    @Test func everyTruncationGivesTheCompleteLines() throws {
        let whole = Array("{1}\n{22}\n{333}\n".utf8)
        for length in 0...whole.count {
            put(Array(whole[..<length]), folder("j"))
            let read = try decoded()
            // Whole is what ends in its brace, the line break after it or not.
            let expected = whole[..<length].count { $0 == UInt8(ascii: "}") }
            #expect(read.values.map(\.value) == Array(["{1}", "{22}", "{333}"].prefix(expected)))
            #expect((read.damaged == nil) == (read.completeBytes == length))

            if ![0, 4, 9, 15].contains(length) {
                #expect(throws: FileProblem.self) { try AppendFile(folder("j")) }
            }
            let file = try AppendFile(folder("j"), keeping: read.completeBytes)
            try file.append("{next}")
            #expect(try decoded().values.map(\.value) == read.values.map(\.value) + ["{next}"])
        }
    }

    @Test func blankLinesAndWindowsLineEndsAreNoDamage() throws {
        put(Array("\n{1}\r\n \t\n\r\n{2}\n\n".utf8), folder("j"))
        let read = try decoded()
        #expect(read.values.map(\.value) == ["{1}", "{2}"] && read.values.map(\.line.number) == [2, 5])
        #expect(read.damaged == nil)
    }

    @Test(arguments: [[0x7B], [0, 0, 0, 0], [0, 0, 10], [0xFF, 0x7D, 10], [0x7B, 10, 10]] as [[UInt8]])
    func aDamagedEndIsTold(_ tail: [UInt8]) throws {
        put(Array("{1}\n{2}\n".utf8) + tail, folder("j"))
        let read = try decoded()
        #expect(read.values.count == 2 && read.completeBytes == 8 && read.damaged?.number == 3)
        put(Array("{1}\n".utf8) + tail + Array("\n{2}\n".utf8), folder("j"))
        let problem = #expect(throws: FileProblem.self) { try decoded() }
        #expect(problem?.place == "line 2")
    }

    @Test func aLineIsTakenBack() throws {
        let file = try AppendFile(folder("j"))
        try file.append("{1}")
        try file.append("{22}")
        try file.dropLast()
        try file.dropLast()
        try file.append("{3}")
        #expect(try decoded().values.map(\.value) == ["{1}", "{3}"])
    }

    @Test func linksAreNotFollowed() throws {
        put([7], folder("victim"))
        for target in ["victim", "new"] {
            symlink(folder(target), folder("link"))
            #expect(throws: FileProblem.self) { try AppendFile(folder("link")) }
            #expect(throws: FileProblem.self) { try AppendFile(folder("link"), keeping: 0) }
            #expect(throws: FileProblem.self) { try AtomicFile.write([1], to: folder("link")) }
            unlink(folder("link"))
        }
        #expect(contents(folder("victim")) == [7] && folder.names == ["victim"])
    }

    @Test func leftOversGoAndNothingElse() throws {
        let others = [
            ".espalier-1", ".espalier-1-x", ".espalier--1", ".espalier-1-1-1", ".espalier-notes", "espalier-1-1",
        ]
        for name in others + [".espalier-1-1", ".espalier-99999999-12"] { put([], folder(name)) }
        // Somebody writes this one.
        let held = open(folder(".espalier-1-2"), O_WRONLY | O_CREAT, 0o600)
        #expect(flock(held, LOCK_EX) == 0)
        put([7], folder("victim"))
        symlink(folder("victim"), folder(".espalier-1-3"))
        AtomicFile.removeLeftOvers(in: folder.path)
        #expect(folder.names.sorted() == (others + [".espalier-1-2", ".espalier-1-3", "victim"]).sorted())
        close(held)
    }

    @Test func refusesWhatIsNoJournal() throws {
        put([0xFF, 10], folder("j"))
        #expect(throws: FileProblem.self) { try JSONLines.read(folder("none")) }
        #expect(throws: FileProblem.self) { try AppendFile(folder("")) }
        #expect(throws: FileProblem.self) { try AppendFile(folder("j"), keeping: 3) }
    }
}
