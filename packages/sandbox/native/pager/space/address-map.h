/*
 * Which addresses of a process hold which pages of its image, as of now: sorted segments that never overlap. What is
 * not in the map is a page of zeros.
 */
#ifndef FRUGAL_ADDRESS_MAP_H
#define FRUGAL_ADDRESS_MAP_H

#include <stddef.h>
#include <stdint.h>

struct segment {
  uint64_t address;
  uint64_t pages;
  /* Number of its first page within the image. */
  uint64_t first;
  /* Its data, all pages of it. */
  const char *bytes;
};

struct address_map {
  struct segment *items;
  size_t count;
  size_t capacity;
};

/* The segment with `address` in it, or NULL; valid until the map changes. */
const struct segment *find_segment(const struct address_map *map, uint64_t address);
/* The first address from `address` on that is in the map, or `limit` where none is before it. */
uint64_t next_mapped(const struct address_map *map, uint64_t address, uint64_t limit);
/* Its place must be free. */
void insert_segment(struct address_map *map, struct segment segment);
/* Takes the addresses from `start` to before `end` out. */
void cut_range(struct address_map *map, uint64_t start, uint64_t end);
/* What is at `from` is now at `to`, and what was at `to` is gone. The ranges do not overlap. */
void move_range(struct address_map *map, uint64_t from, uint64_t to, uint64_t length);

#endif
