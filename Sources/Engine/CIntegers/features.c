// Linear layers of one sample, row by row.
#include "vectors.h"

static inline int16_t answer(const struct espalier_rows *rows, int row, int32_t sum) {
    const struct espalier_factor factor = rows->factors[row];
    return espalier_exactly(sum, factor.multiplier, factor.shift, rows->low, rows->high);
}

#ifdef ESPALIER_VECTORS

static inline __attribute__((always_inline)) int32_t total(__m128i sums) {
    sums = _mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0xB1)));
}

/// A row at its next eight weights.
struct walk {
    const uint8_t *steps;
    const int8_t *values;
    const int16_t *x;
    __m128i sums;
};

/// The products of eight weights. x stands at the term before; single loads are faster than gather instructions.
static inline __attribute__((always_inline)) void eight(struct walk *walk, __m128i weights) {
    const int16_t *x = walk->x;
    const uint8_t *steps = walk->steps;
    __m128i values = _mm_setzero_si128();
#define NEXT(k) values = _mm_insert_epi16(values, *(x += steps[k]), k);
    NEXT(0) NEXT(1) NEXT(2) NEXT(3) NEXT(4) NEXT(5) NEXT(6) NEXT(7)
#undef NEXT
    walk->x = x;
    walk->sums = _mm_add_epi32(walk->sums, _mm_madd_epi16(values, weights));
    walk->steps += 8;
    walk->values += 8;
}

static inline __attribute__((always_inline)) __m128i weights(const struct walk *walk) {
    return _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)walk->values));
}

/// Behind the last of a row are the weights of the next, which do not count.
static inline __attribute__((always_inline)) void rest(struct walk *walk, uint32_t count) {
    static const int16_t kept[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    if (count == 0) return;
    const __m128i mask = _mm_loadu_si128((const __m128i *)(kept + 8 - count));
    eight(walk, _mm_and_si128(weights(walk), mask));
}

static inline struct walk begun(const struct espalier_rows *rows, int row, const int16_t *x) {
    const uint32_t start = rows->starts[row];
    const struct walk walk = {rows->steps + start, rows->values + start, x, _mm_setzero_si128()};
    return walk;
}

/// Two rows side by side, for a weight's place waits for that of the one before.
static void sparse(const struct espalier_rows *rows, int first, int end, const int16_t *x, int16_t *y) {
    for (int row = first; row < end; row += 2) {
        const int other = row + 1 < end ? row + 1 : row;
        struct walk a = begun(rows, row, x), b = begun(rows, other, x);
        uint32_t left_a = rows->starts[row + 1] - rows->starts[row];
        uint32_t left_b = rows->starts[other + 1] - rows->starts[other];
        for (; left_a >= 8 && left_b >= 8; left_a -= 8, left_b -= 8) {
            eight(&a, weights(&a));
            eight(&b, weights(&b));
        }
        for (; left_a >= 8; left_a -= 8) eight(&a, weights(&a));
        for (; left_b >= 8; left_b -= 8) eight(&b, weights(&b));
        rest(&a, left_a);
        rest(&b, left_b);
        y[row] = answer(rows, row, rows->bias[row] + total(a.sums));
        y[other] = answer(rows, other, rows->bias[other] + total(b.sums));
    }
}

static int32_t whole(vector sums) {
    int32_t parts[LANES / 2], sum = 0;
    V_STORE(parts, sums);
    for (int part = 0; part < LANES / 2; part++) sum += parts[part];
    return sum;
}

/// Four rows share the loads of x. The last weights of a row are followed by those of the next, times zeros.
static void dense(const struct espalier_rows *rows, int first, int end, int columns, const int16_t *x, int16_t *y) {
    for (int row = first; row < end; row += 4) {
        const int8_t *w[4];
        vector sums[4];
        for (int k = 0; k < 4; k++) {
            w[k] = rows->values + rows->starts[row + k < end ? row + k : row];
            sums[k] = V_SET32(0);
        }
        for (int column = 0; column < columns; column += LANES) {
            const vector values = V_LOAD(x + column);
            for (int k = 0; k < 4; k++)
                sums[k] = V_ADD32(sums[k], V_PRODUCTS(values, V_WEIGHTS(w[k] + column)));
        }
        for (int k = 0; k < 4 && row + k < end; k++)
            y[row + k] = answer(rows, row + k, rows->bias[row + k] + whole(sums[k]));
    }
}

void espalier_sums_of_features(
    const struct espalier_rows *rows, int first, int end, int columns, const int16_t *x, int16_t *y) {
    if (rows->steps) {
        sparse(rows, first, end, x, y);
    } else {
        dense(rows, first, end, columns, x, y);
    }
}

#pragma clang attribute pop
#else

void espalier_sums_of_features(
    const struct espalier_rows *rows, int first, int end, int columns, const int16_t *x, int16_t *y) {
    (void)columns;
    for (int row = first; row < end; row++) {
        int32_t sum = rows->bias[row];
        ptrdiff_t term = rows->steps ? 0 : -1;
        for (uint32_t weight = rows->starts[row]; weight < rows->starts[row + 1]; weight++) {
            term += rows->steps ? rows->steps[weight] : 1;
            sum += rows->values[weight] * x[term];
        }
        y[row] = answer(rows, row, sum);
    }
}

#endif
