#include "touched.h"

#include <stdlib.h>

#include "memory.h"

/* A pid has at most 22 bits. Addresses have 47, or more where a process asks for them, and here at most 54. */
enum { PAGE_BITS = 42 };

struct run {
  uint32_t pid;
  bool is_zero;
  uint64_t page;
  uint64_t pages;
};

struct runs {
  struct run *items;
  size_t count;
  size_t capacity;
};

void start_touched(struct touched *touched, const struct image *image) {
  touched->image = image;
  touched->pages = allocate((image->pages + 63) / 64, sizeof *touched->pages);
}

void free_touched(struct touched *touched) {
  free(touched->pages);
  free(touched->zeros);
}

void note_page(struct touched *touched, uint64_t page, uint64_t pages) {
  for (uint64_t end = page + pages; page < end; page++) touched->pages[page / 64] |= 1ULL << (page % 64);
}

static void put(uint64_t *set, size_t capacity, uint64_t key) {
  size_t place = (key * 0x9e3779b97f4a7c15ULL >> 20) & (capacity - 1);
  while (set[place] != 0 && set[place] != key) place = (place + 1) & (capacity - 1);
  set[place] = key;
}

static bool contains(const struct touched *touched, uint64_t key) {
  if (touched->zero_capacity == 0) return false;
  size_t mask = touched->zero_capacity - 1;
  size_t place = (key * 0x9e3779b97f4a7c15ULL >> 20) & mask;
  while (touched->zeros[place] != 0 && touched->zeros[place] != key) place = (place + 1) & mask;
  return touched->zeros[place] == key;
}

static void enlarge(struct touched *touched) {
  size_t capacity = touched->zero_capacity > 0 ? touched->zero_capacity * 2 : 256;
  uint64_t *larger = allocate(capacity, sizeof *larger);
  for (size_t i = 0; i < touched->zero_capacity; i++) {
    if (touched->zeros[i] != 0) put(larger, capacity, touched->zeros[i]);
  }
  free(touched->zeros);
  touched->zeros = larger;
  touched->zero_capacity = capacity;
}

void note_zero(struct touched *touched, uint32_t pid, uint64_t address) {
  if (has_entry_within(touched->image, pid, address, 1)) return;
  uint64_t key = (uint64_t)pid << PAGE_BITS | address / PAGE;
  if (contains(touched, key)) return;
  if (touched->zero_count * 2 >= touched->zero_capacity) enlarge(touched);
  put(touched->zeros, touched->zero_capacity, key);
  touched->zero_count++;
}

static int compare(const void *left, const void *right) {
  const struct run *a = left, *b = right;
  if (a->pid != b->pid) return a->pid < b->pid ? -1 : 1;
  return a->page < b->page ? -1 : a->page > b->page;
}

static void push(struct runs *runs, struct run run) {
  runs->items = grow(runs->items, runs->count, &runs->capacity, sizeof run);
  runs->items[runs->count++] = run;
}

static struct runs collect(const struct touched *touched) {
  struct runs runs = {0};
  for (size_t i = 0; i < touched->image->count; i++) {
    const struct image_entry *entry = &touched->image->entries[i];
    for (uint64_t at = 0; at < entry->pages; at++) {
      uint64_t page = entry->first + at;
      if (touched->pages[page / 64] == 0) {
        at += 63 - page % 64;
      } else if ((touched->pages[page / 64] >> (page % 64) & 1) != 0) {
        push(&runs, (struct run){.pid = entry->pid, .page = entry->address / PAGE + at, .pages = 1});
      }
    }
  }
  for (size_t i = 0; i < touched->zero_capacity; i++) {
    uint64_t key = touched->zeros[i];
    if (key == 0) continue;
    push(&runs, (struct run){.pid = (uint32_t)(key >> PAGE_BITS),
                             .is_zero = true,
                             .page = key & ((1ULL << PAGE_BITS) - 1),
                             .pages = 1});
  }
  if (runs.count > 0) qsort(runs.items, runs.count, sizeof *runs.items, compare);
  return runs;
}

void add_runs(struct report *report, const struct touched *touched) {
  struct runs runs = collect(touched);
  add(report, "[");
  for (size_t i = 0; i < runs.count;) {
    struct run run = runs.items[i];
    for (i++; i < runs.count; i++, run.pages++) {
      const struct run *next = &runs.items[i];
      if (next->pid != run.pid || next->is_zero != run.is_zero || next->page != run.page + run.pages) break;
    }
    add(report, "%s[%u,%llu,%llu,%d]", report->text[report->length - 1] == '[' ? "" : ",", run.pid,
        (unsigned long long)run.page, (unsigned long long)run.pages, run.is_zero);
  }
  add(report, "]");
  free(runs.items);
}
