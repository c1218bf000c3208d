/*
 * Threads that nobody waits for.
 */
#ifndef FRUGAL_THREAD_H
#define FRUGAL_THREAD_H

#include <stdbool.h>

/* False with a reason. */
bool start_thread(void *(*run)(void *), void *argument);

#endif
