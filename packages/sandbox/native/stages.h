/*
 * The stages that a unit's processes go through, in order. A stage that fails ends the process (see control.h).
 */
#ifndef FRUGAL_STAGES_H
#define FRUGAL_STAGES_H

#include "plan.h"

/* The pid of the function inside its unit: always the same, so that a snapshot can be restored under it. */
enum { FUNCTION_PID = 100 };

/* pid 1 of the unit: prepares all, starts the function, reaps. `lifeline` ends when the outer process is gone. */
__attribute__((noreturn)) void run_first_process(const struct plan *plan, int lifeline);

/* Network of the unit: loopback up, IPv6 off. Needs the host's /proc. */
void enter_network(const struct plan *plan);
/* Listens on loopback for the platform, where the plan asks for it. */
void offer_listener(const struct plan *plan);

/* The unit's own root in place of the host's. */
void enter_root(const struct plan *plan);

/* pid 1 needs capabilities to restore a snapshot one day, but none that changes the machine. */
void drop_capabilities_of_first_process(void);

/* In the function's process until execve: a pipe to pid 1, which gets a byte before execve and one if that fails. */
enum { PROGRESS = 5 };
/* Becomes the function: no privileges, only descriptors 0 to 3. */
__attribute__((noreturn)) void become_function(const struct plan *plan);

/* Installs the system call filter; needs no_new_privs. */
void install_filter(void);

#endif
