#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *memory) {
  if (memory != NULL) return memory;
  fputs("frugal-pager: no memory left; the units that it serves end now\n", stderr);
  _exit(1);
}

void *allocate(size_t count, size_t size) {
  return checked(calloc(count > 0 ? count : 1, size));
}

void *grow(void *items, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return items;
  *capacity = *capacity > 0 ? *capacity * 2 : 16;
  return checked(reallocarray(items, *capacity, size));
}

void *copy_of(const void *items, size_t count, size_t size) {
  void *copy = allocate(count, size);
  if (count > 0) memcpy(copy, items, count * size);
  return copy;
}
