#include "address-map.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static uint64_t end_of(const struct segment *segment) {
  return segment->address + segment->pages * PAGE;
}

/* Index of the first segment that ends after `address`. */
static size_t index_after(const struct address_map *map, uint64_t address) {
  size_t low = 0, high = map->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (end_of(&map->items[middle]) > address) high = middle;
    else low = middle + 1;
  }
  return low;
}

/* The part of `segment` from `start` to before `end`, which are within it. */
static struct segment part_of(const struct segment *segment, uint64_t start, uint64_t end) {
  uint64_t skipped = start - segment->address;
  return (struct segment){
      .address = start,
      .pages = (end - start) / PAGE,
      .first = segment->first + skipped / PAGE,
      .bytes = segment->bytes + skipped,
  };
}

const struct segment *find_segment(const struct address_map *map, uint64_t address) {
  size_t index = index_after(map, address);
  if (index == map->count || map->items[index].address > address) return NULL;
  return &map->items[index];
}

uint64_t next_mapped(const struct address_map *map, uint64_t address, uint64_t limit) {
  size_t index = index_after(map, address);
  if (index == map->count || map->items[index].address >= limit) return limit;
  return map->items[index].address > address ? map->items[index].address : address;
}

void insert_segment(struct address_map *map, struct segment segment) {
  size_t index = index_after(map, segment.address);
  map->items = grow(map->items, map->count, &map->capacity, sizeof segment);
  memmove(&map->items[index + 1], &map->items[index], (map->count - index) * sizeof segment);
  map->items[index] = segment;
  map->count++;
}

void cut_range(struct address_map *map, uint64_t start, uint64_t end) {
  size_t index = index_after(map, start);
  if (index < map->count && map->items[index].address < start) {
    struct segment whole = map->items[index];
    map->items[index++] = part_of(&whole, whole.address, start);
    if (end_of(&whole) > end) insert_segment(map, part_of(&whole, end, end_of(&whole)));
  }
  size_t kept = index;
  while (kept < map->count && end_of(&map->items[kept]) <= end) kept++;
  memmove(&map->items[index], &map->items[kept], (map->count - kept) * sizeof *map->items);
  map->count -= kept - index;
  if (index < map->count && map->items[index].address < end) {
    struct segment whole = map->items[index];
    map->items[index] = part_of(&whole, end, end_of(&whole));
  }
}

void move_range(struct address_map *map, uint64_t from, uint64_t to, uint64_t length) {
  struct address_map moved = {0};
  for (size_t index = index_after(map, from); index < map->count; index++) {
    const struct segment *segment = &map->items[index];
    if (segment->address >= from + length) break;
    uint64_t start = segment->address > from ? segment->address : from;
    uint64_t end = end_of(segment) < from + length ? end_of(segment) : from + length;
    moved.items = grow(moved.items, moved.count, &moved.capacity, sizeof *segment);
    moved.items[moved.count] = part_of(segment, start, end);
    moved.items[moved.count++].address = start - from + to;
  }
  cut_range(map, from, from + length);
  cut_range(map, to, to + length);
  for (size_t i = 0; i < moved.count; i++) insert_segment(map, moved.items[i]);
  free(moved.items);
}
