import Foundation
import Interchange
import Testing

@Suite struct TableTests {
    private func table(_ text: String, header: Table.Header = .auto, path: String = "t.csv") throws -> Table {
        try Table(ByteSlice(Array(text.utf8)), path: path, header: header)
    }
    private func values(_ table: Table, target: String = "y", missing: Table.Missing = .refuse) throws -> (
        [Float], Table.Values
    ) {
        let place = table.column(target)!
        let inputs = try table.inputs(table.columns.indices.filter { $0 != place }, isOneHot: true)
        let values = try table.values(inputs, targets: [place], missing: missing)
        return (values.inputs.floats(), values)
    }

    @Test(arguments: [
        "a,b,y\n1,2,cat\n3,4.5,dog\n", "a;b;y\r\n1;2;cat\r\n3;4.5;dog", "\u{FEFF}a\tb\ty\n1\t2\tcat\n\n3\t4.5\tdog\n\n",
        "\"a\", \"b\", \"y\"\r1, 2, \"cat\"\r3, 4.5, dog\r", "a|b|y\n1|2|cat\n3|4.5|dog",
    ])
    func formsOfOneTableAreTheSame(text: String) throws {
        let table = try table(text)
        #expect(table.hasHeader && table.rows == 2 && table.columns.map(\.name) == ["a", "b", "y"])
        let (floats, values) = try values(table)
        #expect(floats == [1, 2, 3, 4.5] && values.targets == [["cat", "dog"]])
    }

    @Test func columnsAreNamedByNumberWithoutAHeader() throws {
        let table = try table("1,2,0\n3,4,1\n")
        #expect(!table.hasHeader && table.rows == 2 && table.columns.map(\.name) == ["1", "2", "3"])
        #expect(table.column("last") == 2 && table.column("first") == 0 && table.column("2") == 1)
        #expect(table.column("4") == nil && table.column("y") == nil)
        #expect(try self.table("a,b\nc,d", header: .no).rows == 2)
        #expect(try self.table("1,2\n3,4", header: .yes).rows == 1)
    }

    @Test func textsBecomeAnInputEach() throws {
        let table = try table("size,colour,y\n1,red,0\n2,green,1\n3,red,0\n")
        let (floats, values) = try values(table)
        #expect(values.inputs.dimensions == [3, 3])
        #expect(floats == [1, 0, 1, 2, 1, 0, 3, 0, 1])
        let places = try table.inputs([0, 1], isOneHot: false)
        #expect(try table.values(places, targets: [2], missing: .refuse).inputs.floats() == [1, 1, 2, 0, 3, 1])
        // Of the test table, in the order of the training table.
        let inputs = try table.inputs([0, 1], isOneHot: true)
        let test = try self.table("y,colour,size\n1,blue,9\n0,red,8\n")
        let other = try test.values(inputs, targets: [0], missing: .refuse)
        #expect(other.inputs.floats() == [9, 0, 0, 8, 0, 1] && other.unseen == 1)
    }

    @Test func missingCellsAreSaidDroppedOrReplaced() throws {
        let table = try table("a,b,y\n1,NA,0\n,4,1\n5,6,0\n")
        #expect(table.columns[0].missing == 1 && table.columns[1].missing == 1)
        #expect {
            _ = try values(table)
        } throws: {
            "\($0)"
                == "t.csv, line 2, cell 2: found no value of 'b' (1 of 3 rows have none), expected a value; 'missing: drop' leaves such rows out, 'missing: mean' takes the column's mean"
        }
        #expect(try values(table, missing: .drop).0 == [5, 6] && values(table, missing: .drop).1.dropped == 2)
        #expect(try values(table, missing: .mean).0 == [1, 5, 3, 4, 5, 6])
        let noTarget = try self.table("a,y\n1,\n2,0\n")
        #expect(throws: FileProblem.self) { _ = try values(noTarget, missing: .mean) }
        #expect(try values(noTarget, missing: .drop).0 == [2])
    }

    @Test(arguments: [
        ("", "size"), ("a,b\n", "line 1"), ("a,b\n1\n", "line 2"), ("a,b\n1,2,3\n", "line 2"), ("a,a\n1,2\n", "line 1"),
        ("a,b\n1,\"2\n", "line 2, cell 2"), ("a,b\n\"1\"x,2\n", "line 2, cell 1"), ("a,b\n1,\0\n", "line 2, cell 2"),
        ("a;b\n1;2,5\n", "line 2, cell 2"),
    ])
    func whatIsNoTableNamesThePlace(text: String, place: String) {
        #expect { try table(text) } throws: { ($0 as? FileProblem)?.place == place }
    }

    @Test func hostileTextsEndInAnErrorOrATable() throws {
        let text = Array("a,\"b \"\"c\"\"\",y\n1,\"x\ny\",0\n2,z,1\n".utf8)
        for length in text.indices { _ = try? Table(ByteSlice(Array(text[..<length])), path: "cut.csv") }
        for place in text.indices {
            for byte in [0, 10, 34, 44, 255] as [UInt8] {
                var damaged = text
                damaged[place] = byte
                guard let table = try? Table(ByteSlice(damaged), path: "d.csv"),
                    let inputs = try? table.inputs(Array(table.columns.indices.dropLast()), isOneHot: true)
                else { continue }
                _ = try? table.values(inputs, targets: [table.columns.count - 1], missing: .mean)
            }
        }
        #expect(throws: FileProblem.self) { try Table(ByteSlice([0xFF, 0xFE, 65, 0]), path: "wide.csv") }
        let wide = try table(
            (0..<5000).map { "c\($0)" }.joined(separator: ",") + "\n"
                + [String](repeating: "1", count: 5000).joined(separator: ","))
        #expect(wide.columns.count == 5000)
    }

    @Test func numbersAreThoseThatTheirDigitsSay() throws {
        let words = ["0.1", "-3", "+4.25", "1e-3", "6.02e23", "123456789012345678", "0.000001", "5.", ".5", "1E5"]
        let table = try table("x,y\n" + words.map { "\($0),0" }.joined(separator: "\n"))
        #expect(table.columns[0].isNumeric)
        #expect(try values(table).0 == words.map { Float(Double($0.hasSuffix(".") ? $0 + "0" : $0)!) })
        for word in ["0x10", "1_000", "--1", "1.2.3", "e5", "١"] {
            #expect(try self.table("x,y\n\(word),0").columns[0].isNumeric == false, "\(word)")
        }
        #expect(try self.table("x,y\ninf,0").columns[0].isNumeric)
    }
}
