#define _GNU_SOURCE
#include "space.h"

#include <errno.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "reason.h"

enum { HUGE_PAGE = 2 << 20 };

static size_t words_of(const struct image *image) {
  return (image->pages + 63) / 64;
}

struct space *new_space(int uffd, uint32_t pid, const struct image *image, struct counters *counters) {
  struct space *space = allocate(1, sizeof *space);
  space->uffd = uffd;
  space->pid = pid;
  space->grain = 1;
  space->installed = allocate(words_of(image), sizeof *space->installed);
  space->counters = counters;
  return space;
}

struct space *forked_space(const struct space *parent, int uffd, const struct image *image) {
  struct space *space = allocate(1, sizeof *space);
  space->uffd = uffd;
  space->pid = parent->pid;
  space->is_fork = true;
  space->grain = parent->grain;
  space->map = parent->map;
  space->map.capacity = parent->map.count;
  space->map.items = copy_of(parent->map.items, parent->map.count, sizeof *parent->map.items);
  space->installed = copy_of(parent->installed, words_of(image), sizeof *parent->installed);
  space->counters = parent->counters;
  return space;
}

void free_space(struct space *space) {
  close(space->uffd);
  free(space->map.items);
  free(space->origin.items);
  free(space->installed);
  free(space->waiting);
  free(space);
}

bool is_alive(const struct space *space) {
  /* No memory is registered for write protection, so this does nothing but look for the process. */
  struct uffdio_writeprotect question = {.range = {.start = HUGE_PAGE, .len = HUGE_PAGE}};
  return ioctl(space->uffd, UFFDIO_WRITEPROTECT, &question) == 0 || errno != ESRCH;
}

uint64_t first_address(const struct space *space, uint64_t image_address) {
  if (space->origin.count == 0) return image_address;
  const uint64_t page = image_address / PAGE;
  for (size_t i = 0; i < space->origin.count; i++) {
    const struct segment *region = &space->origin.items[i];
    if (page >= region->first && page - region->first < region->pages) {
      return region->address + (page - region->first) * PAGE;
    }
  }
  return UINT64_MAX / PAGE * PAGE;
}

bool is_installed(const struct space *space, uint64_t page) {
  return (space->installed[page / 64] >> (page % 64) & 1) != 0;
}

static void note_installed(struct space *space, uint64_t page, uint64_t pages) {
  for (uint64_t end = page + pages; page < end; page++) space->installed[page / 64] |= 1ULL << (page % 64);
}

static void wake(const struct space *space, uint64_t address) {
  struct uffdio_range range = {.start = address, .len = space->grain * PAGE};
  ioctl(space->uffd, UFFDIO_WAKE, &range);
}

static const char *huge_zero;

static void map_huge_zero(void) {
  huge_zero = mmap(NULL, HUGE_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* The kernel has no zero page of 2 MiB to share. */
static const char *zeros_for(uint64_t grain) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  if (grain == 1) return NULL;
  pthread_once(&once, map_huge_zero);
  return huge_zero;
}

/* One request to the kernel; without `bytes` for zeros. The bytes installed, or the negative error. */
static int64_t attempt(const struct space *space, uint64_t address, const char *bytes, uint64_t length) {
  int64_t progress;
  int result;
  if (bytes != NULL) {
    struct uffdio_copy copy = {.dst = address, .src = (uintptr_t)bytes, .len = length};
    result = ioctl(space->uffd, UFFDIO_COPY, &copy);
    progress = copy.copy;
  } else {
    struct uffdio_zeropage zero = {.range = {.start = address, .len = length}};
    result = ioctl(space->uffd, UFFDIO_ZEROPAGE, &zero);
    progress = zero.zeropage;
  }
  if (result == 0) return (int64_t)length;
  /* EAGAIN also means that only a part was done: the next request meets the reason. */
  return errno == EAGAIN && progress > 0 ? progress : -errno;
}

static enum outcome outcome_of(const struct space *space, uint64_t address, int error) {
  errno = error;
  if (error == EAGAIN) return CHANGING;
  if (error == ESRCH || error == ENOSPC) return GONE;
  if (error == EFAULT) refuse("pages of process %u cannot be read: a file of the image has shrunk", space->pid);
  else refuse_by_errno("install the page at 0x%llx of process %u", (unsigned long long)address, space->pid);
  return BROKEN;
}

/* Without `bytes` for zeros, for which no page of the image is noted. */
static enum outcome install(struct space *space, uint64_t address, const char *bytes, uint64_t pages, uint64_t page) {
  const uint64_t grain = space->grain;
  const char *zeros = bytes == NULL ? zeros_for(grain) : NULL;
  uint64_t at = 0, step = zeros != NULL ? grain : pages;
  while (at < pages) {
    if (step > pages - at) step = pages - at;
    const char *source = bytes != NULL ? bytes + at * PAGE : zeros;
    const int64_t result = attempt(space, address + at * PAGE, source, step * PAGE);
    uint64_t passed = grain;
    if (result > 0) {
      passed = (uint64_t)result / PAGE;
      *(bytes != NULL ? &space->counters->pages : &space->counters->zero_pages) += passed;
      if (zeros == NULL) step = pages - at;
    } else if (result == -ENOENT && step > grain) {
      /* The range crosses the border of a mapping, which no request may. */
      step = step / grain / 2 * grain;
      continue;
    } else if (result == -EEXIST || result == -ENOENT) {
      /* It is there, or no longer mapped: whoever waits for it looks again. */
      wake(space, address + at * PAGE);
    } else {
      return outcome_of(space, address + at * PAGE, (int)-result);
    }
    if (bytes != NULL && result != -ENOENT) note_installed(space, page + at, passed);
    at += passed;
  }
  return INSTALLED;
}

enum outcome install_pages(struct space *space, uint64_t address, const char *bytes, uint64_t pages, uint64_t page) {
  return install(space, address, bytes, pages, page);
}

enum outcome install_zeros(struct space *space, uint64_t address, uint64_t pages) {
  return install(space, address, NULL, pages, 0);
}
