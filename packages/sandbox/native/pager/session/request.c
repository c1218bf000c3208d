#include "request.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "reason.h"

enum { LARGEST_WINDOW = 1 << 16 };

bool parse_number(const char *name, const char *text, uint64_t largest, uint64_t *value) {
  char *end;
  *value = strtoull(text, &end, 10);
  if (*text >= '0' && *text <= '9' && *end == '\0' && *value > 0 && *value <= largest) return true;
  *value = 0;
  return refuse("%s is no number from 1 to %llu: \"%.40s\"", name, (unsigned long long)largest, text);
}

bool parse_mode(const char *mode, const char *fault_around, struct session_request *request) {
  const bool is_prefetch = strcmp(mode, "prefetch") == 0;
  const bool is_record = strcmp(mode, "record") == 0;
  if (!is_prefetch && !is_record && strcmp(mode, "lazy") != 0) return refuse("unknown mode \"%.40s\"", mode);
  if (is_prefetch != (request->working_set != NULL)) return refuse("mode prefetch, and only it, needs a working set");
  if (!parse_number("fault-around", fault_around, LARGEST_WINDOW, &request->fault_around)) return false;
  if ((request->fault_around & (request->fault_around - 1)) != 0) return refuse("fault-around is no power of 2");
  /* Neighbours would hide which pages are really asked for. */
  if (is_record) request->fault_around = 1;
  return true;
}
