import Descriptors

/// A form in which data sets lie on the disk. A new one is a file in this folder and a line in `DataFormats`.
package protocol DataFormat: Sendable {
    static var descriptor: Descriptor { get }
    /// Whether the path looks like this form, by names and first bytes; nothing else of it is read.
    static func sniff(_ place: DataLocation) -> Bool
    /// Reads what is there. It says what lies where, and not what it means: layouts and classes are for who asked.
    ///
    /// - Throws: `FileProblem`.
    static func read(_ place: DataLocation, _ reading: DataReading) throws -> FoundData
}

/// The forms there are; the first that a path looks like is taken.
package enum DataFormats {
    package static let all: [any DataFormat.Type] = [
        NpzData.self, NpyData.self, TableData.self, ImageData.self, IDXData.self,
    ]

    package static func find(_ path: String) -> (any DataFormat.Type)? {
        let place = DataLocation(path)
        return all.first { $0.sniff(place) }
    }

    /// - Throws: `FileProblem`, also where the path looks like none of the forms.
    package static func read(_ path: String, _ reading: DataReading = DataReading()) throws -> FoundData {
        let place = DataLocation(path)
        if let format = all.first(where: { $0.sniff(place) }) { return try format.read(place, reading) }
        // A folder's names are told by the form that looks for most of them.
        guard !place.isFolder, !place.start.starts(with: [0, 0]), !Gzip.recognises(place.start) else {
            return try IDXData.read(place, reading)
        }
        _ = try OpenFile(path)
        throw FileProblem(
            path: path, place: "byte 0",
            found: place.start.isEmpty ? "an empty file" : "bytes of no form of data that is known",
            expected: "one of " + all.map { $0.descriptor.name }.joined(separator: ", "))
    }
}

/// A path, looked at once.
package struct DataLocation: Sendable {
    package let path: String
    package let isFolder: Bool
    /// What lies in the folder, sorted.
    package let names: [String]
    /// The first bytes of the file.
    package let start: [UInt8]

    package init(_ path: String) {
        self.path = path
        isFolder = Files.isFolder(path)
        names = isFolder ? Files.names(in: path) ?? [] : []
        start = isFolder ? [] : (try? FileBytes.start(path, count: 16)) ?? []
    }

    func files(ending endings: [String]) -> [String] {
        names.filter { !$0.hasPrefix(".") && endings.contains(Files.ending(of: $0).lowercased()) }
    }
}

/// What a person says of how data is to be read.
package struct DataReading: Sendable {
    /// Names of arrays; nil: by the names that people give them.
    package var x: String?
    package var y: String?
    package var mask: String?
    package var xTest: String?
    package var yTest: String?
    package var maskTest: String?
    /// Columns of a table that are targets, and columns that are left out.
    package var target: [String] = []
    package var ignore: [String] = []
    package var header = Table.Header.auto
    package var missing = Table.Missing.refuse
    /// Texts of a table become an input each, else the number of the text.
    package var isOneHot = true
    /// Whether the target is the input itself, so that none is looked for.
    package var wantsNoTarget = false
    /// Bytes from which on arrays are mapped, not read.
    package var mapsAbove = ByteSlice.mapsAbove

    package init() {}
}

/// What a path holds: for each half inputs, and mostly targets, as they lie there.
package struct FoundData: Sendable {
    package enum Targets: Sendable {
        case array(NumberArray)
        /// Columns of a table: their names, and of each a text a row.
        case columns([String], [[String]], isWhole: Bool, isNumeric: Bool)
        /// Folders that are classes: their names, and the number of one for each sample.
        case folders([String], [Int32])
    }
    package struct Half: Sendable {
        /// (samples, …).
        package var inputs: NumberArray
        package var targets: Targets?
        package var mask: NumberArray?
        /// Where targets were read from.
        package var targetPath: String
        /// What stands before the first target in that file, where a target is a byte.
        package var labelHeader: Int?

        package init(
            inputs: NumberArray, targets: Targets?, mask: NumberArray? = nil, targetPath: String,
            labelHeader: Int? = nil
        ) {
            self.inputs = inputs
            self.targets = targets
            self.mask = mask
            self.targetPath = targetPath
            self.labelHeader = labelHeader
        }
    }

    /// The name of its form.
    package var format: String
    package var train: Half
    package var test: Half?
    /// Whether channels stand last; nil where the form does not say.
    package var isChannelsLast: Bool?
    /// Whether each input is a feature of its own, as a table's columns are.
    package var isTable = false
    /// What is worth knowing: what was left out, what was not understood.
    package var notices: [String] = []
    /// What a recipe would say of it beyond the path, as `x: images`.
    package var settings: [String] = []

    init(format: String, train: Half, test: Half?) {
        self.format = format
        self.train = train
        self.test = test
    }
}
