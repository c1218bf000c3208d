#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ranges.h"

struct range_of_pages ranges[64];
size_t range_count;

/* Forked processes, each with the same commands on a socket of its own. */
static FILE *children[64];
static size_t child_count;

void die(const char *step) {
  printf("failed: %s: %s\n", step, strerror(errno));
  fflush(stdout);
  _exit(1);
}

static void run_commands(FILE *commands, FILE *answers);

static void fork_child(void) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) die("socketpair");
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    /* Its siblings, and it, end when the first process closes its ends. */
    close(pair[0]);
    while (child_count > 0) fclose(children[--child_count]);
    run_commands(fdopen(pair[1], "r"), fdopen(dup(pair[1]), "w"));
    _exit(0);
  }
  close(pair[1]);
  children[child_count++] = fdopen(pair[0], "r+");
}

static void forward(FILE *answers, const char *rest) {
  char *command;
  size_t child = strtoull(rest, &command, 10);
  if (child >= child_count) die("no such child");
  fputs(command + 1, children[child]);
  fflush(children[child]);
  char *answer = NULL;
  size_t capacity = 0;
  ssize_t length = getline(&answer, &capacity, children[child]);
  if (length > 0) fprintf(answers, "%.*s", (int)length - 1, answer);
  else fprintf(answers, "gone");
  free(answer);
}

/* Bytes written as two digits each. */
static void send_hex(const char *digits) {
  for (unsigned byte; sscanf(digits, "%2x", &byte) == 1; digits += 2) {
    char one = (char)byte;
    send_bytes(&one, 1);
  }
}

static void watch(uint64_t page, uint64_t count) {
  ranges[range_count++] = (struct range_of_pages){page, count};
}

static void run_command(const char *name, char *rest, FILE *answers) {
  uint64_t n[16] = {0};
  size_t count = 0;
  for (char *at = rest, *end; count < 16; at = end, count++) {
    n[count] = strtoull(at, &end, 10);
    if (end == at) break;
  }
  if (strcmp(name, "map") == 0) map_pages(n[0], n[1]), watch(n[0], n[1]);
  else if (strcmp(name, "map-huge") == 0) map_huge_pages(n[0], n[1]), watch(n[0], n[1]);
  else if (strcmp(name, "connect") == 0) rest[strcspn(rest, "\n")] = '\0', connect_to(rest);
  else if (strcmp(name, "send") == 0) send_hex(rest);
  else if (strcmp(name, "process") == 0) send_process((int32_t)n[0]);
  else if (strcmp(name, "guest") == 0) send_guest(n + 1, count - 1, n[0]);
  else if (strcmp(name, "read") == 0) print_pages(answers, n[0], n[1]);
  else if (strcmp(name, "write") == 0) write_pages(n[0], n[1], n[2]);
  else if (strcmp(name, "drop") == 0) drop_pages(n[0], n[1]);
  else if (strcmp(name, "unmap") == 0) unmap_pages(n[0], n[1]);
  else if (strcmp(name, "move") == 0) move_pages_to(n[0], n[1], n[2]);
  else if (strcmp(name, "touch") == 0) read_in_parallel(n[0], n[1], (unsigned)n[2]);
  else if (strcmp(name, "block") == 0) wait_for_blocked_read(n[0]);
  else if (strcmp(name, "fork") == 0) fork_child();
  else if (strcmp(name, "take-fork") == 0) take_fork();
  else if (strcmp(name, "child") == 0) forward(answers, rest);
  else if (strcmp(name, "hangup") == 0) wait_for_hangup();
  else if (strcmp(name, "exit") == 0) _exit(0);
  else errno = EINVAL, die(name);
}

static void run_commands(FILE *commands, FILE *answers) {
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, commands) > 0) {
    char *rest = line + strcspn(line, " \n");
    if (*rest != '\0') *rest++ = '\0';
    run_command(line, rest, answers);
    fprintf(answers, "\n");
    fflush(answers);
  }
}

int main(void) {
  run_commands(stdin, stdout);
  return 0;
}
