/*
 * Whether the page cache holds a file.
 */
#ifndef FRUGAL_RESIDENCY_H
#define FRUGAL_RESIDENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether all pages of this part of `file` are in the page cache. False where the kernel does not say. */
bool is_resident(int file, uint64_t offset, size_t length);

#endif
