#define _GNU_SOURCE
#include "events.h"

#include <errno.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "reason.h"

enum { MESSAGES = 16 };

static void add_waiting(struct space *space, uint64_t address) {
  space->waiting = grow(space->waiting, space->waiting_count, &space->waiting_capacity, sizeof address);
  space->waiting[space->waiting_count++] = address;
}

static bool apply(struct space *space, const struct uffd_msg *message, const struct fault_service *service) {
  switch (message->event) {
    case UFFD_EVENT_PAGEFAULT:
      space->counters->faults++;
      add_waiting(space, message->arg.pagefault.address & ~(space->grain * PAGE - 1));
      return true;
    case UFFD_EVENT_REMOVE:
      space->counters->removed_pages += (message->arg.remove.end - message->arg.remove.start) / PAGE;
      cut_range(&space->map, message->arg.remove.start, message->arg.remove.end);
      return true;
    case UFFD_EVENT_UNMAP:
      cut_range(&space->map, message->arg.remove.start, message->arg.remove.end);
      return true;
    case UFFD_EVENT_REMAP:
      move_range(&space->map, message->arg.remap.from, message->arg.remap.to, message->arg.remap.len);
      return true;
    case UFFD_EVENT_FORK:
      space->counters->forks++;
      return service->forked(service->session, space, (int)message->arg.fork.ufd);
    default:
      return refuse("the kernel sent an unknown event, %u", message->event);
  }
}

/* The pages around `page` of `segment` that can be installed with it: within the window, the segment, and missing. */
static enum outcome install_around(struct space *space, const struct segment *segment, uint64_t page,
                                   uint64_t fault_around) {
  const uint64_t grain = space->grain;
  const uint64_t window = fault_around > grain ? fault_around : grain;
  const uint64_t number = segment->address / PAGE + page;
  const uint64_t last = segment->pages - grain;
  uint64_t low = page, high = page;
  while (low >= grain && (number - (page - low)) % window != 0) {
    if (is_installed(space, segment->first + low - grain)) break;
    low -= grain;
  }
  while (high + grain <= last && (number + (high - page) + grain) % window != 0) {
    if (is_installed(space, segment->first + high + grain)) break;
    high += grain;
  }
  return install_pages(space, segment->address + low * PAGE, segment->bytes + low * PAGE, high + grain - low,
                       segment->first + low);
}

static enum outcome serve_fault(struct space *space, uint64_t address, const struct fault_service *service) {
  const struct segment *segment = find_segment(&space->map, address);
  if (segment == NULL) {
    enum outcome outcome = install_zeros(space, address, space->grain);
    /* All memory of a guest has data: what reads as zeros was given back. */
    if (outcome == INSTALLED && space->origin.count == 0) note_zero(service->touched, space->pid, address);
    return outcome;
  }
  const uint64_t page = (address - segment->address) / PAGE;
  const uint64_t number = segment->first + page;
  /* Two threads met the same page, or it was dropped without an event: either way its data must not come back. */
  if (is_installed(space, number)) return install_zeros(space, address, space->grain);
  enum outcome outcome = install_around(space, segment, page, service->fault_around);
  if (outcome == INSTALLED) note_page(service->touched, number, space->grain);
  return outcome;
}

static bool serve_waiting(struct space *space, const struct fault_service *service) {
  size_t kept = 0;
  for (size_t i = 0; i < space->waiting_count && !space->is_dead; i++) {
    switch (serve_fault(space, space->waiting[i], service)) {
      case INSTALLED:
        break;
      case CHANGING:
        space->waiting[kept++] = space->waiting[i];
        break;
      case GONE:
        space->is_dead = true;
        break;
      case BROKEN:
        return false;
    }
  }
  space->waiting_count = kept;
  return true;
}

bool serve(struct space *space, const struct fault_service *service) {
  struct uffd_msg messages[MESSAGES];
  ssize_t got = read(space->uffd, messages, sizeof messages);
  if (got < 0 && errno != EAGAIN && errno != EINTR) return refuse_by_errno("read events of process %u", space->pid);
  /* All events of a batch before any of its faults: once an event is read, its change may be done (P4). */
  for (ssize_t at = 0; at < got; at += (ssize_t)sizeof *messages) {
    if (!apply(space, &messages[at / (ssize_t)sizeof *messages], service)) return false;
  }
  return serve_waiting(space, service);
}
