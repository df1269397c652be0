// Normalisations and shares of lines. Plain loops over neighbours, which compilers make vectors of.
#include "vectors.h"

void espalier_add_lines(const int16_t *restrict x, int lines, int64_t *restrict sums, int64_t *restrict squares) {
    for (int line = 0; line < lines; line++) {
        const int32_t value = x[line];
        sums[line] += value;
        squares[line] += value * value;
    }
}

void espalier_norm_lines(
    const int16_t *restrict x, int16_t *restrict y, int lines, const struct espalier_line_scales *scales, int count,
    struct espalier_norm_weight weight) {
    const int64_t *restrict sums = scales->sums, *restrict multipliers = scales->multipliers;
    const int64_t *restrict halves = scales->halves, *restrict shifts = scales->shifts;
    const int64_t half = (int64_t)1 << (weight.shift - 1), low = weight.low, high = weight.high;
    for (int line = 0; line < lines; line++) {
        const uint64_t distance = (uint64_t)((int64_t)count * x[line] - sums[line]);
        const int64_t whole = (int64_t)(distance * (uint64_t)multipliers[line] + (uint64_t)halves[line]);
        const uint64_t normalised = (uint64_t)(whole >> shifts[line]);
        const uint64_t sum = normalised * (uint64_t)(int64_t)weight.weight + (uint64_t)(int64_t)weight.bias;
        int64_t value = (int64_t)(sum * (uint64_t)(int64_t)weight.multiplier + (uint64_t)half) >> weight.shift;
        value = value < low ? low : value;
        y[line] = (int16_t)(value > high ? high : value);
    }
}

/// Numbers of a line that are held at once.
#define HELD 64

/// Their exponentials, and the sum of these.
static inline int64_t exponentials_of(
    const int16_t *restrict x, int count, int most, const uint32_t *restrict exponentials, uint32_t *restrict held) {
    uint64_t sum = 0;
    // Instructions that gather are slower than loads one by one.
#pragma clang loop vectorize(disable) unroll_count(4)
    for (int place = 0; place < count; place++) {
        const uint32_t value = exponentials[most - x[place]];
        held[place] = value;
        sum += value;
    }
    return (int64_t)sum;
}

void espalier_shares(
    const int16_t *restrict x, int16_t *restrict y, int count, const uint32_t *restrict exponentials, int low, int high,
    int zero) {
    int16_t most = x[0];
    for (int place = 1; place < count; place++) most = x[place] > most ? x[place] : most;
    uint32_t held[HELD];
    int64_t sum = 0;
    for (int first = 0; first < count; first += HELD)
        sum += exponentials_of(x + first, count - first < HELD ? count - first : HELD, most, exponentials, held);
    const uint32_t all = (uint32_t)sum, half = all / 2;
    const float inverse = 1 / (float)all;
    for (int first = 0; first < count; first += HELD) {
        const int end = count - first < HELD ? count - first : HELD;
        if (count > HELD) exponentials_of(x + first, end, most, exponentials, held);
        int16_t *restrict to = y + first;
        if (sum >= 1 << 30) {
            for (int place = 0; place < end; place++) {
                const int share = (int)((256 * (int64_t)held[place] + half) / sum) - 128;
                to[place] = (int16_t)((share < low ? low : share > high ? high : share) - zero);
            }
            continue;
        }
        for (int place = 0; place < end; place++) {
            // At most 256 of it, so that it is one too many or too few at most, which what is left says: between −all and 2 · all,
            // a number of 32 bits.
            const uint32_t dividend = 256 * held[place] + half;
            int share = (int)((float)dividend * inverse);
            const int32_t left = (int32_t)(dividend - (uint32_t)share * all);
            share += (left >= (int32_t)all) - (left < 0) - 128;
            share = share < low ? low : share > high ? high : share;
            to[place] = (int16_t)(share - zero);
        }
    }
}

#ifdef ESPALIER_VECTORS
#pragma clang attribute pop
#endif
