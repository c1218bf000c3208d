#define _GNU_SOURCE
#include "regions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reason.h"

enum { LARGEST_TEXT = 8192, HUGE_PAGE = 2 << 20 };

/* The number called `name` in the JSON object `text`. */
static bool number(const char *text, const char *name, uint64_t *value) {
  char quoted[40];
  snprintf(quoted, sizeof quoted, "\"%s\"", name);
  const char *at = strstr(text, quoted);
  if (at == NULL) return false;
  at += strlen(quoted);
  at += strspn(at, " \t\r\n");
  if (*at++ != ':') return false;
  at += strspn(at, " \t\r\n");
  if (*at < '0' || *at > '9') return false;
  *value = strtoull(at, NULL, 10);
  return true;
}

static bool overlaps(const struct regions *regions, const struct region *region) {
  for (size_t i = 0; i < regions->count; i++) {
    const struct region *other = &regions->items[i];
    if (region->address < other->address + other->size && other->address < region->address + region->size) return true;
  }
  return false;
}

/* `object` is the text of one region. */
static bool add_region(struct regions *regions, const char *object) {
  struct region region;
  uint64_t page_size = PAGE;
  if (!number(object, "base_host_virt_addr", &region.address) || !number(object, "size", &region.size) ||
      !number(object, "offset", &region.offset)) {
    return refuse("the guest's memory has a region without address, size or offset");
  }
  /* The older name; its value was always in bytes. */
  if (!number(object, "page_size", &page_size)) number(object, "page_size_kib", &page_size);
  if ((page_size != PAGE && page_size != HUGE_PAGE) || (regions->count > 0 && page_size != regions->page_size)) {
    return refuse("the guest's memory has a page size that is not served: %llu", (unsigned long long)page_size);
  }
  if (((region.address | region.size | region.offset) & (page_size - 1)) != 0 || region.size == 0 ||
      region.size > UINT64_MAX >> 2 || region.address > UINT64_MAX >> 2 || region.offset > UINT64_MAX >> 2 ||
      overlaps(regions, &region)) {
    return refuse("the guest's memory has a region that is not aligned to pages, empty, or within another");
  }
  if (regions->count == MOST_REGIONS) return refuse("the guest's memory has more than %d regions", MOST_REGIONS);
  regions->page_size = page_size;
  regions->items[regions->count++] = region;
  return true;
}

bool parse_regions(const char *text, size_t length, struct regions *regions, bool *is_complete) {
  char copy[LARGEST_TEXT + 1];
  *regions = (struct regions){0};
  *is_complete = false;
  if (length > LARGEST_TEXT || text[0] != '[') return refuse("the guest sent no description of its memory");
  *is_complete = text[length - 1] == ']';
  if (!*is_complete) return true;
  memcpy(copy, text, length);
  copy[length] = '\0';
  for (char *at = copy; (at = strchr(at, '{')) != NULL;) {
    char *end = strchr(at, '}');
    if (end == NULL) return refuse("the guest's description of its memory is no JSON");
    *end = '\0';
    if (!add_region(regions, at)) return false;
    at = end + 1;
  }
  return regions->count > 0 || refuse("the guest has no memory");
}
