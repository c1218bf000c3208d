/*
 * The outer process's part in a task: it alone still sees the host, so it opens what the task names there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

static void add(struct descriptors *opened, int descriptor) {
  if (opened->count == MOST_DESCRIPTORS) {
    errno = E2BIG;
    fail("open what the task names");
  }
  opened->items[opened->count++] = descriptor;
}

static int write_all(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = send(descriptor, bytes, length, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return 0;
    bytes += written;
    length -= (size_t)written;
  }
  return 1;
}

/* False where the reader is gone. */
static int write_block(int descriptor, const char *text, size_t length) {
  char digits[24];
  int digits_length = snprintf(digits, sizeof digits, "%zu", length);
  return write_all(descriptor, digits, (size_t)digits_length + 1) && write_all(descriptor, text, length);
}

/* A connection to the pager that has been told what to serve. */
static int open_session(const struct task *task) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(task->pager) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail("connect to the pager at %s", task->pager);
  }
  strcpy(address.sun_path, task->pager);
  int pager = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (pager < 0 || connect(pager, (struct sockaddr *)&address, sizeof address) < 0) {
    fail("connect to the pager at %s", task->pager);
  }
  char *head = NULL;
  size_t length = 0;
  FILE *records = open_memstream(&head, &length);
  if (records == NULL) fail("memory");
  for (size_t i = 0; i < task->session.count; i++) {
    fwrite(task->session.items[i], 1, strlen(task->session.items[i]) + 1, records);
  }
  if (fclose(records) != 0) fail("memory");
  if (!write_block(pager, head, length)) fail("tell the pager at %s what to serve", task->pager);
  free(head);
  return pager;
}

void pass_on(int relay, const struct task *task, const char *text, size_t length) {
  struct descriptors opened = {.count = 0};
  /* The pager first: it reads ahead while the rest goes on. */
  int pager = task->pager == NULL ? -1 : open_session(task);
  for (size_t i = 0; i < task->binds.count; i += 2) {
    int tree = open_read_only(task->binds.items[i]);
    if (tree < 0) fail("open %s", task->binds.items[i]);
    add(&opened, tree);
  }
  if (task->image != NULL) {
    int image = open(task->image, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (image < 0) fail("open %s", task->image);
    add(&opened, image);
  }
  if (pager >= 0) add(&opened, pager);
  /* Where pid 1 is gone, who supervises finds out. */
  if (send_descriptors(relay, "T", 1, opened.items, opened.count) > 0) (void)write_block(relay, text, length);
  for (size_t i = 0; i < opened.count; i++) close(opened.items[i]);
}
