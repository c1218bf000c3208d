/*
 * What the process has mapped so far and a userfaultfd is to watch.
 */
#ifndef RANGES_H
#define RANGES_H

#include <stddef.h>
#include <stdint.h>

struct range_of_pages {
  uint64_t page;
  uint64_t count;
};

extern struct range_of_pages ranges[64];
extern size_t range_count;

#endif
