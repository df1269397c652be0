import Text

/// What the files of an export are called.
extension C99Export {
    package static func fileNames(_ name: String) -> [String] {
        ["\(name).c", "\(name).h", "main.c", "main-cortex-m.c", "cortex-m.ld"]
    }

    /// Why no network is called so; nil: it may be. The name stands in `#include "…"`, in comments and in lines for a shell.
    package static func refusal(ofName name: String) -> String? {
        if name.isEmpty || name == "/" || name == "." || name == ".." { return "no name" }
        if ["main", "main-cortex-m"].contains(name) { return "the name of a program beside the network" }
        let isPlain = name.unicodeScalars.allSatisfy { scalar in
            !"\"\\?*<>".unicodeScalars.contains(scalar) && !scalar.isUnseen
        }
        return isPlain ? nil : "a name that C's #include does not take everywhere (\" \\ ? * < >, or what is not seen)"
    }

    /// The name with something behind it, as a word in a shell's line that is no option.
    func word(_ ending: String = "", runs: Bool = false) -> String {
        let file = options.name + ending
        return (runs || file.hasPrefix("-") ? "./" + file : file).shellWord
    }
}
