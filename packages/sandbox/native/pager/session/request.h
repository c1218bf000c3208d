/*
 * What is asked of a session.
 */
#ifndef FRUGAL_REQUEST_H
#define FRUGAL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers of sessions stay exact in the platform's numbers. */
#define LARGEST_NUMBER ((1ULL << 53) - 1)

struct session_request {
  uint64_t number;
  /* NULL where pages come only on demand. */
  const char *working_set;
  /* NULL for none. */
  const char *file_ranges;
  uint64_t fault_around;
};

/* From 1 to `largest`. False with a reason that calls it `name`. */
bool parse_number(const char *name, const char *text, uint64_t largest, uint64_t *value);
/* `mode` is lazy, record or prefetch; `request` has its working set already. False with a reason. */
bool parse_mode(const char *mode, const char *fault_around, struct session_request *request);

#endif
