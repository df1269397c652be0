// What has no weights.
#include "vectors.h"

#ifdef ESPALIER_VECTORS

/// Multipliers are upper · 2¹⁶ + lower, both of 16 bits with a sign, so that a pair of values makes two sums of 32 bits:
///
///     ⌊(upper sum · 2¹⁶ + lower sum + 2^(shift − 1)) / 2^shift⌋ = ⌊(upper sum + ⌊lower sum / 2¹⁶⌋ + 2^(shift − 17)) / 2^(shift − 16)⌋
static inline int32_t lower(int32_t multiplier) { return (int16_t)(multiplier & 0xFFFF); }
static inline int64_t upper(int32_t multiplier) { return ((int64_t)multiplier - lower(multiplier)) >> 16; }
static int fits(const struct espalier_addition *addition) {
    const int64_t a = upper(addition->a_multiplier), b = upper(addition->b_multiplier);
    return addition->shift >= 17 && addition->shift <= 46 && a == (int16_t)a && b == (int16_t)b;
}

static inline __attribute__((always_inline)) vector added(
    vector pairs, vector uppers, vector lowers, vector half, int shift) {
    const vector carried = V_SHIFT_RIGHT32(V_PRODUCTS(pairs, lowers), 16);
    return V_SHIFT_RIGHT32(V_ADD32(V_ADD32(V_PRODUCTS(pairs, uppers), carried), half), shift);
}

static void add_pairs(
    const struct espalier_addition *addition, int vectors, const int16_t *a, const int16_t *b, int16_t *y,
    const int16_t *mask) {
    const uint32_t a_upper = (uint32_t)upper(addition->a_multiplier) & 0xFFFF;
    const vector uppers = V_SET32((int32_t)((uint32_t)upper(addition->b_multiplier) << 16 | a_upper));
    const uint32_t a_lower = (uint32_t)lower(addition->a_multiplier) & 0xFFFF;
    const vector lowers = V_SET32((int32_t)((uint32_t)lower(addition->b_multiplier) << 16 | a_lower));
    const vector half = V_SET32(1 << (addition->shift - 17));
    const int shift = addition->shift - 16;
    const vector least = V_SET16(addition->low), most = V_SET16(addition->high);
    for (int place = 0; place < vectors * LANES; place += LANES) {
        const vector p = V_LOAD(a + place), q = V_LOAD(b + place);
        const vector sums = V_PACK(
            added(V_PAIRS_LOW(p, q), uppers, lowers, half, shift), added(V_PAIRS_HIGH(p, q), uppers, lowers, half, shift));
        V_STORE(y + place, V_AND(V_MIN16(V_MAX16(sums, least), most), V_LOAD(mask + place)));
    }
}

#endif

static void add_exactly(
    const struct espalier_addition *addition, int count, const int16_t *a, const int16_t *b, int16_t *y,
    const int16_t *mask) {
    for (int place = 0; place < count; place++) {
        const int64_t sum
            = (int64_t)a[place] * addition->a_multiplier + (int64_t)b[place] * addition->b_multiplier;
        y[place] = mask[place] & espalier_exactly(sum, 1, addition->shift, addition->low, addition->high);
    }
}

void espalier_add_points(
    const struct espalier_addition *addition, int channels, int vectors, const int16_t *a, ptrdiff_t a_plane,
    const int16_t *b, ptrdiff_t b_plane, int16_t *y, ptrdiff_t y_plane, const int16_t *mask) {
    for (int channel = 0; channel < channels; channel++) {
        const int16_t *p = a + channel * a_plane, *q = b + channel * b_plane;
#ifdef ESPALIER_VECTORS
        if (fits(addition)) {
            add_pairs(addition, vectors, p, q, y + channel * y_plane, mask);
            continue;
        }
#endif
        add_exactly(addition, vectors * LANES, p, q, y + channel * y_plane, mask);
    }
}

#ifdef ESPALIER_VECTORS

/// The first of each pair, of eight pairs.
static inline __attribute__((always_inline)) __m128i firsts(__m256i pairs) {
    const __m256i wide = _mm256_srai_epi32(_mm256_slli_epi32(pairs, 16), 16);
    return _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
}

