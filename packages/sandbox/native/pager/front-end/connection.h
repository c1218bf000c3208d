/*
 * A stream of bytes with descriptors among them, read without waiting.
 */
#ifndef FRUGAL_CONNECTION_H
#define FRUGAL_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

struct connection {
  int socket;
  bool is_closed;
  /* What was received and not consumed yet. Relays join and split messages: which byte brought a descriptor is lost. */
  char *bytes;
  size_t length;
  size_t capacity;
  int *descriptors;
  size_t descriptor_count;
  size_t descriptor_capacity;
};

/* Receives what is there. False with a reason. */
bool receive(struct connection *connection);
/* Forgets the first `length` bytes. */
void consume(struct connection *connection, size_t length);
/* The descriptor that came first, now the caller's; -1 where none is left. */
int take_descriptor(struct connection *connection);
/* Sends one byte with a descriptor. False with a reason, also where the other side does not keep up. */
bool send_descriptor(const struct connection *connection, char byte, int descriptor);
void close_connection(struct connection *connection);

#endif
