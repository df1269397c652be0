// The vector operations that the kernels are written in: 32 points with AVX-512, 16 with AVX2. Elsewhere kernels are plain loops.
//
// Two vectors of 16-bit numbers, paired, make two of pairs. Their products are summed in 32 bits; `V_PACK` of both sums has the points in
// their order again:
//
//     a0 a1 a2 a3 a4 a5 a6 a7  b0 …      pairs:  a0 b0 a1 b1 a2 b2 a3 b3,  a4 b4 …      in each 128 bits
#ifndef ESPALIER_VECTORS_H
#define ESPALIER_VECTORS_H

#include "integers.h"

#include <string.h>

#if defined(ESPALIER_NEEDS_AVX2) && defined(__x86_64__)
#define ESPALIER_VECTORS 1
#include <immintrin.h>
#ifdef ESPALIER_NEEDS_AVX512
#pragma clang attribute push(__attribute__((target("avx2,avx512f,avx512vl,avx512dq,avx512bw"))), apply_to = function)
#define LANES 32
// Of 32 registers, two sums for each vector of points.
#define MOST_VECTORS 12
typedef __m512i vector;
#define V_LOAD(p) _mm512_loadu_si512(p)
#define V_STORE(p, v) _mm512_storeu_si512(p, v)
#define V_SET16(n) _mm512_set1_epi16(n)
#define V_SET32(n) _mm512_set1_epi32(n)
#define V_AND(a, b) _mm512_and_si512(a, b)
#define V_PAIRS_LOW(a, b) _mm512_unpacklo_epi16(a, b)
#define V_PAIRS_HIGH(a, b) _mm512_unpackhi_epi16(a, b)
#define V_PRODUCTS(a, b) _mm512_madd_epi16(a, b)
#define V_ADD32(a, b) _mm512_add_epi32(a, b)
#define V_PACK(a, b) _mm512_packs_epi32(a, b)
#define V_MIN16(a, b) _mm512_min_epi16(a, b)
#define V_MAX16(a, b) _mm512_max_epi16(a, b)
#define V_EVEN_PRODUCTS(a, b) _mm512_mul_epi32(a, b)
#define V_ODD_TO_EVEN(a) _mm512_srli_epi64(a, 32)
#define V_UPPER_HALVES(even, odd) _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd)
#define V_SHIFT_RIGHT32(a, n) _mm512_sra_epi32(a, _mm_cvtsi32_si128(n))
#define V_SHIFT_LEFT32(a, n) _mm512_sll_epi32(a, _mm_cvtsi32_si128(n))
#define V_TWO_WEIGHTS(bits) _mm512_cvtepi8_epi16(_mm256_set1_epi16((short)(bits)))
#define V_WEIGHTS(p) _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(p)))
// Of two vectors that follow one another in memory.
#define V_PACK_IN_ORDER(a, b) _mm512_permutexvar_epi64(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), V_PACK(a, b))
#else
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define LANES 16
#define MOST_VECTORS 5
typedef __m256i vector;
#define V_LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define V_STORE(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define V_SET16(n) _mm256_set1_epi16(n)
#define V_SET32(n) _mm256_set1_epi32(n)
#define V_AND(a, b) _mm256_and_si256(a, b)
#define V_PAIRS_LOW(a, b) _mm256_unpacklo_epi16(a, b)
#define V_PAIRS_HIGH(a, b) _mm256_unpackhi_epi16(a, b)
#define V_PRODUCTS(a, b) _mm256_madd_epi16(a, b)
#define V_ADD32(a, b) _mm256_add_epi32(a, b)
#define V_PACK(a, b) _mm256_packs_epi32(a, b)
#define V_MIN16(a, b) _mm256_min_epi16(a, b)
#define V_MAX16(a, b) _mm256_max_epi16(a, b)
#define V_EVEN_PRODUCTS(a, b) _mm256_mul_epi32(a, b)
#define V_ODD_TO_EVEN(a) _mm256_srli_epi64(a, 32)
#define V_UPPER_HALVES(even, odd) _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA)
#define V_SHIFT_RIGHT32(a, n) _mm256_sra_epi32(a, _mm_cvtsi32_si128(n))
#define V_SHIFT_LEFT32(a, n) _mm256_sll_epi32(a, _mm_cvtsi32_si128(n))
#define V_TWO_WEIGHTS(bits) _mm256_cvtepi8_epi16(_mm_set1_epi16((short)(bits)))
#define V_WEIGHTS(p) _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p)))
#define V_PACK_IN_ORDER(a, b) _mm256_permute4x64_epi64(V_PACK(a, b), 0xD8)
#endif

/// The upper halves of the products are (sum · multiplier) / 2³², rounded down, and what is left to be done has 32 bits.
static inline __attribute__((always_inline)) vector requantised(
    vector sums, vector multiplier, vector half, int shift, int lift) {
    if (lift) sums = V_SHIFT_LEFT32(sums, lift);
    const vector even = V_EVEN_PRODUCTS(sums, multiplier);
    const vector odd = V_EVEN_PRODUCTS(V_ODD_TO_EVEN(sums), multiplier);
    return V_SHIFT_RIGHT32(V_ADD32(V_UPPER_HALVES(even, odd), half), shift);
}
#else
#define LANES 16
#endif

/// One sum as it stands in the formula, centred and clamped.
static inline int16_t espalier_exactly(int64_t sum, int64_t multiplier, int shift, int low, int high) {
    const int64_t value = (sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift;
    return (int16_t)(value < low ? low : value > high ? high : value);
}

#endif
