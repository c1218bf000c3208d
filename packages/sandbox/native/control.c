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

void report_launched(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  char line[80];
  snprintf(line, sizeof line, "{\"kind\":\"launched\",\"monotonicSeconds\":%lld.%09ld}\n", (long long)now.tv_sec,
           now.tv_nsec);
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

void report_listener(int listener) {
  char line[] = "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Server\",\"msg\":{\"kind\":\"listening\"}}\n";
  struct iovec text = {line, sizeof line - 1};
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
  memcpy(CMSG_DATA(rights), &listener, sizeof(int));
  if (sendmsg(CONTROL, &message, MSG_NOSIGNAL) < 0) fail("hand over the listening socket");
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

void fail(const char *step, ...) {
  int error = errno;
  char reason[1024];
  va_list arguments;
  va_start(arguments, step);
  vsnprintf(reason, sizeof reason, step, arguments);
  va_end(arguments);
  char line[3072] = "{\"kind\":\"unusable\",\"reason\":\"";
  append_escaped(line, sizeof line - 256, reason);
  strcat(line, ": ");
  append_escaped(line, sizeof line - 8, strerror(error));
  strcat(line, "\"}\n");
  report(line);
  _exit(STATUS_REPORTED);
}
