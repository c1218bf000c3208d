/*
 * Listening unix sockets.
 */
#ifndef FRUGAL_LISTENER_H
#define FRUGAL_LISTENER_H

/* A socket at `path`, for the owner only; -1 with a reason. */
int listen_at(const char *path);

#endif
