/*
 * The memory of a guest as Firecracker describes it.
 */
#ifndef FRUGAL_REGIONS_H
#define FRUGAL_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_REGIONS = 16 };

/* In bytes, all multiples of the page size. */
struct region {
  uint64_t address;
  uint64_t size;
  /* In the memory file. */
  uint64_t offset;
};

struct regions {
  struct region items[MOST_REGIONS];
  size_t count;
  /* 4 KiB or 2 MiB. */
  uint64_t page_size;
};

/* From Firecracker's JSON, if all of it is there. False with a reason. */
bool parse_regions(const char *text, size_t length, struct regions *regions, bool *is_complete);

#endif
