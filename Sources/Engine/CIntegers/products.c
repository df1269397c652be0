// Products of matrices of activations: columns in the lanes, two terms at a time.
#include "vectors.h"

void espalier_pack_pairs(
    const int16_t *x, int depth, ptrdiff_t term, int lines, ptrdiff_t line, int16_t *to, int width) {
    int k = 0;
    for (; k + 1 < depth; k += 2, to += 2 * width) {
        const int16_t *restrict p = x + k * term, *restrict q = p + term;
        int16_t *restrict two = to;
        if (line == 1) {
            for (int n = 0; n < lines; n++) {
                two[2 * n] = p[n];
                two[2 * n + 1] = q[n];
            }
        } else if (term == 1) {
            for (int n = 0; n < lines; n++) memcpy(two + 2 * n, p + n * line, 4);
        } else {
            for (int n = 0; n < lines; n++) {
                two[2 * n] = p[n * line];
                two[2 * n + 1] = q[n * line];
            }
        }
    }
    if (k < depth)
        for (int n = 0; n < lines; n++) to[2 * n] = x[k * term + n * line];
}

#ifdef ESPALIER_VECTORS

void espalier_products(
    const int16_t *a, int rows, int a_width, int pairs, const int16_t *b, int columns, struct espalier_factor factor,
    int low, int high, int16_t *y, ptrdiff_t y_row) {
    const int shift = factor.shift + factor.lift - 32;
    const vector multiplier = V_SET32(factor.multiplier), half = V_SET32(factor.lift < 0 ? 0 : 1 << (shift - 1));
    const vector least = V_SET16((int16_t)low), most = V_SET16((int16_t)high);
    for (int row = 0; row < rows; row++, a += 2, y += y_row) {
        for (int column = 0; column < columns; column += LANES) {
            const int16_t *terms = b + 2 * column;
            vector first = V_SET32(0), second = V_SET32(0);
            for (int pair = 0; pair < pairs; pair++, terms += 2 * columns) {
                int32_t two;
                memcpy(&two, a + 2 * (ptrdiff_t)pair * a_width, 4);
                const vector w = V_SET32(two);
                first = V_ADD32(first, V_PRODUCTS(V_LOAD(terms), w));
                second = V_ADD32(second, V_PRODUCTS(V_LOAD(terms + LANES), w));
            }
            if (factor.lift < 0) {
                int32_t sums[LANES];
                V_STORE(sums, first);
                V_STORE(sums + LANES / 2, second);
                for (int lane = 0; lane < LANES; lane++)
                    y[column + lane] = espalier_exactly(sums[lane], factor.multiplier, factor.shift, low, high);
                continue;
            }
            const vector found = V_PACK_IN_ORDER(
                requantised(first, multiplier, half, shift, factor.lift),
                requantised(second, multiplier, half, shift, factor.lift));
            V_STORE(y + column, V_MIN16(V_MAX16(found, least), most));
        }
    }
}

#pragma clang attribute pop
#else

void espalier_products(
    const int16_t *a, int rows, int a_width, int pairs, const int16_t *b, int columns, struct espalier_factor factor,
    int low, int high, int16_t *y, ptrdiff_t y_row) {
    for (int row = 0; row < rows; row++, a += 2, y += y_row) {
        for (int column = 0; column < columns; column++) {
            int32_t sum = 0;
            for (int term = 0; term < 2 * pairs; term++)
                sum += a[term / 2 * 2 * (ptrdiff_t)a_width + term % 2] * b[(term / 2 * columns + column) * 2 + term % 2];
            y[column] = espalier_exactly(sum, factor.multiplier, factor.shift, low, high);
        }
    }
}

#endif
