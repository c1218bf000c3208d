#define _GNU_SOURCE
#include "residency.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memory.h"

bool is_resident(int file, uint64_t offset, size_t length) {
  const uint64_t start = offset / PAGE * PAGE;
  const size_t size = (size_t)(offset - start) + length;
  const size_t pages = (size + PAGE - 1) / PAGE;
  if (length == 0) return true;
  void *view = mmap(NULL, size, PROT_READ, MAP_SHARED, file, (off_t)start);
  if (view == MAP_FAILED) return false;
  unsigned char *resident = allocate(pages, 1);
  bool all = mincore(view, size, resident) == 0;
  for (size_t i = 0; all && i < pages; i++) all = (resident[i] & 1) != 0;
  free(resident);
  munmap(view, size);
  return all;
}
