#ifndef ESPALIER_ALLOCATIONS_H
#define ESPALIER_ALLOCATIONS_H

#include <stdint.h>

/// From here on (1) or no longer (0) the allocations of the calling thread are counted.
void espalier_count_allocations(int counts);

/// Allocations of all counted threads since the start of the process.
int64_t espalier_allocations(void);

/// Calls `malloc` and frees at once: what a test of the counter needs.
void espalier_allocate_once(void);

#endif
