/*
 * frugal-pager CONTROL: serves the memory of restored snapshots through userfaultfd.
 *
 * The platform spawns one. Commands come on standard input, one a line, a name and its values (`run_command`); reports
 * go to standard output, one JSON object a line (`reports`). It listens on the socket CONTROL, where each unit that
 * restores a snapshot connects.
 *
 * Read on: `session` is the thread behind each connection, with `unit` (criu) or `guest` (Firecracker) in front. It keeps
 * a `space` for each process: which of its addresses hold which pages of the `image` (`address-map`), and what is
 * installed. `events` serves faults and follows changes of mappings; `touched` remembers what was asked for; `prefetch`
 * installs a `working-set` ahead of the faults, and `file-ranges` does the same for files.
 *
 * Invariants:
 *   P1  a session never harms another: what goes wrong in it closes its connection, which ends its unit
 *   P2  a page that was once installed, removed or unmapped never gets data of the image again
 *   P3  zeros are never installed where a process is to find data of the image, nor recorded as such
 *   P4  an event is applied before any page is installed after its reading: the kernel refuses to install pages from the
 *       start of a change of mappings until its event is read, but no longer
 *   P5  a fault is answered, or its session ends
 *   P6  when standard input ends, so do this process and with it, by their closed connections, all units that it serves
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"
#include "image.h"
#include "listener.h"
#include "memory.h"
#include "reason.h"
#include "reports.h"
#include "session.h"
#include "unit.h"
#include "working-set.h"

__attribute__((noreturn)) static void give_up(void) {
  fprintf(stderr, "frugal-pager: %s\n", reason());
  _exit(1);
}

static void complain(const char *command) {
  fprintf(stderr, "frugal-pager: %s: %s\n", command, reason());
}

static void run_command(char *line) {
  char *values = strchr(line, ' ');
  if (values != NULL) *values++ = '\0';
  if (values == NULL) refuse("it has no value");
  else if (strcmp(line, "touched") == 0) return ask_touched(strtoull(values, NULL, 10));
  else if (strcmp(line, "forget") == 0) return forget_working_set(values);
  else if (strcmp(line, "close") == 0) return forget_image(values);
  else if (strcmp(line, "guest") == 0) return await_guest(values);
  else if (strcmp(line, "withdraw") == 0) return withdraw_guest(strtoull(values, NULL, 10));
  else if (strcmp(line, "preload") != 0) refuse("there is no such command");
  else if (preload_working_set(values)) return;
  complain(line);
}

/* Runs the commands that standard input has ready. */
static void read_commands(void) {
  static char *text;
  static size_t length, capacity;
  text = grow(text, length, &capacity, 1);
  ssize_t got = read(STDIN_FILENO, text + length, capacity - length);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) _exit(0);
  length += (size_t)got;
  for (char *end; (end = memchr(text, '\n', length)) != NULL;) {
    *end++ = '\0';
    run_command(text);
    length -= (size_t)(end - text);
    memmove(text, end, length);
  }
}

static void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static void accept_unit(int listener) {
  int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (socket >= 0) return serve_unit(socket);
  if (errno == EINTR || errno == EAGAIN || errno == ECONNABORTED) return;
  refuse_by_errno("accept a unit");
  complain("listen");
  /* Out of descriptors: the unit waits in the backlog until a session ends. */
  usleep(10000);
}

int main(int count, char **arguments) {
  if (count != 2) {
    fputs("frugal-pager: give the path of its socket, and nothing else\n", stderr);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  int listener = listen_at(arguments[1]);
  if (listener < 0) give_up();
  start_reports();
  report("{\"kind\":\"listening\"}");
  struct pollfd watched[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) continue;
    if (watched[0].revents != 0) read_commands();
    if (watched[1].revents != 0) accept_unit(listener);
  }
}
