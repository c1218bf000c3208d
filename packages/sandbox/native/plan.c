#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"

enum { LARGEST_PLAN = 16 << 20, LENGTH_DIGITS = 12 };

static void push(struct list *list, char *item) {
  /* One spare place keeps the list NULL-terminated, as execve wants it. */
  char **items = realloc(list->items, (list->count + 2) * sizeof *items);
  if (items == NULL) fail("plan: memory");
  items[list->count] = item;
  items[list->count + 1] = NULL;
  list->items = items;
  list->count++;
}

static unsigned long long number(const char *name, const char *text, unsigned long long largest) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || value > largest) {
    errno = EINVAL;
    fail("plan: %s is no number that fits: \"%s\"", name, text);
  }
  return value;
}

static size_t values_of(const char *name) {
  return strcmp(name, "bind") == 0 || strcmp(name, "link") == 0 || strcmp(name, "file") == 0 ? 2 : 1;
}

static void apply(struct plan *plan, const char *name, char **values) {
  char *value = values[0];
  if (strcmp(name, "root") == 0) plan->root = value;
  else if (strcmp(name, "hostname") == 0) plan->hostname = value;
  else if (strcmp(name, "network") == 0) plan->network = value;
  else if (strcmp(name, "directory") == 0) plan->directory = value;
  else if (strcmp(name, "user") == 0) plan->user = number(name, value, 4294967294U);
  else if (strcmp(name, "open-files") == 0) plan->open_files = number(name, value, 1UL << 30);
  else if (strcmp(name, "temporary-storage") == 0) plan->temporary_storage = number(name, value, 1ULL << 62);
  else if (strcmp(name, "listen") == 0) plan->listen_port = number(name, value, 65535);
  else if (strcmp(name, "cgroup2") == 0) plan->cgroup2 = value;
  else if (strcmp(name, "cgroup") == 0) push(&plan->cgroups, value);
  else if (strcmp(name, "folder") == 0) push(&plan->folders, value);
  else if (strcmp(name, "argument") == 0) push(&plan->arguments, value);
  else if (strcmp(name, "environment") == 0) push(&plan->environment, value);
  else if (strcmp(name, "bind") == 0) push(&plan->binds, value), push(&plan->binds, values[1]);
  else if (strcmp(name, "link") == 0) push(&plan->links, value), push(&plan->links, values[1]);
  else if (strcmp(name, "file") == 0) push(&plan->files, value), push(&plan->files, values[1]);
  else {
    errno = EINVAL;
    fail("plan: unknown record \"%s\"", name);
  }
}

static void read_exactly(int descriptor, char *bytes, size_t length) {
  while (length > 0) {
    ssize_t got = read(descriptor, bytes, length);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = ENODATA;
    if (got <= 0) fail("plan: read");
    bytes += got;
    length -= (size_t)got;
  }
}

static size_t read_length(int descriptor) {
  char digits[LENGTH_DIGITS] = "";
  for (size_t i = 0; i < sizeof digits; i++) {
    read_exactly(descriptor, &digits[i], 1);
    if (digits[i] == '\0') return number("its length", digits, LARGEST_PLAN);
  }
  errno = EINVAL;
  fail("plan: its length has too many digits");
}

static void require(const char *name, int present) {
  if (present) return;
  errno = EINVAL;
  fail("plan: it has no %s", name);
}

void read_plan(int descriptor, struct plan *plan) {
  size_t length = read_length(descriptor);
  char *text = malloc(length + 1);
  if (text == NULL) fail("plan: memory");
  read_exactly(descriptor, text, length);
  text[length] = '\0';

  memset(plan, 0, sizeof *plan);
  char *strings[3];
  size_t filled = 0;
  for (char *at = text; at < text + length; at += strlen(at) + 1) {
    strings[filled++] = at;
    if (filled == values_of(strings[0]) + 1) {
      apply(plan, strings[0], strings + 1);
      filled = 0;
    }
  }
  require("end of its last record", filled == 0 && (length == 0 || text[length - 1] == '\0'));
  require("root", plan->root != NULL);
  require("hostname", plan->hostname != NULL);
  require("directory", plan->directory != NULL);
  require("user other than root", plan->user != 0);
  require("open-files", plan->open_files != 0);
  require("temporary-storage", plan->temporary_storage != 0);
  require("argument", plan->arguments.count != 0);
  /* execve takes a list, also an empty one. */
  if (plan->environment.items == NULL) {
    push(&plan->environment, NULL);
    plan->environment.count = 0;
  }
}
