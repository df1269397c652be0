#ifndef ESPALIER_INTEGERS_H
#define ESPALIER_INTEGERS_H

// Kernels of 8-bit networks for one sample. In C, for Swift has no word for the one instruction that they rest on: products of
// 16-bit pairs, added up to 32 bits. Every sum of integers is exact, in whatever order it is taken, so all machines give the same bits.
//
// Values are 16 bits and centred: q − zero, −255…255. A border is 0, and a weight needs no correction by the zero of its input.

#include <stddef.h>
#include <stdint.h>

/// (sum · multiplier + 2^(shift − 1)) / 2^shift, rounded down.
struct espalier_factor {
    int32_t multiplier;
    /// 1…62.
    int8_t shift;
    /// What sums are moved left by, so that the upper half of their products is all that is needed: shift + lift ≥ 33. Below 0:
    /// a sum would not fit then, and products are taken whole.
    int8_t lift;
};

/// The weights of a layer, row by row.
///
///     starts  [ 0    2   … ]      of row r: starts[r] ..< starts[r + 1]
///     steps   [ 3 7  0 255 … ]    terms from the weight before, in a row the first from term 0
///     values  [ a b  c 0   … ]    a gap of more than 255 is closed by steps to weights of 0
struct espalier_rows {
    const uint32_t *_Nonnull starts;
    /// Null: each term has a weight.
    const uint8_t *_Nullable steps;
    /// Thirty-two more can be read behind the last, and behind the last step eight.
    const int8_t *_Nonnull values;
    const int32_t *_Nonnull bias;
    const struct espalier_factor *_Nonnull factors;
    /// Ends of what a row gives, centred.
    int16_t low, high;
};

/// Points that a kernel takes at once; it reads and writes whole ones of them.
int espalier_points_at_once(void);

/// Sums of planes, points in the lanes, for some rows.
///
/// - offsets: by term, from the point that the first tap reads for the first output; null where they are more than 16 bits, and all in
///   wide_offsets.
/// - groups: the first input of a row is that of row / rows_per_group · group_plane.
/// - vectors: of so many points as are taken at once. - mask: by point, −1, or 0 where y is no point and gets 0.
void espalier_sums_of_points(
    const struct espalier_rows *_Nonnull rows, const uint16_t *_Nullable offsets,
    const uint32_t *_Nullable wide_offsets, int first, int end, int rows_per_group, ptrdiff_t group_plane, int vectors, const int16_t *_Nonnull x, int16_t *_Nonnull y, ptrdiff_t plane,
    const int16_t *_Nonnull mask);

/// Numbers behind the last column that can be read.
#define ESPALIER_BEHIND_COLUMNS 2080

/// Sums of features, (columns) to (rows). Behind the last column are zeros.
void espalier_sums_of_features(
    const struct espalier_rows *_Nonnull rows, int first, int end, int columns, const int16_t *_Nonnull x,
    int16_t *_Nonnull y);

/// y = clamp(⌊(a · a_multiplier + b · b_multiplier + 2^(shift − 1)) / 2^shift⌋), of planes of one pitch.
struct espalier_addition {
    int32_t a_multiplier, b_multiplier;
    int shift;
    int16_t low, high;
};
void espalier_add_points(
    const struct espalier_addition *_Nonnull addition, int channels, int vectors, const int16_t *_Nonnull a,
    ptrdiff_t a_plane, const int16_t *_Nonnull b, ptrdiff_t b_plane, int16_t *_Nonnull y, ptrdiff_t y_plane,
    const int16_t *_Nonnull mask);

/// Puts values in pairs of neighbouring terms, (pairs, width, 2): of `depth` terms and `lines` lines, `term` and `line` numbers from
/// one to the next. Behind an odd number of terms a pair has the 0 that is there.
void espalier_pack_pairs(
    const int16_t *_Nonnull x, int depth, ptrdiff_t term, int lines, ptrdiff_t line, int16_t *_Nonnull to, int width);

/// Products of two matrices of pairs of values, a (pairs, rows of `a_width`, 2) and b (pairs, columns, 2), to y, rows `y_row` apart.
/// - columns: of b and y, whole ones of the points that are taken at once.
void espalier_products(
    const int16_t *_Nonnull a, int rows, int a_width, int pairs, const int16_t *_Nonnull b, int columns,
    struct espalier_factor factor, int low, int high, int16_t *_Nonnull y, ptrdiff_t y_row);

/// y = table[x + 255], of values centred; table has 512 numbers, of which the last is never asked for.
/// - bytes: the same as 8 bits from the least x that there is on, 256 of them, and that x; what y has besides is `shift`.
struct espalier_table {
    const int16_t *_Nonnull numbers;
    const int8_t *_Nonnull bytes;
    int16_t least, shift;
};
void espalier_look_up(
    const struct espalier_table *_Nonnull table, const int16_t *_Nonnull x, int16_t *_Nonnull y, int count);

/// The largest of each 2 × 2 points, `width` of them in each of `height` rows. Up to seven behind a row are set to 0: those behind
/// the last must be no point.
void espalier_largest_of_four(
    const int16_t *_Nonnull x, ptrdiff_t x_pitch, int16_t *_Nonnull y, ptrdiff_t y_pitch, int height, int width);

/// Every second point of some rows. Up to seven behind a row are set to 0, as above.
void espalier_every_second(
    const int16_t *_Nonnull x, ptrdiff_t x_pitch, int16_t *_Nonnull y, ptrdiff_t y_pitch, int height, int width);

/// Adds a value of each line, and its square; lines lie side by side.
void espalier_add_lines(
    const int16_t *_Nonnull x, int lines, int64_t *_Nonnull sums, int64_t *_Nonnull squares);

/// By line: what a value is normalised with, ⌊((count · x − sum) · multiplier + half) / 2^shift⌋.
struct espalier_line_scales {
    const int64_t *_Nonnull sums, *_Nonnull multipliers, *_Nonnull halves, *_Nonnull shifts;
};
/// What a normalised value goes through then.
struct espalier_norm_weight {
    int32_t weight, bias, multiplier;
    int shift;
    /// Centred.
    int low, high;
};
/// A value of each line; lines lie side by side.
void espalier_norm_lines(
    const int16_t *_Nonnull x, int16_t *_Nonnull y, int lines, const struct espalier_line_scales *_Nonnull scales,
    int count, struct espalier_norm_weight weight);

/// Shares of a line, −128 + ⌊(256 · e + S / 2) / S⌋, moved to low…high, centred by zero.
/// - exponentials: by the distance from the largest, 0…255; below 2²³, their sum below 2³¹.
void espalier_shares(
    const int16_t *_Nonnull x, int16_t *_Nonnull y, int count, const uint32_t *_Nonnull exponentials, int low,
    int high, int zero);

/// y = ⌊x / scale + ½⌋, moved to low…high; what is no number is low.
void espalier_round(const float *_Nonnull x, int16_t *_Nonnull y, int count, float scale, int low, int high);

#endif
