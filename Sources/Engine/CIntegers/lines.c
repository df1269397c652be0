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

void espalier_shares(
    const int16_t *restrict x, int16_t *restrict y, int count, const uint32_t *restrict exponentials, int low, int high,
    int zero) {
    int16_t most = x[0];
    for (int place = 1; place < count; place++) most = x[place] > most ? x[place] : most;
    int64_t sum = 0;
    for (int place = 0; place < count; place++) sum += exponentials[most - x[place]];
    // Both are whole and below 2³², their quotient is at most 256: where it is no whole number, it is farther from the next than
    // doubles are from each other.
    const double half = (double)(sum / 2), all = (double)sum;
    for (int place = 0; place < count; place++) {
        const int share = (int)((256.0 * (double)exponentials[most - x[place]] + half) / all) - 128;
        const int held = share < low ? low : share > high ? high : share;
        y[place] = (int16_t)(held - zero);
    }
}

#ifdef ESPALIER_VECTORS
#pragma clang attribute pop
#endif
