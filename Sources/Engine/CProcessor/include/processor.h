#ifndef ESPALIER_PROCESSOR_H
#define ESPALIER_PROCESSOR_H

/// 1 where this build uses vector instructions that not every processor of the architecture has.
int espalier_processor_is_checked(void);

/// Tells the core that this is a spin loop, so that its sibling and its clock gain from the waiting.
static inline void espalier_spin_hint(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// The same number, of which the compiler knows nothing: it cannot see that several are the places of one vector, and leaves
/// single loads single. Gather instructions are slower than loads on the processors measured.
static inline unsigned long long espalier_opaque(unsigned long long number) {
    __asm__("" : "+r"(number));
    return number;
}

/// The same floats in memory, of which the compiler knows nothing: it reads there what was stored, where it would take registers
/// apart else.
static inline const float *_Nonnull espalier_stored(const float *_Nonnull floats) {
    __asm__("" : "+r"(floats));
    return floats;
}

/// Asks for a cache line that will be read or written soon, into the second-level cache. No address is wrong.
static inline void espalier_prefetch(const void *_Nonnull line) { __builtin_prefetch(line, 0, 2); }

/// The sums of eight chains of sixteen floats, one after the other in memory, by the one fixed tree: lane i + lane i + 8, then
/// i + 4, i + 2, i + 1. In C, for the compiler takes Swift's shuffles of floats apart into single lanes.
static inline __attribute__((always_inline)) void espalier_tree_sums(
    const float *_Nonnull chains, float *_Nonnull sums) {
    typedef float eight __attribute__((vector_size(32), aligned(4)));
#define ESPALIER_HALVES(k) (*(const eight *)(chains + 16 * (k)) + *(const eight *)(chains + 16 * (k) + 8))
#define ESPALIER_PAIR(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define ESPALIER_FOURS(a, b) \
    (ESPALIER_PAIR(a, b, 0, 1, 2, 3, 8, 9, 10, 11) + ESPALIER_PAIR(a, b, 4, 5, 6, 7, 12, 13, 14, 15))
#define ESPALIER_TWOS(a, b) \
    (ESPALIER_PAIR(a, b, 0, 1, 8, 9, 4, 5, 12, 13) + ESPALIER_PAIR(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
    const eight a = ESPALIER_FOURS(ESPALIER_HALVES(0), ESPALIER_HALVES(4));
    const eight b = ESPALIER_FOURS(ESPALIER_HALVES(1), ESPALIER_HALVES(5));
    const eight c = ESPALIER_FOURS(ESPALIER_HALVES(2), ESPALIER_HALVES(6));
    const eight d = ESPALIER_FOURS(ESPALIER_HALVES(3), ESPALIER_HALVES(7));
    const eight e = ESPALIER_TWOS(a, b), f = ESPALIER_TWOS(c, d);
    *(eight *)sums =
        ESPALIER_PAIR(e, f, 0, 2, 8, 10, 4, 6, 12, 14) + ESPALIER_PAIR(e, f, 1, 3, 9, 11, 5, 7, 13, 15);
#undef ESPALIER_HALVES
#undef ESPALIER_PAIR
#undef ESPALIER_FOURS
#undef ESPALIER_TWOS
}

/// Lane i + lane i + 8 of a chain, and of one whose upper lanes stand apart: the first step of that tree.
typedef float espalier_eight __attribute__((ext_vector_type(8)));
typedef float espalier_sixteen __attribute__((ext_vector_type(16)));
static inline __attribute__((always_inline)) espalier_eight espalier_folded(espalier_sixteen chain) {
#ifdef __AVX512F__
    // Else the compiler makes the chain in two halves from its first multiply-add on.
    __asm__("" : "+v"(chain));
#endif
    return chain.lo + chain.hi;
}
static inline __attribute__((always_inline)) espalier_eight espalier_folded_halves(
    espalier_eight low, espalier_eight high) {
    return low + high;
}

/// The rest of it, of one chain.
static inline __attribute__((always_inline)) float espalier_tree_of_one(espalier_eight folded) {
    typedef float four __attribute__((ext_vector_type(4)));
    const four fours = folded.lo + folded.hi;
    return (fours.x + fours.z) + (fours.y + fours.w);
}

/// The rest of it, of eight chains in registers.
static inline __attribute__((always_inline)) void espalier_tree_of_folded(
    espalier_eight h0, espalier_eight h1, espalier_eight h2, espalier_eight h3, espalier_eight h4, espalier_eight h5,
    espalier_eight h6, espalier_eight h7, float *_Nonnull sums) {
    typedef float unaligned __attribute__((vector_size(32), aligned(4)));
#define ESPALIER_PAIR(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define ESPALIER_FOURS(a, b) \
    (ESPALIER_PAIR(a, b, 0, 1, 2, 3, 8, 9, 10, 11) + ESPALIER_PAIR(a, b, 4, 5, 6, 7, 12, 13, 14, 15))
#define ESPALIER_TWOS(a, b) \
    (ESPALIER_PAIR(a, b, 0, 1, 8, 9, 4, 5, 12, 13) + ESPALIER_PAIR(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
    const espalier_eight e = ESPALIER_TWOS(ESPALIER_FOURS(h0, h4), ESPALIER_FOURS(h1, h5));
    const espalier_eight f = ESPALIER_TWOS(ESPALIER_FOURS(h2, h6), ESPALIER_FOURS(h3, h7));
    *(unaligned *)sums = (unaligned)(ESPALIER_PAIR(e, f, 0, 2, 8, 10, 4, 6, 12, 14)
                                     + ESPALIER_PAIR(e, f, 1, 3, 9, 11, 5, 7, 13, 15));
#undef ESPALIER_PAIR
#undef ESPALIER_FOURS
#undef ESPALIER_TWOS
}

/// The same sum of one chain.
static inline __attribute__((always_inline)) float espalier_tree_sum(const float *_Nonnull chain) {
    typedef float eight __attribute__((vector_size(32), aligned(4)));
    typedef float four __attribute__((vector_size(16), aligned(4)));
    typedef float two __attribute__((vector_size(8), aligned(4)));
    const eight halves = *(const eight *)chain + *(const eight *)(chain + 8);
    const four fours =
        __builtin_shufflevector(halves, halves, 0, 1, 2, 3) + __builtin_shufflevector(halves, halves, 4, 5, 6, 7);
    const two twos = __builtin_shufflevector(fours, fours, 0, 1) + __builtin_shufflevector(fours, fours, 2, 3);
    return twos[0] + twos[1];
}

/// Of sixteen floats a bit for each whose magnitude is in (above, most], as the bits of floats are ordered. In C, for Swift has no word
/// for the bits of a comparison.
static inline __attribute__((always_inline)) unsigned espalier_magnitudes(
    const float *_Nonnull values, int above, int most) {
    typedef int sixteen __attribute__((vector_size(64), aligned(4)));
    typedef _Bool flags __attribute__((ext_vector_type(16)));
    const sixteen bits = *(const sixteen *)values & 0x7FFFFFFF;
    const flags lanes = __builtin_convertvector((bits > above) & (bits <= most), flags);
    unsigned short mask;
    __builtin_memcpy(&mask, &lanes, sizeof mask);
    return mask;
}

/// Of the words of sixteen counters bits 40 to 63 and 16 to 39, as floats: SplitMix64's finaliser, as `CounterRandom` has it. In C,
/// for Swift converts 64-bit lanes one by one.
static inline __attribute__((always_inline)) void espalier_counter_halves(
    unsigned long long state, const long long *_Nonnull counters, float *_Nonnull high, float *_Nonnull low) {
    typedef unsigned long long eight __attribute__((vector_size(64), aligned(8)));
    typedef int numbers __attribute__((vector_size(32), aligned(4)));
    typedef float floats __attribute__((vector_size(32), aligned(4)));
    for (int first = 0; first < 16; first += 8) {
        eight z = *(const eight *)(counters + first) ^ state;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ z >> 27) * 0x94D049BB133111EBull;
        z = z ^ z >> 31;
        const numbers upper = __builtin_convertvector(z >> 40, numbers);
        const numbers lower = __builtin_convertvector(z >> 16 & 0xFFFFFF, numbers);
        *(floats *)(high + first) = __builtin_convertvector(upper, floats);
        *(floats *)(low + first) = __builtin_convertvector(lower, floats);
    }
}

#endif
