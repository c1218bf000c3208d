#include "prefetch.h"

#include "memory.h"
#include "reason.h"

/* Pages in a piece: about 0.1 ms of copying, after which faults have their turn. */
enum { PIECE = 64 };

static uint64_t address_of(const struct extent *extent) {
  return extent->address_and_zero & ~1ULL;
}

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

static bool is_zero(const struct extent *extent) {
  return (extent->address_and_zero & 1) != 0;
}

/* Zeros where the image has data, or data where it has none, would corrupt the process (P3). */
static bool fits(const struct image *image, const struct extent *extent) {
  const uint64_t address = address_of(extent);
  if (address % PAGE != 0 || extent->pages == 0) return false;
  if (is_zero(extent)) return !has_entry_within(image, extent->pid, address, extent->pages);
  for (uint64_t page = 0; page < extent->pages;) {
    const struct image_entry *entry = find_entry(image, extent->pid, address + page * PAGE);
    if (entry == NULL) return false;
    page += entry->pages - (address + page * PAGE - entry->address) / PAGE;
  }
  return true;
}

enum progress prepare_prefetch(struct prefetch *prefetch) {
  if (prefetch->header != NULL) return MORE;
  size_t ready;
  if (!bytes_ready(prefetch->set, &ready)) return FAILED;
  if (ready < sizeof *prefetch->header) return STARVED;
  const struct working_set_header *header = working_set_header(prefetch->set);
  if (header == NULL) return FAILED;
  if (ready < header->data_offset) return STARVED;
  const struct extent *extents = (const struct extent *)(header + 1);
  uint64_t data_pages = 0;
  for (uint32_t i = 0; i < header->extents; i++) {
    if (!fits(prefetch->image, &extents[i])) {
      refuse("extent %u of the working set does not fit the image %s", i, prefetch->image->path);
      return FAILED;
    }
    if (!is_zero(&extents[i])) data_pages += extents[i].pages;
  }
  if (data_pages != header->data_pages) {
    refuse("the working set of %s has not the data of its extents", prefetch->image->path);
    return FAILED;
  }
  prefetch->header = header;
  prefetch->extents = extents;
  prefetch->data = header->data_offset;
  return MORE;
}

static struct space *space_of(const struct spaces *spaces, uint32_t pid) {
  for (size_t i = 0; i < spaces->count; i++) {
    struct space *space = spaces->items[i];
    if (space->pid == pid && !space->is_fork && !space->is_dead) return space;
  }
  return NULL;
}

struct piece {
  uint64_t address;
  uint64_t pages;
  /* Number of the first page within the image; not for zeros. */
  uint64_t number;
  /* Nothing is to be installed here: it is there, or the process has given it back or moved it. */
  bool is_settled;
};

/* The next pages from `address` that can be treated alike, at most `limit`. */
static struct piece zero_piece(const struct space *space, uint64_t address, uint64_t limit) {
  const uint64_t end = address + limit * PAGE;
  const uint64_t mapped = next_mapped(&space->map, address, end);
  /* A process has moved data of the image here. */
  if (mapped == address) return (struct piece){.address = address, .pages = 1, .is_settled = true};
  return (struct piece){.address = address, .pages = (mapped - address) / PAGE};
}

static struct piece data_piece(const struct space *space, const struct image *image, uint64_t address, uint64_t limit) {
  const struct image_entry *entry = find_entry(image, space->pid, address);
  const uint64_t offset = (address - entry->address) / PAGE;
  struct piece piece = {
      .address = first_address(space, address),
      .pages = space->grain,
      .number = entry->first + offset,
      .is_settled = true,
  };
  const struct segment *segment = find_segment(&space->map, piece.address);
  if (segment == NULL) return piece;
  const uint64_t within = (piece.address - segment->address) / PAGE;
  piece.is_settled = segment->first + within != piece.number || is_installed(space, piece.number);
  if (piece.is_settled) return piece;
  const uint64_t most = least(least(limit, entry->pages - offset), segment->pages - within);
  while (piece.pages < most && !is_installed(space, piece.number + piece.pages)) piece.pages += space->grain;
  return piece;
}

/* Installs from where the prefetch stands; the pages that it passed are in `passed`. */
static enum outcome install_next(struct prefetch *prefetch, struct space *space, uint64_t *passed) {
  const struct extent *extent = &prefetch->extents[prefetch->extent];
  const uint64_t address = address_of(extent) + prefetch->page * (uint64_t)PAGE;
  const uint64_t rest = extent->pages - prefetch->page;
  const uint64_t limit = least(rest, space->grain > PIECE ? space->grain : PIECE);
  if ((address / PAGE | rest) % space->grain != 0) {
    refuse("extent %u of the working set does not fit the page size of the guest", prefetch->extent);
    return BROKEN;
  }
  struct piece piece = is_zero(extent) ? zero_piece(space, address, limit)
                                       : data_piece(space, prefetch->image, address, limit);
  *passed = piece.pages;
  if (piece.is_settled) return INSTALLED;
  if (is_zero(extent)) return install_zeros(space, piece.address, piece.pages);
  const char *bytes = (const char *)prefetch->header + prefetch->data;
  return install_pages(space, piece.address, bytes, piece.pages, piece.number);
}

static void advance(struct prefetch *prefetch, uint64_t pages) {
  const struct extent *extent = &prefetch->extents[prefetch->extent];
  if (!is_zero(extent)) prefetch->data += pages * PAGE;
  prefetch->page += (uint32_t)pages;
  if (prefetch->page < extent->pages) return;
  prefetch->page = 0;
  prefetch->extent++;
}

enum progress install_piece(struct prefetch *prefetch, const struct spaces *spaces) {
  enum progress prepared = prepare_prefetch(prefetch);
  if (prepared != MORE) return prepared;
  size_t ready;
  if (!bytes_ready(prefetch->set, &ready)) return FAILED;
  for (uint64_t done = 0; done < PIECE;) {
    if (prefetch->extent == prefetch->header->extents) return COMPLETE;
    const struct extent *extent = &prefetch->extents[prefetch->extent];
    struct space *space = space_of(spaces, extent->pid);
    uint64_t passed = extent->pages - prefetch->page;
    if (space != NULL) {
      /* A piece may be as long as the rest of a small extent, or a huge page. */
      const uint64_t most = least(passed, space->grain > PIECE ? space->grain : PIECE);
      if (!is_zero(extent) && prefetch->data + most * PAGE > ready) return STARVED;
      const struct counters before = *space->counters;
      const enum outcome outcome = install_next(prefetch, space, &passed);
      prefetch->pages += space->counters->pages - before.pages;
      prefetch->zero_pages += space->counters->zero_pages - before.zero_pages;
      switch (outcome) {
        case INSTALLED:
          break;
        case CHANGING:
          return INTERRUPTED;
        case GONE:
          space->is_dead = true;
          break;
        case BROKEN:
          return FAILED;
      }
      done += passed;
    }
    advance(prefetch, passed);
  }
  return MORE;
}
