/*
 * The pages of an image that its restored processes asked for: from these the platform makes the next working set.
 *
 * Pages are those of the image, wherever a process has moved them to and whichever process of a family touched them.
 * Zeros are noted only for addresses for which the image has no data: a page that a process gave back reads as zeros
 * too, but the next restore needs its data (P3).
 */
#ifndef FRUGAL_TOUCHED_H
#define FRUGAL_TOUCHED_H

#include "image.h"
#include "reports.h"

struct touched {
  const struct image *image;
  /* A bit for each page of the image. */
  uint64_t *pages;
  /* Set of zero pages, as an open hash: pid and page number in one; 0 is free. */
  uint64_t *zeros;
  size_t zero_count;
  size_t zero_capacity;
};

void start_touched(struct touched *touched, const struct image *image);
void free_touched(struct touched *touched);
void note_page(struct touched *touched, uint64_t page, uint64_t pages);
void note_zero(struct touched *touched, uint32_t pid, uint64_t address);
/* `[pid,first page,pages,1 for zeros]` of each run, sorted, in square brackets. */
void add_runs(struct report *report, const struct touched *touched);

#endif
