#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "ranges.h"

static int connection = -1, uffd = -1;

void connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
}

void send_bytes(const void *bytes, size_t length) {
  if (send(connection, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) die("send");
}

union rights {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

static void send_with_descriptor(void *bytes, size_t length, int descriptor) {
  struct iovec text = {bytes, length};
  union rights ancillary;
  memset(&ancillary, 0, sizeof ancillary);
  struct msghdr message = {
      .msg_iov = &text, .msg_iovlen = 1, .msg_control = ancillary.bytes, .msg_controllen = sizeof ancillary.bytes};
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
  if (sendmsg(connection, &message, MSG_NOSIGNAL) != (ssize_t)length) die("send a descriptor");
}

int make_uffd(uint64_t features) {
  uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  struct uffdio_api api = {.api = UFFD_API, .features = features};
  if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) < 0) die("userfaultfd");
  for (size_t i = 0; i < range_count; i++) {
    struct uffdio_register wanted = {
        .range = {.start = ranges[i].page * PAGE, .len = ranges[i].count * PAGE},
        .mode = UFFDIO_REGISTER_MODE_MISSING,
    };
    if (ioctl(uffd, UFFDIO_REGISTER, &wanted) < 0) die("register");
  }
  return uffd;
}

int last_uffd(void) {
  return uffd;
}

void send_process(int32_t pid) {
  char zero = '\0';
  int descriptor = make_uffd(UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_REMOVE |
                             UFFD_FEATURE_EVENT_UNMAP);
  send_bytes(&pid, sizeof pid);
  send_with_descriptor(&zero, 1, descriptor);
}

void send_guest(const uint64_t *regions, size_t count, uint64_t page_size) {
  char json[1024] = "[";
  size_t length = 1;
  for (size_t i = 0; i + 2 < count; i += 3) {
    length += (size_t)snprintf(json + length, sizeof json - length,
                               "%s{\"base_host_virt_addr\":%" PRIu64 ",\"size\":%" PRIu64 ",\"offset\":%" PRIu64
                               ",\"page_size\":%" PRIu64 ",\"page_size_kib\":%" PRIu64 "}",
                               i > 0 ? "," : "", regions[i] * PAGE, regions[i + 1] * PAGE, regions[i + 2] * PAGE,
                               page_size, page_size);
  }
  json[length++] = ']';
  send_with_descriptor(json, length, make_uffd(UFFD_FEATURE_EVENT_REMOVE));
}

void take_fork(void) {
  char byte;
  struct iovec text = {&byte, 1};
  union rights ancillary;
  struct msghdr message = {
      .msg_iov = &text, .msg_iovlen = 1, .msg_control = ancillary.bytes, .msg_controllen = sizeof ancillary.bytes};
  if (recvmsg(connection, &message, 0) != 1 || byte != 'F' || CMSG_FIRSTHDR(&message) == NULL) die("take a fork");
}

void wait_for_hangup(void) {
  char byte;
  if (recv(connection, &byte, 1, 0) > 0) die("wait for the pager to hang up");
}
