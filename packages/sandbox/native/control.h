/*
 * The control channel, descriptor 4: messages to the platform as Node's IPC speaks it, one JSON object a line. The
 * platform's end closes when it wants the unit ended, or dies.
 */
#ifndef FRUGAL_CONTROL_H
#define FRUGAL_CONTROL_H

enum { CHANNEL = 3, CONTROL = 4 };

/* The exit status of a process that has said itself, on the control channel, why it ended. */
enum { STATUS_REPORTED = 70 };

void report_launched(void);
/* `status` as waitpid gives it. */
void report_end(int status);
/* Hands the listening socket to the platform, as Node passes a net.Server to another process. */
void report_listener(int listener);

/* Reports {"kind":"unusable"} with the step and errno, and ends the process. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *step, ...);

#endif
