// Where large arrays lie, settled before there is one. Without this glibc keeps the room of those that are gone in a heap of
// each thread that ever had one, because it lets what goes to such a heap grow to 32 MiB: an hour of cuts and previews took
// three times the memory that was in use. A training step allocates nothing, so it costs none of its time.
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

__attribute__((constructor(102))) static void espalier_return_large_arrays(void) {
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
}
#endif
