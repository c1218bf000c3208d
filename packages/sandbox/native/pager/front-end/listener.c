#define _GNU_SOURCE
#include "listener.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "reason.h"

int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    refuse("%s is too long for the path of a socket", path);
    return -1;
  }
  strcpy(address.sun_path, path);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  /* The mode of the inode is set before the path exists. */
  if (listener >= 0 && fchmod(listener, 0600) == 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
      listen(listener, SOMAXCONN) == 0) {
    return listener;
  }
  refuse_by_errno("listen on %s", path);
  if (listener >= 0) close(listener);
  return -1;
}
