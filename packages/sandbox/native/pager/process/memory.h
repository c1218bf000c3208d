/*
 * Memory of the pager itself. A pager without memory can serve nobody: these end the process, and with its connections
 * every unit that it served (a unit without a pager must not run on).
 */
#ifndef FRUGAL_MEMORY_H
#define FRUGAL_MEMORY_H

#include <stddef.h>

enum { PAGE = 4096 };

/* Zeroed. */
void *allocate(size_t count, size_t size);
/* Room for one more item than `count` in `items`; `capacity` is kept up to date. */
void *grow(void *items, size_t count, size_t *capacity, size_t size);
void *copy_of(const void *items, size_t count, size_t size);

#endif
