/*
 * Why something failed, for the `failed` report of a session: each thread keeps the text of its latest failure.
 */
#ifndef FRUGAL_REASON_H
#define FRUGAL_REASON_H

#include <stdbool.h>

/* Keeps the text; always false, so that a function can end with it. */
__attribute__((format(printf, 1, 2))) bool refuse(const char *format, ...);
/* The same, followed by what errno means. */
__attribute__((format(printf, 1, 2))) bool refuse_by_errno(const char *format, ...);
const char *reason(void);

#endif
