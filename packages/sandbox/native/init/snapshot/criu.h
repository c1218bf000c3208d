/*
 * criu as this unit uses it: one worker (`criu swrk`), one request, one response, in criu's RPC (its images/rpc.proto).
 */
#ifndef FRUGAL_CRIU_H
#define FRUGAL_CRIU_H

#include "plan.h"

struct worker {
  /* 0 where none runs. */
  int pid;
  /* Our end of its socket; it closes when the worker has ended. */
  int socket;
};

/* Where a worker holds the function's descriptors 1 to 3: out of the way of its own. */
enum { WORKER_SOCKET = 20, WORKER_FIRST_INHERITED = 10 };

/* Starts a worker; `preload` is a library for it or NULL. */
struct worker start_worker(const struct plan *plan, const char *preload);

/* The file that a worker logs to, in its working folder. */
#define WORKER_LOG "criu.log"

/* `image` and `work` are descriptors of folders. Ask a worker to restore the image, with lazy pages or without. */
void request_restore(const struct worker *worker, const struct task *task, int image, int work, int lazy);
/* Asks a worker to dump FUNCTION_PID and what it has started; `sockets` as report_dumped takes them. */
void request_dump(const struct worker *worker, int image, const unsigned long sockets[3]);

enum response { NO_RESPONSE, FAILURE, SUCCESS };

/* Reads the response. Where it is no success `reason` says why, with the first error of the log in folder `work`. */
enum response take_response(const struct worker *worker, int work, char *reason, size_t size);

#endif
