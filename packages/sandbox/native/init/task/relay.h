/*
 * The socketpair between the outer process, which is on the host, and pid 1 of the unit: tasks go in, with what they name
 * on the host as open descriptors. When one of both is gone the other sees its end close.
 */
#ifndef FRUGAL_RELAY_H
#define FRUGAL_RELAY_H

#include <stddef.h>
#include <sys/types.h>

/* Most binds and other descriptors of one task. */
enum { MOST_DESCRIPTORS = 64 };

struct descriptors {
  int items[MOST_DESCRIPTORS];
  size_t count;
};

/* Bytes and with them the descriptors, which may be none. Few bytes, which leave at once. -1 with errno. */
ssize_t send_descriptors(int socket, const char *bytes, size_t size, const int *items, size_t count);
/* Bytes with the descriptors that came with them, close-on-exec; 0 at the end of the stream, -1 with errno. */
ssize_t receive_descriptors(int socket, char *bytes, size_t size, struct descriptors *received);

/* Outer process: opens on the host what the task in `text` names, and passes both on. */
struct task;
void pass_on(int relay, const struct task *task, const char *text, size_t length);

#endif
