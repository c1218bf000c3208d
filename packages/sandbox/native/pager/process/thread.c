#include "thread.h"

#include <errno.h>
#include <pthread.h>

#include "reason.h"

/* Hundreds of sessions must not reserve hundreds of stacks of 8 MiB. */
enum { STACK = 256 << 10 };

bool start_thread(void *(*run)(void *), void *argument) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK);
  pthread_t thread;
  errno = pthread_create(&thread, &attributes, run, argument);
  const bool is_started = errno == 0 || refuse_by_errno("start a thread");
  pthread_attr_destroy(&attributes);
  return is_started;
}
