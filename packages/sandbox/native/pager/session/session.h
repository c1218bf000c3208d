/*
 * A session: the pager's service of one restored snapshot, by a thread of its own. A front end (unit.h, guest.h) reads
 * the connection and says what the session is; all else is the same for both.
 */
#ifndef FRUGAL_SESSION_H
#define FRUGAL_SESSION_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "connection.h"
#include "events.h"
#include "prefetch.h"
#include "request.h"

struct session;

struct front_end {
  /* Acts on what the connection has received. False with a reason. */
  bool (*advance)(struct session *session);
  void (*free)(void *state);
};

struct session {
  /* 0 until the front end knows it. */
  uint64_t number;
  struct connection connection;
  const struct front_end *front_end;
  void *front_end_state;

  struct image *image;
  struct touched touched;
  struct counters counters;
  struct fault_service service;
  struct spaces spaces;
  /* `set` is NULL where nothing is prefetched, also once all is. */
  struct prefetch prefetch;
  /* Pages can be installed unasked from now on. */
  bool is_restored;
  struct timespec restored_at;
  /* eventfd: more of the working set is there, or the platform wants to know what was touched. */
  int wake_up;
  /* Questions what was touched that are to be answered. */
  atomic_uint questions;
  struct session *next;
};

/* Takes `socket` and `state` over. Starts a thread that serves until the connection ends. */
void start_session(int socket, const struct front_end *front_end, void *state);
/* For front ends. Takes a user of `image` over. False with a reason. */
bool begin_session(struct session *session, const struct session_request *request, struct image *image);
void add_space(struct session *session, struct space *space);
void note_restored(struct session *session);

/* Makes session `number` report what it has touched so far; nothing where it has ended. */
void ask_touched(uint64_t number);

#endif
