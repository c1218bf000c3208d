#define _GNU_SOURCE
#include "reports.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

struct line {
  struct line *next;
  struct report report;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queued = PTHREAD_COND_INITIALIZER;
static struct line *first, **end = &first;

static struct line *next_line(void) {
  pthread_mutex_lock(&lock);
  while (first == NULL) pthread_cond_wait(&queued, &lock);
  struct line *line = first;
  first = line->next;
  if (first == NULL) end = &first;
  pthread_mutex_unlock(&lock);
  return line;
}

static void *write_reports(void *unused) {
  (void)unused;
  for (;;) {
    struct line *line = next_line();
    const char *at = line->report.text;
    for (size_t rest = line->report.length; rest > 0;) {
      ssize_t written = write(STDOUT_FILENO, at, rest);
      if (written < 0 && errno == EINTR) continue;
      /* Nobody listens any more: the platform is gone, and standard input says so as well. */
      if (written < 0) _exit(0);
      at += written;
      rest -= (size_t)written;
    }
    free(line->report.text);
    free(line);
  }
  return NULL;
}

void start_reports(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, write_reports, NULL) == 0) return;
  fputs("frugal-pager: no thread for its reports can be made\n", stderr);
  _exit(1);
}

static void add_arguments(struct report *report, const char *format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  size_t needed = (size_t)vsnprintf(NULL, 0, format, again) + 1;
  va_end(again);
  while (report->capacity < report->length + needed) {
    report->text = grow(report->text, report->capacity, &report->capacity, 1);
  }
  vsnprintf(report->text + report->length, needed, format, arguments);
  report->length += needed - 1;
}

void add(struct report *report, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  add_arguments(report, format, arguments);
  va_end(arguments);
}

void add_string(struct report *report, const char *value) {
  add(report, "\"");
  for (; *value != '\0'; value++) {
    unsigned char c = (unsigned char)*value;
    if (c < 0x20 || c >= 0x7f) add(report, "\\u%04x", c);
    else add(report, c == '"' || c == '\\' ? "\\%c" : "%c", c);
  }
  add(report, "\"");
}

void send_report(struct report *report) {
  add(report, "\n");
  struct line *line = allocate(1, sizeof *line);
  line->report = *report;
  pthread_mutex_lock(&lock);
  *end = line;
  end = &line->next;
  pthread_cond_signal(&queued);
  pthread_mutex_unlock(&lock);
}

void report(const char *format, ...) {
  struct report whole = {0};
  va_list arguments;
  va_start(arguments, format);
  add_arguments(&whole, format, arguments);
  va_end(arguments);
  send_report(&whole);
}
