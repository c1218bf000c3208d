/*
 * Faults and events of a space.
 */
#ifndef FRUGAL_EVENTS_H
#define FRUGAL_EVENTS_H

#include "space.h"
#include "touched.h"

struct fault_service {
  /* Aligned window, in pages, in which the neighbours of a missing page are installed with it; a power of 2. */
  uint64_t fault_around;
  struct touched *touched;
  /* Takes over the userfaultfd of a process that `parent` has forked. False with a reason. */
  bool (*forked)(void *session, const struct space *parent, int uffd);
  void *session;
};

/* Reads what the kernel has to say about `space` and serves all faults that it can. False with a reason. */
bool serve(struct space *space, const struct fault_service *service);

#endif
