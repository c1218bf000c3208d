/*
 * A unit's two dealings with snapshots: it starts from one, or becomes one.
 */
#ifndef FRUGAL_SNAPSHOT_H
#define FRUGAL_SNAPSHOT_H

#include "criu.h"
#include "pages.h"
#include "stages.h"

/*
 * Restores the task's image with `worker`. True when its processes run; else the reason is reported. `deaths` is a signalfd
 * for SIGCHLD: criu does not notice when what it restores is killed, and who it restores does not when criu is.
 */
int restore_function(const struct task *task, struct worker *worker, int image, struct pages *pages, int deaths);

/*
 * Dumps the function into the folder `image` and reports how that went. Its processes are gone afterwards, or as before.
 * Returns early when `relay` ends.
 */
void dump_function(const struct plan *plan, int image, int relay);

#endif
