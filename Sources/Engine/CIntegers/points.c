// Convolutions of one sample: points in the lanes, a row's weights two at a time.
#include "vectors.h"

int espalier_points_at_once(void) { return LANES; }

#ifdef ESPALIER_VECTORS

struct place {
    const struct espalier_rows *rows;
    const uint16_t *offsets;
    const uint32_t *wide_offsets;
    int rows_per_group;
    ptrdiff_t group_plane, plane;
};

/// A factor that is no upper half of a product.
static __attribute__((noinline)) vector requantised_exactly(
    vector low_sums, vector high_sums, const struct espalier_factor *factor, int low, int high) {
    int32_t sums[2][LANES / 2];
    int16_t values[LANES];
    V_STORE(sums[0], low_sums);
    V_STORE(sums[1], high_sums);
    for (int point = 0; point < LANES; point++) {
        const int64_t sum = sums[point / 4 % 2][point / 8 * 4 + point % 4];
        values[point] = espalier_exactly(sum, factor->multiplier, factor->shift, low, high);
    }
    return V_LOAD(values);
}

/// - stepped, narrow: whether there are steps, and offsets of 16 bits.
static inline __attribute__((always_inline)) void sums(
    const int n, const int stepped, const int narrow, const struct place *place, int first, int end, const int16_t *x, int16_t *y, const int16_t *mask) {
    const struct espalier_rows *rows = place->rows;
    const uint16_t *offsets = place->offsets;
    const uint32_t *wide_offsets = place->wide_offsets;
    const int8_t *values = rows->values;
    const uint8_t *steps = rows->steps;
#define OFFSET(term) (narrow ? offsets[term] : wide_offsets[term])
    const vector least = V_SET16(rows->low), most = V_SET16(rows->high);
    for (int row = first; row < end; row++) {
        const int16_t *base = x + row / place->rows_per_group * place->group_plane;
        vector low[MOST_VECTORS], high[MOST_VECTORS];
#pragma clang loop unroll(full)
        for (int k = 0; k < n; k++) low[k] = high[k] = V_SET32(rows->bias[row]);
        uint32_t weight = rows->starts[row];
        const uint32_t behind = rows->starts[row + 1];
        // The term of the next weight, but for its step: a weight for each term has steps of 1 from −1.
        ptrdiff_t term = stepped ? 0 : -1;
        for (; weight + 1 < behind; weight += 2) {
            term += stepped ? steps[weight] : 1;
            const int16_t *a = base + OFFSET(term);
            term += stepped ? steps[weight + 1] : 1;
            const int16_t *b = base + OFFSET(term);
            uint16_t two;
            memcpy(&two, values + weight, 2);
            const vector w = V_TWO_WEIGHTS(two);
#pragma clang loop unroll(full)
            for (int k = 0; k < n; k++) {
                const vector p = V_LOAD(a + k * LANES), q = V_LOAD(b + k * LANES);
                low[k] = V_ADD32(low[k], V_PRODUCTS(V_PAIRS_LOW(p, q), w));
                high[k] = V_ADD32(high[k], V_PRODUCTS(V_PAIRS_HIGH(p, q), w));
            }
        }
        if (weight < behind) {
            term += stepped ? steps[weight] : 1;
            const int16_t *a = base + OFFSET(term);
            const vector w = V_SET32((uint16_t)values[weight]);
#pragma clang loop unroll(full)
            for (int k = 0; k < n; k++) {
                const vector p = V_LOAD(a + k * LANES);
                low[k] = V_ADD32(low[k], V_PRODUCTS(V_PAIRS_LOW(p, p), w));
                high[k] = V_ADD32(high[k], V_PRODUCTS(V_PAIRS_HIGH(p, p), w));
            }
        }
        const struct espalier_factor *factor = rows->factors + row;
        int16_t *line = y + row * place->plane;
        if (factor->lift < 0) {
#pragma clang loop unroll(full)
            for (int k = 0; k < n; k++) {
                const vector value = requantised_exactly(low[k], high[k], factor, rows->low, rows->high);
                V_STORE(line + k * LANES, V_AND(value, V_LOAD(mask + k * LANES)));
            }
            continue;
        }
        const int lift = factor->lift, shift = factor->shift + lift - 32;
        const vector multiplier = V_SET32(factor->multiplier), half = V_SET32(1 << (shift - 1));
#pragma clang loop unroll(full)
        for (int k = 0; k < n; k++) {
            vector value = V_PACK(
                requantised(low[k], multiplier, half, shift, lift), requantised(high[k], multiplier, half, shift, lift));
            value = V_MIN16(V_MAX16(value, least), most);
            V_STORE(line + k * LANES, V_AND(value, V_LOAD(mask + k * LANES)));
        }
    }
}

