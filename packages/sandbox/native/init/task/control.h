/*
 * The control channel, descriptor 4: messages to the platform as Node's IPC speaks it, one JSON object a line. The
 * platform's end closes when it wants the unit ended, or dies.
 */
#ifndef FRUGAL_CONTROL_H
#define FRUGAL_CONTROL_H

#include <stddef.h>

enum { CHANNEL = 3, CONTROL = 4 };

/* The exit status of a process that has said itself, on the control channel, why it ended. */
enum { STATUS_REPORTED = 70 };

/* The unit is made and waits for its task. */
void report_made(void);
/* The command runs, or the restored processes do. */
void report_launched(void);
/* `status` as waitpid gives it. */
void report_end(int status);
/* Hands the listening socket to the platform, as Node passes a net.Server to another process. */
void report_listener(int listener);
/* Hands over the platform's end of a restored connection, as Node passes a net.Socket. */
void report_connection(int connection);
/* The image is complete; `sockets` are the inodes of the function's descriptors 1 to 3, 0 for what is no socket. */
void report_dumped(const unsigned long sockets[3]);
/* An image could not be restored or made: kind and why. */
void report_failure(const char *kind, const char *reason);

/* Called before the process ends in `fail`. */
extern void (*before_failing)(void);

/* Reports {"kind":"unusable"} with the step and errno, and ends the process. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *step, ...);

#endif
