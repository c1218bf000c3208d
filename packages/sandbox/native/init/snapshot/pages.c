#define _GNU_SOURCE
#include "pages.h"

#include <errno.h>
#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "relay.h"
#include "stages.h"

static const char SOCKET_NAME[] = "lazy-pages.socket";

void await_pages(struct pages *pages) {
  if (pages->pager < 0) return;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, SOCKET_NAME);
  pages->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (pages->listener < 0 || bind(pages->listener, (struct sockaddr *)&address, sizeof address) < 0 ||
      listen(pages->listener, 1) < 0) {
    fail("listen for criu's lazy pages");
  }
}

void serve_listener(struct pages *pages) {
  pages->criu = accept4(pages->listener, NULL, NULL, SOCK_CLOEXEC);
  if (pages->criu < 0) fail("accept criu's connection");
  close(pages->listener);
  pages->listener = -1;
}

__attribute__((noreturn)) static void lose_pager(void) {
  end_processes();
  report_failure("lost", "the pager has ended");
  _exit(STATUS_REPORTED);
}

/* The outer process holds them until the whole unit has ended, however that comes about. One that is gone ends the unit anyway. */
static void deposit(const struct pages *pages, const struct descriptors *received) {
  if (received->count > 0) (void)send_descriptors(pages->depot, "U", 1, received->items, received->count);
}

void serve_criu(struct pages *pages) {
  char bytes[64];
  struct descriptors received;
  ssize_t got = receive_descriptors(pages->criu, bytes, sizeof bytes, &received);
  if (got <= 0) {
    close(pages->criu);
    pages->criu = -1;
    return;
  }
  deposit(pages, &received);
  if (send_descriptors(pages->pager, bytes, (size_t)got, received.items, received.count) < 0) lose_pager();
}

/* Of processes that the function has forked since: they come and go, while those of the image stay with the unit. */
static struct {
  int *items;
  size_t count, capacity;
} forks;

/* No memory is registered for write protection, so this only looks for the process; one that runs another program has none. */
static int has_process(int uffd) {
  enum { HUGE_PAGE = 2 << 20 };
  struct uffdio_writeprotect question = {.range = {.start = HUGE_PAGE, .len = HUGE_PAGE}};
  return ioctl(uffd, UFFDIO_WRITEPROTECT, &question) == 0 || errno != ESRCH;
}

static void keep_fork(int uffd) {
  size_t kept = 0;
  for (size_t i = 0; i < forks.count; i++) {
    if (has_process(forks.items[i])) forks.items[kept++] = forks.items[i];
    else close(forks.items[i]);
  }
  forks.count = kept;
  if (forks.count == forks.capacity) {
    forks.capacity = forks.capacity == 0 ? 16 : 2 * forks.capacity;
    forks.items = realloc(forks.items, forks.capacity * sizeof *forks.items);
    if (forks.items == NULL) fail("memory");
  }
  forks.items[forks.count++] = uffd;
}

void serve_pager(struct pages *pages) {
  char byte;
  struct descriptors received;
  if (receive_descriptors(pages->pager, &byte, 1, &received) <= 0) lose_pager();
  deposit(pages, &received);
  for (size_t i = 0; i < received.count; i++) keep_fork(received.items[i]);
}
