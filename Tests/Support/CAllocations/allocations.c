// Stands before the C library's allocator in a test program and counts the calls of the threads that ask for it. The
// definitions of an executable come before those of a shared library, for the Swift runtime as well.
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "allocations.h"

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static _Thread_local int is_counting;
static _Atomic int64_t count;

static void note(void) {
    if (is_counting) atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
}

void espalier_count_allocations(int counts) { is_counting = counts; }
int64_t espalier_allocations(void) { return atomic_load(&count); }

void *malloc(size_t size) {
    note();
    return __libc_malloc(size);
}
void *calloc(size_t number, size_t size) {
    note();
    return __libc_calloc(number, size);
}
void *realloc(void *held, size_t size) {
    note();
    return __libc_realloc(held, size);
}
void *memalign(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **result, size_t alignment, size_t size) {
    note();
    void *held = __libc_memalign(alignment, size);
    if (!held) return ENOMEM;
    *result = held;
    return 0;
}
void free(void *held) { __libc_free(held); }

void espalier_allocate_once(void) {
    void *volatile held = malloc(16);
    free(held);
}
