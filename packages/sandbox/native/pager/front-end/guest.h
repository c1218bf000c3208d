/*
 * Front end for microVMs of Firecracker.
 *
 * When it restores a snapshot with a userfaultfd backend, Firecracker connects to a socket and sends one message: its
 * userfaultfd, and as JSON the regions of its memory, [{"base_host_virt_addr":..,"size":..,"offset":..,"page_size":..}]
 * in bytes. They are registered already, so the working set is installed at once. Pages that the guest gives back are
 * zeros but stay registered. It holds its connection, and the userfaultfd, until it ends.
 *
 * The host's addresses of the guest's memory change with each restore: working sets and what was touched name offsets
 * in the memory file instead, of pid 0.
 */
#ifndef FRUGAL_GUEST_H
#define FRUGAL_GUEST_H

#include <stdint.h>

/*
 * Makes a socket for one guest. `values` of the command, separated by tabs: number of the session, path of the socket,
 * memory file, mode, fault-around, and for mode prefetch a working set. What fails is reported as a failed session.
 */
void await_guest(const char *values);
/* Gives up waiting for the guest of session `number`; nothing where it has connected. */
void withdraw_guest(uint64_t number);

#endif
