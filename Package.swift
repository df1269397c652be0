// swift-tools-version: 6.1
import Foundation
import PackageDescription

// Without these flags a fused multiply-add of a SIMD vector is a library call, about 100 times slower, so they go on
// every Swift target. ESPALIER_CPU chooses: `avx512`, `avx2`, or `portable` for any processor of the architecture;
// without it the widest of the first two that the machine that builds has. All give the same bits but the portable one,
// which has no fused multiply-add.
enum Vectors: String {
    case avx512, avx2, portable

    static let chosen: Vectors = {
        let asked = ProcessInfo.processInfo.environment["ESPALIER_CPU"] ?? ""
        if let level = Vectors(rawValue: asked) { return level }
        let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let features = Set(
            (processor.split(separator: "\n").first { $0.hasPrefix("flags") } ?? "").split(separator: " "))
        return features.isSuperset(of: ["avx512f", "avx512vl", "avx512dq", "avx512bw"]) ? .avx512 : .avx2
    }()

    var flags: [String] {
        switch self {
        case .portable: []
        case .avx2: ["avx2", "fma", "f16c"]
        case .avx512: ["avx2", "fma", "f16c", "avx512f", "avx512vl", "avx512dq", "avx512bw"]
        }
    }
}
let vectorFlags: [SwiftSetting] = {
    #if arch(x86_64)
        let level = Vectors.chosen
        if level == .portable { return [] }
        return [.unsafeFlags(level.flags.flatMap { ["-Xcc", "-m\($0)"] }), .define("ESPALIER_FMA")]
            + (level == .avx512 ? [.define("ESPALIER_AVX512")] : [])
    #else
        return [.define("ESPALIER_FMA")]
    #endif
}()
let processorFlags: [CSetting] = {
    #if arch(x86_64)
        switch Vectors.chosen {
        case .portable: return []
        case .avx2: return [.define("ESPALIER_NEEDS_AVX2")]
        case .avx512: return [.define("ESPALIER_NEEDS_AVX2"), .define("ESPALIER_NEEDS_AVX512")]
        }
    #else
        return []
    #endif
}()

// Of the 86 s that compiling `Kernels` takes, these passes take 35: they go through kernels of hundreds of inlined vectors
// again and again. LLVM does the same later; the machine code of every loop with multiply-adds is the same without them.
let kernelFlags: [SwiftSetting] = [
    .unsafeFlags(
        ["loop-invariant-code-motion", "early-redundant-load-elimination", "redundant-load-elimination"]
            .flatMap { ["-Xllvm", "-sil-disable-pass=\($0)"] })
]

func engine(_ name: String, _ dependencies: [Target.Dependency], flags: [SwiftSetting] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/Engine/\(name)", swiftSettings: vectorFlags + flags)
}
func workbench(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/Workbench/\(name)",
        swiftSettings: vectorFlags)
}
// Tests that leave all arithmetic to what they test run as fast unoptimised, and compile in a third of the time.
func tests(
    _ name: String, in half: String = "", _ dependencies: [Target.Dependency], exclude: [String] = [],
    optimised: Bool = true
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(half)\(name)", exclude: exclude,
        swiftSettings: vectorFlags + (optimised ? [] : [.unsafeFlags(["-Onone"])]))
}

let package = Package(
    name: "espalier",
    products: [
        .executable(name: "espalier", targets: ["espalier"]),
        .library(name: "Engine", targets: ["Engine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "CProcessor", path: "Sources/Engine/CProcessor", cSettings: processorFlags),
        .target(name: "CIntegers", path: "Sources/Engine/CIntegers", publicHeadersPath: ".", cSettings: processorFlags),
        .systemLibrary(name: "CZlib", path: "Sources/Engine/CZlib"),
        // In C, for libpng and libjpeg report errors by jumps, which may not pass Swift's frames.
        .target(
            name: "CPng", path: "Sources/Engine/CPng", publicHeadersPath: ".", linkerSettings: [.linkedLibrary("png")]),
        .target(
            name: "CJpeg", path: "Sources/Engine/CJpeg", publicHeadersPath: ".",
            linkerSettings: [.linkedLibrary("jpeg")]),
        .systemLibrary(name: "CNcurses", path: "Sources/Workbench/CNcurses"),

        .target(name: "Text", path: "Sources/Text"),
        engine("Descriptors", ["CProcessor"]),
        engine("Kernels", ["Descriptors"], flags: kernelFlags),
        engine("Graph", ["Kernels", "Descriptors"]),
        engine("Sparsity", ["Graph", "Kernels", "Descriptors"]),
        engine("Interchange", ["CZlib", "CPng", "CJpeg", "Text", "Graph", "Kernels", "Descriptors"]),
        engine("Models", ["Interchange", "Graph", "Kernels", "Descriptors"]),
        engine("Devices", ["CIntegers", "Models", "Interchange", "Text", "Graph", "Kernels", "Descriptors"]),
        engine(
            "Training",
            [
                "Devices", "Sparsity", "Models", "Interchange", "Text", "Graph", "Kernels", "Descriptors",
                .product(name: "Yams", package: "Yams"),
            ]),
        engine("Engine", ["Training", "Sparsity", "Interchange", "Graph", "Kernels", "Descriptors"]),

        workbench("Terminal", ["CNcurses", "Text"]),
        workbench("Views", ["Terminal", "Training", "Interchange", "Text", "Sparsity", "Descriptors"]),
        .executableTarget(
            name: "espalier",
            dependencies: [
                "Views", "Terminal", "CNcurses", "Training", "Devices", "Models", "Sparsity", "Interchange", "Text",
                "Graph",
                "Kernels", "Descriptors",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Sources/espalier", swiftSettings: vectorFlags),

        tests("TextTests", ["Text"]),
        tests("KernelsTests", in: "Engine/", ["Kernels", "Descriptors", "CAllocations"]),
        tests("GraphTests", in: "Engine/", ["Graph", "Kernels", "Descriptors"]),
        tests("SparsityTests", in: "Engine/", ["Sparsity", "Graph", "Kernels", "Descriptors"]),
        tests("InterchangeTests", in: "Engine/", ["Interchange", "Graph", "Kernels", "Descriptors"]),
        tests(
            "ModelsTests", in: "Engine/", ["Models", "Interchange", "Graph", "Kernels", "Descriptors"],
            exclude: ["reference.py"]),
        tests(
            "DevicesTests", in: "Engine/", ["Devices", "Models", "Interchange", "Graph", "Kernels", "Descriptors"]),
        tests(
            "TrainingTests", in: "Engine/",
            ["Training", "Sparsity", "Models", "Interchange", "Graph", "Kernels", "Descriptors", "CAllocations"],
            optimised: false
        ),
        // Counts allocations: an allocator before that of the C library, in test programs only.
        .target(name: "CAllocations", path: "Tests/Support/CAllocations"),
        tests("TerminalTests", in: "Workbench/", ["Terminal", "CNcurses", "Text"]),
        tests(
            "ViewsTests", in: "Workbench/",
            ["Views", "Terminal", "CNcurses", "Training", "Sparsity", "Graph", "Kernels", "Descriptors"],
            optimised: false),
        tests(
            "CommandTests", ["Terminal", "CNcurses", "Text"], exclude: ["kind_sections.py", "read_kept.py"],
            optimised: false),
    ],
    swiftLanguageModes: [.v6]
)
