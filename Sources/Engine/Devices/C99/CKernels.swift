/// The C of kernels. Only those that a network uses are written, with what they need.
enum CKernels {
    struct Kernel {
        let name: String
        var needs: [String] = []
        let text: String
    }

    /// In the order that they are written.
    static func all(isQuantized: Bool, strides: [Int]) -> [Kernel] {
        (isQuantized ? integers : CMath.all) + decoders + sums(isQuantized: isQuantized, strides: strides)
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
    ]

    static let decoders: [Kernel] = [
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
        Kernel(
            name: "bitmask_row",
            text: """
                /* Offsets of the weights of a row, a bit for each column from `bit` on. */
                static int bitmask_row(const uint8_t *codes, long bit, const offset_t *at, int columns, offset_t *offsets)
                {
                    int count = 0;
                    for (int column = 0; column < columns; column++, bit++)
                        if (codes[bit >> 3] >> (bit & 7) & 1)
                            offsets[count++] = at[column];
                    return count;
                }
                """),
        Kernel(name: "csr8_row", text: columns("csr8_row", "uint8_t")),
        Kernel(name: "csr16_row", text: columns("csr16_row", "uint16_t")),
        Kernel(
            name: "delta8_row",
            text: """
                /* Offsets of the weights of a row by steps of 8 bits; 255: so many columns on, and no weight yet. */
                static const uint8_t *delta8_row(const uint8_t *codes, const offset_t *at, int count, offset_t *offsets)
                {
                    int place = -1;
                    for (int k = 0; k < count; k++) {
                        while (*codes == 255) {
                            place += 255;
                            codes++;
                        }
                        place += *codes++ + 1;
                        offsets[k] = at[place];
                    }
                    return codes;
                }
                """),
        Kernel(
            name: "delta_row",
            text: """
                struct bits {
                    const uint8_t *codes;
                    unsigned held;
                    int count;
                };

                /* Offsets of the weights of a row by steps of few bits; all bits set: so many columns on, and no weight yet. */
                static void delta_row(struct bits *bits, int width, const offset_t *at, int count, offset_t *offsets)
                {
                    const unsigned end = (1u << width) - 1;
                    const uint8_t *codes = bits->codes;
                    unsigned held = bits->held;
                    int left = bits->count;
                    unsigned place = 0;
                    for (int k = 0; k < count; k++) {
                        unsigned step;
                        do {
                            if (left < width) {
                                held |= (unsigned)*codes++ << left;
                                left += 8;
                            }
                            step = held & end;
                            held >>= width;
                            left -= width;
                            place += step;
                        } while (step == end);
                        offsets[k] = at[place++];
                    }
                    bits->codes = codes;
                    bits->held = held;
                    bits->count = left;
                }
                """),
    ]

    private static func columns(_ name: String, _ type: String) -> String {
        """
        /* Offsets of the weights of a row by their columns. */
        static void \(name)(const \(type) *codes, const offset_t *at, int count, offset_t *offsets)
        {
            for (int k = 0; k < count; k++)
                offsets[k] = at[codes[k]];
        }
        """
    }

    static func sums(isQuantized: Bool, strides: [Int]) -> [Kernel] {
        let value = isQuantized ? "int8_t" : "float", sum = isQuantized ? "int32_t" : "float"
        let rest =
            isQuantized
            ? "int32_t bias, int32_t multiplier, int shift, int zero, int low, int high"
            : "float bias, float low, float high"
        let given = isQuantized ? "bias, multiplier, shift, zero, low, high" : "bias, low, high"
        func stored(_ sum: String) -> String {
            isQuantized
                ? "clamped(zero + requantized(\(sum), multiplier, shift), low, high)" : "limited(\(sum), low, high)"
        }
        let needs = isQuantized ? ["clamped", "requantized"] : ["limited"]
        var kernels = [
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
                    """),
            Kernel(
                name: "dot", needs: needs,
                text: """
                    /* A row of all weights, one point. */
                    static void dot(const \(value) *x, \(value) *y, const \(value) *weights, int count, \(rest))
                    {
                        \(sum) sum = bias;
                        for (int k = 0; k < count; k++)
                            sum += (\(sum))weights[k] * x[k];
                        *y = \(stored("sum"));
                    }
                    """),
            Kernel(
                name: "sparse_dot", needs: needs,
                text: """
                    /* A row of some weights, one point. */
                    static void sparse_dot(const \(value) *x, \(value) *y, const offset_t *offsets, const \(value) *weights,
                                           int count, \(rest))
                    {
                        \(sum) sum = bias;
                        for (int k = 0; k < count; k++)
                            sum += (\(sum))weights[k] * x[offsets[k]];
                        *y = \(stored("sum"));
                    }
                    """),
        ]
        for stride in strides {
            let name = "points_\(stride)"
            let times = stride == 1 ? "j" : "\(stride) * j"
            let places = (0..<4).map { "v[\($0 * stride)]" }
            kernels.append(
                Kernel(
                    name: name, needs: needs + ["sparse_dot"],
                    text: """
                        /* A row of weights at runs of points, whose inputs lie \(stride) apart: sums of several points are held in
                           registers while the weights go by. */
                        static void \(name)(const \(value) *x, \(value) *y, const offset_t *offsets, const \(value) *weights,
                                             int count, int runs, int points, int from_run, int to_run, \(rest))
                        {
                            for (int run = 0; run < runs; run++, x += from_run, y += to_run) {
                                int p = 0;
                                while (p < points) {
                        #if LANES > 4
                                    if (points >= LANES && points - p > LANES / 2) {
                                        \(sum) sums[LANES];
                                        const int first = p + LANES > points ? points - LANES : p;
                                        const \(value) *from = x + first\(stride == 1 ? "" : " * \(stride)");
                                        for (int j = 0; j < LANES; j++)
                                            sums[j] = bias;
                                        for (int k = 0; k < count; k++) {
                                            const \(value) *v = from + offsets[k];
                                            const \(sum) weight = weights[k];
                                            for (int j = 0; j < LANES; j++)
                                                sums[j] += weight * v[\(times)];
                                        }
                                        for (int j = 0; j < LANES; j++)
                                            y[first + j] = \(stored("sums[j]"));
                                        p = first + LANES;
                                        continue;
                                    }
                        #endif
                                    if (points >= 4) {
                                        const int first = p + 4 > points ? points - 4 : p;
                                        const \(value) *from = x + first\(stride == 1 ? "" : " * \(stride)");
                                        \(sum) a = bias, b = bias, c = bias, d = bias;
                                        for (int k = 0; k < count; k++) {
                                            const \(value) *v = from + offsets[k];
                                            const \(sum) weight = weights[k];
                                            a += weight * \(places[0]);
                                            b += weight * \(places[1]);
                                            c += weight * \(places[2]);
                                            d += weight * \(places[3]);
                                        }
                                        y[first] = \(stored("a"));
                                        y[first + 1] = \(stored("b"));
                                        y[first + 2] = \(stored("c"));
                                        y[first + 3] = \(stored("d"));
                                        p = first + 4;
                                    } else {
                                        sparse_dot(x + p\(stride == 1 ? "" : " * \(stride)"), y + p, offsets, weights, count, \(given));
                                        p++;
                                    }
                                }
                            }
                        }
                        """))
        }
        return kernels
    }
}