#undef OFFSET

#define SUMS_OF(n)                                                                                       \
    static __attribute__((noinline)) void sums_##n(                                                      \
        const struct place *place, int first, int end, const int16_t *x, int16_t *y, const int16_t *mask) { \
        const int stepped = place->rows->steps != NULL, narrow = place->offsets != NULL;                 \
        if (stepped && narrow)                                                                           \
            sums(n, 1, 1, place, first, end, x, y, mask);                                                \
        else if (narrow)                                                                                 \
            sums(n, 0, 1, place, first, end, x, y, mask);                                                \
        else                                                                                             \
            sums(n, stepped, 0, place, first, end, x, y, mask);                                          \
    }
SUMS_OF(1)
SUMS_OF(2)
SUMS_OF(3)
SUMS_OF(4)
SUMS_OF(5)
#if MOST_VECTORS > 5
SUMS_OF(6)
SUMS_OF(7)
SUMS_OF(8)
SUMS_OF(9)
SUMS_OF(10)
SUMS_OF(11)
SUMS_OF(12)
#endif

typedef void (*kernel)(const struct place *, int, int, const int16_t *, int16_t *, const int16_t *);
static const kernel kernels[MOST_VECTORS + 1] = {
    NULL, sums_1, sums_2, sums_3, sums_4, sums_5,
#if MOST_VECTORS > 5
    sums_6, sums_7, sums_8, sums_9, sums_10, sums_11, sums_12,
#endif
};

void espalier_sums_of_points(
    const struct espalier_rows *rows, const uint16_t *offsets, const uint32_t *wide_offsets, int first, int end,
    int rows_per_group, ptrdiff_t group_plane, int vectors, const int16_t *x, int16_t *y, ptrdiff_t plane, const int16_t *mask) {
    const struct place place = {rows, offsets, wide_offsets, rows_per_group, group_plane, plane};
    // Runs of equal length: a short one costs as many steps through the weights.
    const int runs = (vectors + MOST_VECTORS - 1) / MOST_VECTORS;
    for (int run = 0; run < runs; run++) {
        const int from = vectors * run / runs, count = vectors * (run + 1) / runs - from;
        const ptrdiff_t start = (ptrdiff_t)from * LANES;
        kernels[count](&place, first, end, x + start, y + start, mask + start);
    }
}

#pragma clang attribute pop
#else

void espalier_sums_of_points(
    const struct espalier_rows *rows, const uint16_t *offsets, const uint32_t *wide_offsets, int first, int end,
    int rows_per_group, ptrdiff_t group_plane, int vectors, const int16_t *x, int16_t *y, ptrdiff_t plane, const int16_t *mask) {
    for (int row = first; row < end; row++) {
        const int16_t *base = x + row / rows_per_group * group_plane;
        const struct espalier_factor factor = rows->factors[row];
        for (int block = 0; block < vectors; block++) {
            const ptrdiff_t start = (ptrdiff_t)block * LANES;
            int32_t sums[LANES];
            for (int point = 0; point < LANES; point++) sums[point] = rows->bias[row];
            ptrdiff_t term = rows->steps ? 0 : -1;
            for (uint32_t weight = rows->starts[row]; weight < rows->starts[row + 1]; weight++) {
                term += rows->steps ? rows->steps[weight] : 1;
                const int16_t *from = base + (offsets ? offsets[term] : wide_offsets[term]) + start;
                const int32_t w = rows->values[weight];
                for (int point = 0; point < LANES; point++) sums[point] += w * from[point];
            }
            int16_t *line = y + row * plane + start;
            for (int point = 0; point < LANES; point++)
                line[point] = mask[start + point]
                    & espalier_exactly(sums[point], factor.multiplier, factor.shift, rows->low, rows->high);
        }
    }
}

#endif
