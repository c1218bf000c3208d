#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void report(const char *line) {
  /* A platform that is gone needs no message; MSG_NOSIGNAL keeps its absence from killing us first. */
  (void)!send(CONTROL, line, strlen(line), MSG_NOSIGNAL);
}

static void report_moment(const char *kind) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  char line[80];
  snprintf(line, sizeof line, "{\"kind\":\"%s\",\"monotonicSeconds\":%lld.%09ld}\n", kind, (long long)now.tv_sec,
           now.tv_nsec);
  report(line);
}

void report_made(void) {
  report_moment("made");
}

void report_launched(void) {
  report_moment("launched");
}

void report_dumped(const unsigned long sockets[3]) {
  char line[160];
  snprintf(line, sizeof line, "{\"kind\":\"dumped\",\"sockets\":[%lu,%lu,%lu]}\n", sockets[0], sockets[1], sockets[2]);
  report(line);
}

void report_end(int status) {
  char line[64];
  if (WIFSIGNALED(status)) {
    snprintf(line, sizeof line, "{\"kind\":\"signalled\",\"signal\":%d}\n", WTERMSIG(status));
  } else {
    snprintf(line, sizeof line, "{\"kind\":\"exited\",\"code\":%d}\n", WEXITSTATUS(status));
  }
  report(line);
}

static void hand_over(int descriptor, const char *type, const char *kind) {
  char line[128];
  int length = snprintf(line, sizeof line, "{\"cmd\":\"NODE_HANDLE\",\"type\":\"%s\",\"msg\":{\"kind\":\"%s\"}}\n", type, kind);
  struct iovec text = {line, (size_t)length};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } ancillary;
  memset(&ancillary, 0, sizeof ancillary);
  struct msghdr message = {
      .msg_iov = &text,
      .msg_iovlen = 1,
      .msg_control = ancillary.bytes,
      .msg_controllen = sizeof ancillary.bytes,
  };
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
  if (sendmsg(CONTROL, &message, MSG_NOSIGNAL) < 0) fail("hand over a %s", type);
}

void report_listener(int listener) {
  hand_over(listener, "net.Server", "listening");
}

void report_connection(int connection) {
  hand_over(connection, "net.Socket", "connected");
}

/* `text` as the inside of a JSON string; what does not fit is left out. */
static void append_escaped(char *line, size_t size, const char *text) {
  size_t at = strlen(line);
  for (; *text != '\0' && at + 8 < size; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') {
      line[at++] = '\\';
      line[at++] = (char)c;
    } else if (c < 0x20) {
      at += (size_t)snprintf(line + at, size - at, "\\u%04x", c);
    } else {
      line[at++] = (char)c;
    }
  }
  line[at] = '\0';
}

void report_failure(const char *kind, const char *reason) {
  char line[3072];
  snprintf(line, sizeof line, "{\"kind\":\"%s\",\"reason\":\"", kind);
  append_escaped(line, sizeof line - 8, reason);
  strcat(line, "\"}\n");
  report(line);
}

void (*before_failing)(void);

void fail(const char *step, ...) {
  int error = errno;
  char reason[1024];
  va_list arguments;
  va_start(arguments, step);
  vsnprintf(reason, sizeof reason, step, arguments);
  va_end(arguments);
  size_t length = strlen(reason);
  snprintf(reason + length, sizeof reason - length, ": %s", strerror(error));
  report_failure("unusable", reason);
  if (before_failing != NULL) before_failing();
  _exit(STATUS_REPORTED);
}
