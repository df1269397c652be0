import Foundation

/// Ramps for 256 colours, made of what the xterm cube and its greys have: entries near the map's own colours in a perceptual
/// space, with lightness strictly rising. A map that is rounded colour by colour turns teal and olive on its way.
extension Palette {
    /// The colour number of a level; nil for what is no level.
    func ramp(_ ink: Ink) -> Int? {
        switch ink {
        case .role: return nil
        case .level(let level):
            let ramp = Palette.ramps[RampKey(map: map, isSigned: false)] ?? []
            return Palette.entry(theme == .dark ? Int(level) : 63 - Int(level), of: ramp)
        case .signed(let level):
            return Palette.entry(Int(level), of: Palette.ramps[RampKey(map: map, isSigned: true)] ?? [])
        }
    }

    private static func entry(_ level: Int, of ramp: [Int]) -> Int? {
        ramp.isEmpty ? nil : ramp[max(0, min(63, level)) * ramp.count / 64]
    }

    private struct RampKey: Hashable {
        var map: Map
        var isSigned: Bool
    }

    private static let ramps: [RampKey: [Int]] = {
        var ramps: [RampKey: [Int]] = [:]
        for map in Map.allCases {
            let palette = Palette(theme: .dark, map: map)
            ramps[RampKey(map: map, isSigned: false)] = ramp((0...63).map { palette.rgb(.level($0))! })
            ramps[RampKey(map: map, isSigned: true)] = ramp((0...63).map { palette.rgb(.signed($0))! })
        }
        return ramps
    }()

    private static func ramp(_ path: [RGB]) -> [Int] {
        let cube = (16...255).map { (number: $0, place: Perceived(RGB(indexed: $0))) }
        var entries: [Int] = []
        var least = -1.0
        for colour in path {
            let wanted = Perceived(colour)
            guard wanted.lightness > least + 0.01 else { continue }
            let fitting = cube.filter {
                $0.place.lightness > least + 0.01 && $0.place.lightness < wanted.lightness + 0.03
            }
            guard let nearest = fitting.min(by: { $0.place.distance(wanted) < $1.place.distance(wanted) }),
                // Of another hue is worse than a grade less.
                nearest.place.distance(wanted) < 0.02
            else { continue }
            entries.append(nearest.number)
            least = nearest.place.lightness
        }
        return entries
    }
}

/// A colour as an eye parts it: lightness, green to red, blue to yellow. Reference: Ottosson 2020, OKLab.
package struct Perceived: Sendable {
    package let lightness, a, b: Double

    package init(_ colour: RGB) {
        func linear(_ value: UInt8) -> Double {
            let share = Double(value) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        let (red, green, blue) = (linear(colour.red), linear(colour.green), linear(colour.blue))
        let l = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        let m = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        let s = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
        a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
        b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    }

    /// Hue weighs more than lightness, which rises anyway.
    func distance(_ other: Perceived) -> Double {
        let (l, a, b) = (lightness - other.lightness, a - other.a, b - other.b)
        return l * l + 3 * (a * a + b * b)
    }
}

extension RGB {
    /// One of the 240 fixed colours of a terminal with 256.
    package init(indexed number: Int) {
        let steps: [UInt32] = [0, 95, 135, 175, 215, 255]
        if number >= 232 {
            let grey = UInt32(8 + (number - 232) * 10)
            self.init(grey << 16 | grey << 8 | grey)
        } else {
            let place = number - 16
            self.init(steps[place / 36] << 16 | steps[place / 6 % 6] << 8 | steps[place % 6])
        }
    }
}
