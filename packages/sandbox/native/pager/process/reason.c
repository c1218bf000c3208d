#define _GNU_SOURCE
#include "reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static __thread char text[1024];

bool refuse(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return false;
}

bool refuse_by_errno(const char *format, ...) {
  const char *meaning = strerrordesc_np(errno);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  size_t length = strlen(text);
  snprintf(text + length, sizeof text - length, ": %s", meaning != NULL ? meaning : "unknown error");
  return false;
}

const char *reason(void) {
  return text;
}
