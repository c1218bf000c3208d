/*
 * A space: the memory of one process, filled through its userfaultfd. Only the thread of its session uses it.
 */
#ifndef FRUGAL_SPACE_H
#define FRUGAL_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address-map.h"
#include "image.h"

/* What a session has done so far, in all its spaces. */
struct counters {
  uint64_t faults;
  uint64_t pages;
  uint64_t zero_pages;
  uint64_t removed_pages;
  uint64_t forks;
};

struct space {
  int uffd;
  /* The process of the image that it is, or descends from. */
  uint32_t pid;
  bool is_fork;
  /* Its process is gone. */
  bool is_dead;
  /* Pages are installed in groups of so many, aligned: 512 where the kernel backs it with huge pages, else 1. */
  uint64_t grain;
  struct address_map map;
  /* Of a guest: where its memory was at first. Empty for a process, whose addresses are those of the image. */
  struct address_map origin;
  /* A bit for each page of the image: once installed, never again (P2). */
  uint64_t *installed;
  /* Addresses of faults that could not be served because a change of the mappings was under way. */
  uint64_t *waiting;
  size_t waiting_count;
  size_t waiting_capacity;
  struct counters *counters;
};

enum outcome {
  INSTALLED,
  /* The mappings are changing: read the events and try again. What was done is noted. */
  CHANGING,
  /* The process is gone. */
  GONE,
  /* With a reason. */
  BROKEN,
};

/* Takes `uffd` over. The map is empty. */
struct space *new_space(int uffd, uint32_t pid, const struct image *image, struct counters *counters);
/* A space for what `parent` has forked, as it is at this moment. */
struct space *forked_space(const struct space *parent, int uffd, const struct image *image);
void free_space(struct space *space);
/* Whether the process still has this memory. */
bool is_alive(const struct space *space);

/* Where a page of the image was at first; an address that is never in the map where it was nowhere. */
uint64_t first_address(const struct space *space, uint64_t image_address);

bool is_installed(const struct space *space, uint64_t page);
/* Installs pages of the image from `bytes`. All are in the map at `address`, `page` is the number of the first. */
enum outcome install_pages(struct space *space, uint64_t address, const char *bytes, uint64_t pages, uint64_t page);
/* Installs pages of zeros at addresses that are not in the map, or whose page was installed before. */
enum outcome install_zeros(struct space *space, uint64_t address, uint64_t pages);

#endif
