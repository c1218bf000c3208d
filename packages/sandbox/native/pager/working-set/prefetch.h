/*
 * Installs a working set, a piece at a time, so that faults are served in between.
 */
#ifndef FRUGAL_PREFETCH_H
#define FRUGAL_PREFETCH_H

#include "space.h"
#include "working-set.h"

struct prefetch {
  struct working_set *set;
  const struct image *image;
  /* NULL until the file's header is there and the extents are checked. */
  const struct working_set_header *header;
  const struct extent *extents;
  /* Where it stands: extent, page within it, and the offset of its data. */
  uint32_t extent;
  uint32_t page;
  uint64_t data;
  uint64_t pages;
  uint64_t zero_pages;
};

enum progress {
  /* Call again: there is more to do now. */
  MORE,
  /* Call again when the file's next bytes are there. */
  STARVED,
  /* Call again after the events are read. */
  INTERRUPTED,
  COMPLETE,
  /* With a reason. */
  FAILED,
};

struct spaces {
  struct space **items;
  size_t count;
  size_t capacity;
};

/* Checks the extents as soon as they are there. */
enum progress prepare_prefetch(struct prefetch *prefetch);
/* Installs one piece. */
enum progress install_piece(struct prefetch *prefetch, const struct spaces *spaces);

#endif
