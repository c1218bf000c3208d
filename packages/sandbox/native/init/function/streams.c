/*
 * A template's own streams.
 *
 * criu can dump a socket only if it was made in the network namespace of the processes that it dumps; the platform's were
 * made on the host. So a template has others for its descriptors 1 to 3, and small processes copy between the two. A
 * clone does without: criu gives it the platform's in their place.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

static void copy_until_end(int from, int to) {
  static char bytes[1 << 16];
  ssize_t got;
  while ((got = read(from, bytes, sizeof bytes)) != 0) {
    if (got < 0 && errno != EINTR) return;
    for (ssize_t written = 0; written < got;) {
      ssize_t one = send(to, bytes + written, (size_t)(got - written), MSG_NOSIGNAL);
      if (one < 0 && errno != EINTR) return;
      if (one > 0) written += one;
    }
  }
}

/* Both directions of the channel, and the output's two. */
static pid_t copying[4];
static size_t copying_count;

static void start_copying(int from, int to) {
  pid_t child = fork();
  if (child < 0) fail("fork a copying process");
  if (child != 0) {
    copying[copying_count++] = child;
    return;
  }
  for (int descriptor = STDIN_FILENO; descriptor <= CONTROL; descriptor++) {
    if (descriptor != from && descriptor != to) close(descriptor);
  }
  copy_until_end(from, to);
  shutdown(to, SHUT_WR);
  _exit(0);
}

int is_copying(pid_t process) {
  for (size_t i = 0; i < copying_count; i++) {
    if (copying[i] == process) return 1;
  }
  return 0;
}

void take_own_streams(void) {
  for (int descriptor = STDOUT_FILENO; descriptor <= CHANNEL; descriptor++) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) fail("socketpair");
    start_copying(pair[0], descriptor);
    if (descriptor == CHANNEL) start_copying(descriptor, pair[0]);
    if (dup2(pair[1], descriptor) < 0) fail("dup");
    close(pair[0]);
    close(pair[1]);
  }
}