/// Zeros behind the last of a row: the next row is written after this one.
static inline __attribute__((always_inline)) __m128i kept(int count) {
    static const int16_t mask[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    return _mm_loadu_si128((const __m128i *)(mask + 8 - (count < 8 ? count : 8)));
}

void espalier_largest_of_four(
    const int16_t *x, ptrdiff_t x_pitch, int16_t *y, ptrdiff_t y_pitch, int height, int width) {
    for (int row = 0; row < height; row++, x += 2 * x_pitch, y += y_pitch) {
        for (int place = 0; place < width; place += 8) {
            const __m256i a = _mm256_loadu_si256((const __m256i *)(x + 2 * place));
            const __m256i b = _mm256_loadu_si256((const __m256i *)(x + x_pitch + 2 * place));
            const __m256i most = _mm256_max_epi16(a, b);
            const __m128i found = firsts(_mm256_max_epi16(most, _mm256_srli_epi32(most, 16)));
            _mm_storeu_si128((__m128i *)(y + place), _mm_and_si128(found, kept(width - place)));
        }
    }
}

void espalier_every_second(
    const int16_t *x, ptrdiff_t x_pitch, int16_t *y, ptrdiff_t y_pitch, int height, int width) {
    for (int row = 0; row < height; row++, x += x_pitch, y += y_pitch) {
        for (int place = 0; place < width; place += 8) {
            const __m128i found = firsts(_mm256_loadu_si256((const __m256i *)(x + 2 * place)));
            _mm_storeu_si128((__m128i *)(y + place), _mm_and_si128(found, kept(width - place)));
        }
    }
}

#else

void espalier_largest_of_four(
    const int16_t *x, ptrdiff_t x_pitch, int16_t *y, ptrdiff_t y_pitch, int height, int width) {
    for (int row = 0; row < height; row++, x += 2 * x_pitch, y += y_pitch) {
        for (int place = 0; place < width; place++) {
            const int16_t *four = x + 2 * place;
            int16_t most = four[0] > four[1] ? four[0] : four[1];
            if (four[x_pitch] > most) most = four[x_pitch];
            if (four[x_pitch + 1] > most) most = four[x_pitch + 1];
            y[place] = most;
        }
    }
}

void espalier_every_second(
    const int16_t *x, ptrdiff_t x_pitch, int16_t *y, ptrdiff_t y_pitch, int height, int width) {
    for (int row = 0; row < height; row++, x += x_pitch, y += y_pitch)
        for (int place = 0; place < width; place++) y[place] = x[2 * place];
}

#endif

void espalier_look_up(const struct espalier_table *table, const int16_t *x, int16_t *y, int count) {
    int place = 0;
#ifdef ESPALIER_NEEDS_AVX512
    // Four registers have the table as 128 pairs of bytes: a pair by the upper seven bits of a number, a byte of it by the lowest.
    const vector p0 = V_LOAD(table->bytes), p1 = V_LOAD(table->bytes + 64), p2 = V_LOAD(table->bytes + 128);
    const vector p3 = V_LOAD(table->bytes + 192);
    const vector least = V_SET16(table->least), shift = V_SET16(table->shift), one = V_SET16(1);
    for (; place + LANES <= count; place += LANES) {
        const vector number = _mm512_sub_epi16(V_LOAD(x + place), least), pair = _mm512_srli_epi16(number, 1);
        const vector first = _mm512_permutex2var_epi16(p0, pair, p1), second = _mm512_permutex2var_epi16(p2, pair, p3);
        const vector two = _mm512_mask_blend_epi16(_mm512_test_epi16_mask(pair, V_SET16(64)), first, second);
        // The byte goes to the upper half, and down again with its sign.
        const vector up = _mm512_sllv_epi16(two, _mm512_slli_epi16(_mm512_andnot_si512(number, one), 3));
        V_STORE(y + place, _mm512_add_epi16(_mm512_srai_epi16(up, 8), shift));
    }
#endif
    for (; place < count; place++) y[place] = table->numbers[x[place] + 255];
}

void espalier_round(const float *x, int16_t *y, int count, float scale, int low, int high) {
    const float least = (float)low, behind = (float)(high + 1), most = (float)high;
    for (int place = 0; place < count; place++) {
        float steps = x[place] / scale + 0.5f;
        steps = steps >= least ? steps : least;
        steps = steps < behind ? steps : most;
        const int whole = (int)steps;
        y[place] = (int16_t)(whole - (steps < (float)whole));
    }
}

#ifdef ESPALIER_VECTORS
#pragma clang attribute pop
#endif
