// The processor check. It runs before the first line of Swift: the linker may keep an AVX2 copy of a generic
// that even an unflagged main calls, so a check written in Swift can die of SIGILL before it speaks.
#include "processor.h"

#if defined(ESPALIER_NEEDS_AVX2) && defined(__x86_64__)
#include <unistd.h>

__attribute__((constructor(101))) static void espalier_check_processor(void) {
    __builtin_cpu_init();
    int runs = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
#ifdef ESPALIER_NEEDS_AVX512
    runs = runs && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    static const char message[] =
        "espalier: this build needs a processor with AVX-512, like the one it was built on; this one lacks it.\n"
        "Build here with: swift build -c release (or for others with ESPALIER_CPU=avx2 or =portable)\n";
#else
    static const char message[] =
        "espalier: this build needs a processor with AVX2 and FMA (2013 or later); this one lacks them.\n"
        "Build for any processor with: ESPALIER_CPU=portable swift build -c release\n";
#endif
    if (runs) return;
    ssize_t written = write(2, message, sizeof message - 1);
    (void)written;
    _exit(69);  // EX_UNAVAILABLE
}

int espalier_processor_is_checked(void) { return 1; }
#else
int espalier_processor_is_checked(void) { return 0; }
#endif
