// The processor check. It runs before the first line of Swift: the linker may keep an AVX2 copy of a generic
// that even an unflagged main calls, so a check written in Swift can die of SIGILL before it speaks.
#include "processor.h"

#if defined(ESPALIER_NEEDS_AVX2) && defined(__x86_64__)
#include <unistd.h>

__attribute__((constructor(101))) static void espalier_check_processor(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return;
    static const char message[] =
        "espalier: this build needs a processor with AVX2 and FMA (2013 or later); this one lacks them.\n"
        "Build for any processor with: ESPALIER_CPU=portable swift build -c release\n";
    ssize_t written = write(2, message, sizeof message - 1);
    (void)written;
    _exit(69);  // EX_UNAVAILABLE
}

int espalier_processor_is_checked(void) { return 1; }
#else
int espalier_processor_is_checked(void) { return 0; }
#endif
