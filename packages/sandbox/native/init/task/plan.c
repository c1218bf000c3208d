#include "plan.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"

enum { LARGEST_BLOCK = 16 << 20, LENGTH_DIGITS = 12 };
enum { CONNECTION_VALUES = 12, MOST_VALUES = CONNECTION_VALUES };

static void push(struct list *list, char *item) {
  /* One spare place keeps the list NULL-terminated, as execve wants it. */
  char **items = realloc(list->items, (list->count + 2) * sizeof *items);
  if (items == NULL) fail("plan: memory");
  items[list->count] = item;
  items[list->count + 1] = NULL;
  list->items = items;
  list->count++;
}

static void push_pair(struct list *list, char **values) {
  push(list, values[0]);
  push(list, values[1]);
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
  static const char *const pairs[] = {"bind", "link", "file", "inherit", "session"};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    if (strcmp(name, pairs[i]) == 0) return 2;
  }
  return strcmp(name, "connection") == 0 ? CONNECTION_VALUES : 1;
}

__attribute__((noreturn)) static void unknown(const char *name) {
  errno = EINVAL;
  fail("plan: unknown record \"%s\"", name);
}

static void apply_to_plan(void *target, const char *name, char **values) {
  struct plan *plan = target;
  if (strcmp(name, "root") == 0) plan->root = values[0];
  else if (strcmp(name, "network") == 0) plan->network = values[0];
  else if (strcmp(name, "cgroup2") == 0) plan->cgroup2 = values[0];
  else if (strcmp(name, "cgroup") == 0) push(&plan->cgroups, values[0]);
  else if (strcmp(name, "folder") == 0) push(&plan->folders, values[0]);
  else if (strcmp(name, "bind") == 0) push_pair(&plan->binds, values);
  else if (strcmp(name, "link") == 0) push_pair(&plan->links, values);
  else if (strcmp(name, "file") == 0) push_pair(&plan->files, values);
  else if (strcmp(name, "criu") == 0) push(&plan->criu, values[0]);
  else if (strcmp(name, "criu-preload") == 0) plan->criu_preload = values[0];
  else if (strcmp(name, "restore-worker") == 0) plan->restore_worker = number(name, values[0], 1);
  else unknown(name);
}

static enum task_kind kind_of(const char *name) {
  if (strcmp(name, "run") == 0) return TASK_RUN;
  if (strcmp(name, "restore") == 0) return TASK_RESTORE;
  if (strcmp(name, "dump") == 0) return TASK_DUMP;
  errno = EINVAL;
  fail("plan: unknown task \"%s\"", name);
}

static void push_connection(struct task *task, const char *name, char **values) {
  if (task->connection_count == MOST_CONNECTIONS) {
    errno = E2BIG;
    fail("plan: %s", name);
  }
  struct connection *connection = &task->connections[task->connection_count++];
  unsigned *const numbers[] = {
      &connection->port,       &connection->sent,          &connection->received,  &connection->options,
      &connection->segment_size, &connection->send_scale,  &connection->receive_scale, &connection->timestamp,
      &connection->send_window, &connection->receive_window,
  };
  connection->address = values[0];
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) *numbers[i] = number(name, values[i + 1], UINT_MAX);
  connection->unanswered = values[CONNECTION_VALUES - 1];
}

static void apply_to_task(void *target, const char *name, char **values) {
  struct task *task = target;
  char *value = values[0];
  if (strcmp(name, "task") == 0) task->kind = kind_of(value);
  else if (strcmp(name, "hostname") == 0) task->hostname = value;
  else if (strcmp(name, "temporary-storage") == 0) task->temporary_storage = number(name, value, 1ULL << 62);
  else if (strcmp(name, "listen") == 0) task->listen_port = number(name, value, 65535);
  else if (strcmp(name, "bind") == 0) push_pair(&task->binds, values);
  else if (strcmp(name, "file") == 0) push_pair(&task->files, values);
  else if (strcmp(name, "template") == 0) task->is_template = number(name, value, 1);
  else if (strcmp(name, "directory") == 0) task->directory = value;
  else if (strcmp(name, "user") == 0) task->user = number(name, value, 4294967294U);
  else if (strcmp(name, "open-files") == 0) task->open_files = number(name, value, 1UL << 30);
  else if (strcmp(name, "argument") == 0) push(&task->arguments, value);
  else if (strcmp(name, "environment") == 0) push(&task->environment, value);
  else if (strcmp(name, "image") == 0) task->image = value;
  else if (strcmp(name, "inherit") == 0) push_pair(&task->inherit, values);
  else if (strcmp(name, "connection") == 0) push_connection(task, name, values);
  else if (strcmp(name, "pager") == 0) task->pager = value;
  else if (strcmp(name, "session") == 0) push_pair(&task->session, values);
  else unknown(name);
}

