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

/// Asks for a cache line that will be read or written soon, into the second-level cache. No address is wrong.
static inline void espalier_prefetch(const void *_Nonnull line) { __builtin_prefetch(line, 0, 2); }

#endif
