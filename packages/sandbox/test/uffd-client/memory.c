#define _GNU_SOURCE
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "client.h"

static volatile uint64_t *at(uint64_t page) {
  return (volatile uint64_t *)(page * PAGE);
}

static void map(uint64_t page, uint64_t count, int flags) {
  void *wanted = (void *)at(page);
  void *got = mmap(wanted, count * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | flags, -1, 0);
  if (got != wanted) die("mmap");
}

void map_pages(uint64_t page, uint64_t count) {
  map(page, count, 0);
}

void map_huge_pages(uint64_t page, uint64_t count) {
  map(page, count, MAP_HUGETLB);
}

void print_pages(FILE *answers, uint64_t page, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    const volatile uint64_t *words = at(page + i);
    const uint64_t word = words[0];
    int is_mixed = 0;
    for (size_t k = 1; k < PAGE / sizeof word; k++) is_mixed |= words[k] != word;
    fprintf(answers, "%s", i > 0 ? " " : "");
    if (is_mixed) fprintf(answers, "mixed");
    else fprintf(answers, "%" PRIu64, word);
  }
}

void write_pages(uint64_t page, uint64_t count, uint64_t word) {
  for (uint64_t i = 0; i < count; i++) {
    for (size_t k = 0; k < PAGE / sizeof word; k++) at(page + i)[k] = word;
  }
}

void drop_pages(uint64_t page, uint64_t count) {
  if (madvise((void *)at(page), count * PAGE, MADV_DONTNEED) < 0) die("madvise");
}

void unmap_pages(uint64_t page, uint64_t count) {
  if (munmap((void *)at(page), count * PAGE) < 0) die("munmap");
}

void move_pages_to(uint64_t from, uint64_t count, uint64_t to) {
  void *moved = mremap((void *)at(from), count * PAGE, count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)at(to));
  if (moved != (void *)at(to)) die("mremap");
}

struct range {
  uint64_t page;
  uint64_t count;
};

static void *touch(void *argument) {
  const struct range *range = argument;
  for (uint64_t i = 0; i < range->count; i++) (void)*at(range->page + i);
  return NULL;
}

void read_in_parallel(uint64_t page, uint64_t count, unsigned threads) {
  struct range range = {page, count};
  pthread_t *started = calloc(threads, sizeof *started);
  for (unsigned i = 0; i < threads; i++) {
    if (pthread_create(&started[i], NULL, touch, &range) != 0) die("pthread_create");
  }
  for (unsigned i = 0; i < threads; i++) pthread_join(started[i], NULL);
  free(started);
}

void wait_for_blocked_read(uint64_t page) {
  static struct range range;
  range = (struct range){page, 1};
  pthread_t thread;
  if (pthread_create(&thread, NULL, touch, &range) != 0) die("pthread_create");
  struct pollfd pending = {.fd = last_uffd(), .events = POLLIN};
  if (poll(&pending, 1, -1) != 1 || pending.revents != POLLIN) die("poll the userfaultfd");
}
