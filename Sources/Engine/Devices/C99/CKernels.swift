/// The C of kernels. Only those that a network uses are written, with what they need.
enum CKernels {
    struct Kernel {
        let name: String
        var needs: [String] = []
        let text: String
    }

    /// In the order that they are written.
    static func all(_ types: CTypes, tiles: Set<CTile>) -> [Kernel] {
        (types.isQuantized ? integers + [level(types)] : CMath.all) + places
            + CWalkers.all.flatMap { $0.kernels(types) }
            + sums(types, tiles)
    }

    static let integers: [Kernel] = [
        Kernel(
            name: "shifted",
            text: """
                /* p / 2^shift, rounded down; C does not say how a negative number is shifted. */
                static int64_t shifted(int64_t p, int shift)
                {
                    return p < 0 ? ~(~p >> shift) : p >> shift;
                }
                """),
        Kernel(
            name: "requantized", needs: ["shifted"],
            text: """
                static int64_t requantized(int64_t value, int32_t multiplier, int shift)
                {
                    return shifted(value * multiplier + ((int64_t)1 << (shift - 1)), shift);
                }
                """),
        Kernel(
            name: "clamped",
            text: """
                static int8_t clamped(int64_t value, int low, int high)
                {
                    return (int8_t)(value < low ? low : value > high ? high : value);
                }
                """),
        Kernel(
            name: "whole_root",
            text: """
                /* The root of a number below 2^62, rounded down. */
                static int64_t whole_root(int64_t number)
                {
                    int64_t root = 0;
                    for (int64_t bit = (int64_t)1 << 30; bit > 0; bit >>= 1)
                        if ((root + bit) * (root + bit) <= number)
                            root += bit;
                    return root;
                }
                """),
    ]

    /// `rounding` and `less` are those of `CTile.scale`. A product of unsigned numbers and no branch: compilers make vectors of it.
    private static func level(_ types: CTypes) -> Kernel {
        let wide = """
                int64_t step = (int64_t)((sum * (uint64_t)factor + rounding) >> shift) - less;
            """
        let narrow = """
                const uint32_t above = (uint32_t)((sum * (uint64_t)factor + rounding) >> 32) >> (shift - 32);
                int16_t step = (int16_t)((int32_t)above - less);
            """
        let step = types.step
        return Kernel(
            name: "level",
            text: """
                /* A sum, given as 2^31 more than it is, in steps of the output; rounding keeps all above 0, less takes that off. */
                static int8_t level(uint32_t sum, uint32_t factor, uint64_t rounding, int shift, \(types.isNarrow ? "int32_t" : "int64_t") less,
                                    \(step) low, \(step) high)
                {
                \(types.isNarrow ? narrow : wide)
                    step = step < low ? low : step;
                    return (int8_t)(step > high ? high : step);
                }
                """)
    }

    static let places: [Kernel] = [
        Kernel(
            name: "window_offsets",
            text: """
                /* Where each column of a layer's weights is read, from the first tap. */
                static void window_offsets(offset_t *at, int channels, int height, int width, int plane, int line, int step)
                {
                    for (int c = 0; c < channels; c++)
                        for (int y = 0; y < height; y++)
                            for (int x = 0; x < width; x++)
                                *at++ = (offset_t)(c * plane + y * line + x * step);
                }
                """),
        CWalkers.taken,
    ]

    private static func sums(_ types: CTypes, _ tiles: Set<CTile>) -> [Kernel] {
        let value = types.value
        let all = tiles.union(tiles.map { CTile.four(stride: $0.stride) })
        return [
            Kernel(
                name: "border",
                text: """
                    /* Sets what lies around the rows of an image. */
                    static void border(\(value) *image, int channels, int height, int width, int gap, int rows, \(value) zero)
                    {
                        const int pitch = width + gap;
                        for (int k = 0; k < rows * pitch + gap; k++)
                            *image++ = zero;
                        for (int c = 0; c < channels; c++) {
                            for (int y = 0; y < height; y++) {
                                image += width;
                                for (int k = 0; k < gap; k++)
                                    *image++ = zero;
                            }
                            for (int k = 0; k < rows * pitch; k++)
                                *image++ = zero;
                        }
                    }
                    """)
        ] + all.sorted().map { $0.kernel(types) }
    }
}
