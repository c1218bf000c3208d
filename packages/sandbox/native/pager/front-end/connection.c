#define _GNU_SOURCE
#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "memory.h"
#include "reason.h"

enum { PIECE = 4096, DESCRIPTORS = 16 };

static void keep_descriptors(struct connection *connection, struct msghdr *message) {
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      connection->descriptors = grow(connection->descriptors, connection->descriptor_count,
                                     &connection->descriptor_capacity, sizeof(int));
      memcpy(&connection->descriptors[connection->descriptor_count++], CMSG_DATA(header) + i * sizeof(int), sizeof(int));
    }
  }
}

bool receive(struct connection *connection) {
  for (;;) {
    while (connection->capacity < connection->length + PIECE) {
      connection->bytes = grow(connection->bytes, connection->capacity, &connection->capacity, 1);
    }
    struct iovec space = {connection->bytes + connection->length, PIECE};
    union {
      struct cmsghdr header;
      char bytes[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
    } ancillary;
    struct msghdr message = {
        .msg_iov = &space,
        .msg_iovlen = 1,
        .msg_control = ancillary.bytes,
        .msg_controllen = sizeof ancillary.bytes,
    };
    ssize_t got = recvmsg(connection->socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    if (got == 0 || (got < 0 && errno == ECONNRESET)) {
      connection->is_closed = true;
      return true;
    }
    if (got < 0) return refuse_by_errno("receive from the unit");
    keep_descriptors(connection, &message);
    if ((message.msg_flags & MSG_CTRUNC) != 0) return refuse("descriptors of the unit were lost: too many are open");
    connection->length += (size_t)got;
  }
}

void consume(struct connection *connection, size_t length) {
  connection->length -= length;
  memmove(connection->bytes, connection->bytes + length, connection->length);
}

int take_descriptor(struct connection *connection) {
  if (connection->descriptor_count == 0) return -1;
  const int first = connection->descriptors[0];
  connection->descriptor_count--;
  memmove(connection->descriptors, connection->descriptors + 1, connection->descriptor_count * sizeof(int));
  return first;
}

bool send_descriptor(const struct connection *connection, char byte, int descriptor) {
  struct iovec text = {&byte, 1};
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
  while (sendmsg(connection->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    /* A unit that has just ended is found out by the next reading. */
    if (errno == EPIPE || errno == ECONNRESET) return true;
    if (errno != EINTR) return refuse_by_errno("hand a forked process's userfaultfd to the unit");
  }
  return true;
}

void close_connection(struct connection *connection) {
  for (int descriptor; (descriptor = take_descriptor(connection)) >= 0;) close(descriptor);
  free(connection->descriptors);
  free(connection->bytes);
  close(connection->socket);
}