/* Reads `length` bytes; false where the other side has hung up before the first. */
static int read_exactly(int descriptor, char *bytes, size_t length) {
  size_t read_so_far = 0;
  while (read_so_far < length) {
    ssize_t got = read(descriptor, bytes + read_so_far, length - read_so_far);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 && read_so_far == 0) return 0;
    if (got == 0) errno = ENODATA;
    if (got <= 0) fail("plan: read");
    read_so_far += (size_t)got;
  }
  return 1;
}

static int read_length(int descriptor, size_t *length) {
  char digits[LENGTH_DIGITS] = "";
  for (size_t i = 0; i < sizeof digits; i++) {
    if (!read_exactly(descriptor, &digits[i], 1)) {
      if (i == 0) return 0;
      errno = ENODATA;
      fail("plan: read its length");
    }
    if (digits[i] == '\0') {
      *length = number("its length", digits, LARGEST_BLOCK);
      return 1;
    }
  }
  errno = EINVAL;
  fail("plan: its length has too many digits");
}

static void require(const char *name, int present) {
  if (present) return;
  errno = EINVAL;
  fail("plan: it has no %s", name);
}

/* The next block's text; NULL where there is none. */
static char *read_block(int descriptor, size_t *length) {
  if (!read_length(descriptor, length)) return NULL;
  char *text = malloc(*length + 1);
  if (text == NULL) fail("plan: memory");
  require("text of the length that it announces", *length == 0 || read_exactly(descriptor, text, *length));
  text[*length] = '\0';
  return text;
}

static void parse(char *text, size_t length, void (*apply)(void *, const char *, char **), void *target) {
  char *strings[MOST_VALUES + 1];
  size_t filled = 0;
  for (char *at = text; at < text + length; at += strlen(at) + 1) {
    strings[filled++] = at;
    if (filled == values_of(strings[0]) + 1) {
      apply(target, strings[0], strings + 1);
      filled = 0;
    }
  }
  require("end of its last record", filled == 0 && (length == 0 || text[length - 1] == '\0'));
}

void read_plan(int descriptor, struct plan *plan) {
  size_t length = 0;
  char *text = read_block(descriptor, &length);
  require("length", text != NULL);
  memset(plan, 0, sizeof *plan);
  parse(text, length, apply_to_plan, plan);
  require("root", plan->root != NULL);
  require("criu, but a restore worker", plan->criu.count > 0 || plan->restore_worker == 0);
}

static void require_run(const struct task *task) {
  require("directory", task->directory != NULL);
  require("user other than root", task->user != 0);
  require("open-files", task->open_files != 0);
  require("argument", task->arguments.count != 0);
}

int read_task(int descriptor, struct task *task, char **text, size_t *length) {
  *text = read_block(descriptor, length);
  if (*text == NULL) return 0;
  memset(task, 0, sizeof *task);
  char *parsed = malloc(*length + 1);
  if (parsed == NULL) fail("plan: memory");
  memcpy(parsed, *text, *length + 1);
  parse(parsed, *length, apply_to_task, task);
  require("task", task->kind != TASK_NONE);
  if (task->kind != TASK_DUMP) {
    require("hostname", task->hostname != NULL);
    require("temporary-storage", task->temporary_storage != 0);
  }
  if (task->kind == TASK_RUN) require_run(task);
  else require("image", task->image != NULL);
  /* execve takes a list, also an empty one. */
  if (task->environment.items == NULL) {
    push(&task->environment, NULL);
    task->environment.count = 0;
  }
  return 1;
}
