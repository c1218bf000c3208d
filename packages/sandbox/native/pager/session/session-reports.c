#include "session-reports.h"

#include "reason.h"
#include "reports.h"

void report_awaiting(uint64_t number) {
  report("{\"kind\":\"awaiting\",\"session\":%llu}", (unsigned long long)number);
}

void report_finished(const struct session *session) {
  report("{\"kind\":\"finished\",\"session\":%llu}", (unsigned long long)session->number);
}

void report_prefetched(const struct session *session) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long microseconds = (now.tv_sec - session->restored_at.tv_sec) * 1000000LL +
                                 (now.tv_nsec - session->restored_at.tv_nsec) / 1000;
  const struct prefetch *done = &session->prefetch;
  report("{\"kind\":\"prefetched\",\"session\":%llu,\"pages\":%llu,\"zeroPages\":%llu,\"extents\":%u,"
         "\"microseconds\":%lld}",
         (unsigned long long)session->number, (unsigned long long)done->pages, (unsigned long long)done->zero_pages,
         done->header->extents, microseconds);
}

void report_touched(const struct session *session) {
  struct report touched = {0};
  add(&touched, "{\"kind\":\"touched\",\"session\":%llu,\"faults\":%llu,\"runs\":", (unsigned long long)session->number,
      (unsigned long long)session->counters.faults);
  add_runs(&touched, &session->touched);
  add(&touched, "}");
  send_report(&touched);
}

void report_end(const struct session *session) {
  const struct counters *counters = &session->counters;
  report("{\"kind\":\"ended\",\"session\":%llu,\"faults\":%llu,\"pages\":%llu,\"zeroPages\":%llu,\"removedPages\":%llu,"
         "\"forks\":%llu}",
         (unsigned long long)session->number, (unsigned long long)counters->faults, (unsigned long long)counters->pages,
         (unsigned long long)counters->zero_pages, (unsigned long long)counters->removed_pages,
         (unsigned long long)counters->forks);
}

void report_failure(uint64_t number) {
  struct report failed = {0};
  add(&failed, "{\"kind\":\"failed\",\"session\":");
  if (number == 0) add(&failed, "null");
  else add(&failed, "%llu", (unsigned long long)number);
  add(&failed, ",\"reason\":");
  add_string(&failed, reason());
  add(&failed, "}");
  send_report(&failed);
}
