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

#endif
