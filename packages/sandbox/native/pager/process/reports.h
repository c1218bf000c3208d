/*
 * Reports to the platform on standard output, one JSON object a line. A thread of its own writes them: a platform that
 * is busy and does not read never delays a fault.
 */
#ifndef FRUGAL_REPORTS_H
#define FRUGAL_REPORTS_H

#include <stddef.h>

/* A report in the making; its text ends with `send_report`. */
struct report {
  char *text;
  size_t length;
  size_t capacity;
};

/* Call once, before all others. */
void start_reports(void);
__attribute__((format(printf, 2, 3))) void add(struct report *report, const char *format, ...);
/* `value` as a JSON string. */
void add_string(struct report *report, const char *value);
/* Takes the report's text over. */
void send_report(struct report *report);
/* A report that is complete as it stands. */
__attribute__((format(printf, 1, 2))) void report(const char *format, ...);

#endif
