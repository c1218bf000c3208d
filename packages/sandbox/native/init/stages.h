/*
 * The stages that a unit's processes go through, in order. A stage that fails ends the process (see control.h).
 */
#ifndef FRUGAL_STAGES_H
#define FRUGAL_STAGES_H

#include <signal.h>

#include "plan.h"
#include "relay.h"

/* The pid of the function inside its unit: always the same, so that a snapshot can be restored under it. */
enum { FUNCTION_PID = 100 };

/* pid 1 of the unit: prepares all, then does its task, reaps. `relay` ends when the outer process is gone. */
__attribute__((noreturn)) void run_first_process(const struct plan *plan, int relay);

/* Network of the unit: loopback up, IPv6 off. Needs the host's /proc. */
void enter_network(const struct plan *plan);
/* Listens on loopback for the platform, where the task asks for it. */
void offer_listener(const struct task *task);

/*
 * Makes the platform's ends of the task's connections, as if they had always been there: nothing is sent. To be handed over
 * when the processes with the other ends run.
 */
void make_other_ends(const struct task *task, int ends[MOST_CONNECTIONS]);

/* Where criu works in a unit: writable, but for nobody else. */
#define WORK_FOLDER "/run/frugal"

/* The unit's own root in place of the host's; still writable. */
void enter_root(const struct plan *plan);
/* What the task adds to the root; takes the first descriptors of `opened` as the sources of its binds. */
void furnish_root(const struct task *task, const struct descriptors *opened);
/* From now on nobody in the unit writes outside of the folders for temporary files. */
void seal_root(void);
/* A detached, recursively read-only copy of the mounts at `path`; -1 with errno where there is none. */
int open_read_only(const char *path);

/* pid 1 keeps what restoring a snapshot needs, but no capability that changes the machine. */
void drop_capabilities_of_first_process(void);

/* Whether a process of the function's no longer descends from it, so that a dump would miss it; `reason` says which. */
int has_adopted_process(char *reason, size_t size);

/* Replaces descriptors 1 to 3 by others of the unit, with the same at their ends. */
void take_own_streams(void);
/* Whether `process` copies between the two; it ends by itself when one of them does. */
int is_copying(pid_t process);

/*
 * pid 1 ends every other process of the unit, and returns when they are gone. Who merely exits closes the userfaultfds before
 * the kernel ends the others: in between they would read zeros.
 */
void end_processes(void);

/*
 * Runs the function's command as FUNCTION_PID. True when it runs; else it has ended, or is about to, with an error.
 * `signals` are blocked in pid 1 only; `last_pid` is the kernel's setting, open for writing.
 */
int start_function(const struct task *task, const sigset_t *signals, int last_pid);
/* In the function's process until execve: a pipe to pid 1, which gets a byte before execve and one if that fails. */
enum { PROGRESS = 5 };
/* Becomes the function: no privileges, only descriptors 0 to 3. */
__attribute__((noreturn)) void become_function(const struct task *task);

/* Installs the system call filter; needs no_new_privs. */
void install_filter(void);

#endif
