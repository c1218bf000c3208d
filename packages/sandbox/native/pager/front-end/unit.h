/*
 * Front end for isolation units: the head of the session, then the messages that criu sends to its page server.
 *
 * Head: decimal length of what follows, NUL, then records of a name and a value, each ended by NUL: session, image
 * (folder), mode (lazy, record or prefetch), working-set, file-ranges (files), fault-around (pages).
 *
 * criu: for each process its pid as an int32, then one byte with its userfaultfd; a negative pid, without a descriptor,
 * for a process that has no memory; at the end a word that says that the processes are about to run.
 *
 * Back to the unit goes the byte 'F' with the userfaultfd of each process that is forked later.
 */
#ifndef FRUGAL_UNIT_H
#define FRUGAL_UNIT_H

/* Takes the connection `socket` over. */
void serve_unit(int socket);

#endif
