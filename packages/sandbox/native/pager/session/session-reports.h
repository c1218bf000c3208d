/*
 * What the platform hears of a session. The last report is either its end or its failure.
 */
#ifndef FRUGAL_SESSION_REPORTS_H
#define FRUGAL_SESSION_REPORTS_H

#include "session.h"

/* The socket of a guest is there. */
void report_awaiting(uint64_t number);
/* The restored processes are about to run. */
void report_finished(const struct session *session);
/* The working set is installed. */
void report_prefetched(const struct session *session);
/* What was asked for so far. */
void report_touched(const struct session *session);
void report_end(const struct session *session);
/* Reports the present reason as that of session `number`, 0 where that is not known. */
void report_failure(uint64_t number);

#endif
