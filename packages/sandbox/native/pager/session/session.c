#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "file-ranges.h"
#include "memory.h"
#include "reason.h"
#include "session-reports.h"
#include "thread.h"

/* While mappings change, the event comes within microseconds; a fork of a large process takes milliseconds. */
static const struct timespec soon = {.tv_nsec = 50000};
static const struct timespec at_once = {0};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct session *sessions;

static void unlist(const struct session *session) {
  pthread_mutex_lock(&lock);
  struct session **place = &sessions;
  while (*place != NULL && *place != session) place = &(*place)->next;
  if (*place != NULL) *place = session->next;
  pthread_mutex_unlock(&lock);
}

static bool enlist(struct session *session) {
  pthread_mutex_lock(&lock);
  struct session *same = sessions;
  while (same != NULL && same->number != session->number) same = same->next;
  if (same == NULL) {
    session->next = sessions;
    sessions = session;
  }
  pthread_mutex_unlock(&lock);
  return same == NULL;
}

void ask_touched(uint64_t number) {
  pthread_mutex_lock(&lock);
  for (struct session *session = sessions; session != NULL; session = session->next) {
    if (session->number != number) continue;
    session->questions++;
    eventfd_write(session->wake_up, 1);
  }
  pthread_mutex_unlock(&lock);
}

void add_space(struct session *session, struct space *space) {
  struct spaces *spaces = &session->spaces;
  spaces->items = grow(spaces->items, spaces->count, &spaces->capacity, sizeof space);
  spaces->items[spaces->count++] = space;
}

static bool take_fork(void *argument, const struct space *parent, int uffd) {
  struct session *session = argument;
  /* Forked processes come and go; those that are gone must not hold their descriptors until the session ends. */
  for (size_t i = 0; i < session->spaces.count; i++) {
    struct space *space = session->spaces.items[i];
    if (space->is_fork && space != parent && !is_alive(space)) space->is_dead = true;
  }
  add_space(session, forked_space(parent, uffd, session->image));
  return send_descriptor(&session->connection, 'F', uffd);
}

bool begin_session(struct session *session, const struct session_request *request, struct image *image) {
  session->image = image;
  session->number = request->number;
  start_touched(&session->touched, image);
  if (!enlist(session)) {
    session->number = 0;
    return refuse("session %llu exists already", (unsigned long long)request->number);
  }
  session->service = (struct fault_service){
      .fault_around = request->fault_around,
      .touched = &session->touched,
      .forked = take_fork,
      .session = session,
  };
  if (request->file_ranges != NULL && !read_file_ranges(request->file_ranges)) return false;
  if (request->working_set == NULL) return true;
  session->prefetch.image = image;
  session->prefetch.set = open_working_set(request->working_set, session->wake_up);
  return session->prefetch.set != NULL;
}

void note_restored(struct session *session) {
  session->is_restored = true;
  clock_gettime(CLOCK_MONOTONIC, &session->restored_at);
  report_finished(session);
}

static void end_prefetch(struct session *session) {
  report_prefetched(session);
  close_working_set(session->prefetch.set, session->wake_up);
  session->prefetch.set = NULL;
}

/* Does a piece of the prefetch. How long to wait for events before the next, NULL for as long as it takes. */
static bool prefetch_piece(struct session *session, const struct timespec **wait) {
  *wait = NULL;
  if (session->prefetch.set == NULL) return true;
  const enum progress progress = session->is_restored ? install_piece(&session->prefetch, &session->spaces)
                                                      : prepare_prefetch(&session->prefetch);
  switch (progress) {
    case MORE:
      if (session->is_restored) *wait = &at_once;
      return true;
    case STARVED:
      return true;
    case INTERRUPTED:
      *wait = &soon;
      return true;
    case COMPLETE:
      end_prefetch(session);
      return true;
    case FAILED:
      return false;
  }
  return false;
}

static void drop_dead_spaces(struct spaces *spaces) {
  size_t kept = 0;
  for (size_t i = 0; i < spaces->count; i++) {
    if (spaces->items[i]->is_dead) free_space(spaces->items[i]);
    else spaces->items[kept++] = spaces->items[i];
  }
  spaces->count = kept;
}

/* Waits for whatever comes first: connection, wake-up, or an event of a space; -1 where waiting fails. */
static int wait_for_events(const struct session *session, struct pollfd *watched, const struct timespec *wait) {
  watched[0] = (struct pollfd){.fd = session->connection.socket, .events = POLLIN};
  watched[1] = (struct pollfd){.fd = session->wake_up, .events = POLLIN};
  for (size_t i = 0; i < session->spaces.count; i++) {
    const struct space *space = session->spaces.items[i];
    watched[i + 2] = (struct pollfd){.fd = space->uffd, .events = POLLIN};
    if (space->waiting_count > 0 && wait == NULL) wait = &soon;
  }
  return ppoll(watched, session->spaces.count + 2, wait, NULL);
}

static void answer_wake_up(struct session *session) {
  eventfd_t count;
  eventfd_read(session->wake_up, &count);
  for (unsigned left = atomic_exchange(&session->questions, 0); left > 0; left--) report_touched(session);
}

/* One round of the session. False when it has failed, with a reason. */
static bool serve_round(struct session *session, struct pollfd *watched, const struct timespec **wait) {
  const size_t count = session->spaces.count;
  if (wait_for_events(session, watched, *wait) < 0 && errno != EINTR) return refuse_by_errno("wait for events");
  /* Faults first: somebody waits for them. Spaces that come with this round are looked at in the next. */
  for (size_t i = 0; i < count; i++) {
    struct space *space = session->spaces.items[i];
    if ((watched[i + 2].revents != 0 || space->waiting_count > 0) && !serve(space, &session->service)) return false;
  }
  drop_dead_spaces(&session->spaces);
  if (watched[1].revents != 0) answer_wake_up(session);
  if (watched[0].revents != 0 && !(receive(&session->connection) && session->front_end->advance(session))) return false;
  return prefetch_piece(session, wait);
}

static bool serve_until_closed(struct session *session) {
  struct pollfd *watched = NULL;
  size_t capacity = 0;
  const struct timespec *wait = NULL;
  bool ok = true;
  while (ok && !session->connection.is_closed) {
    watched = grow(watched, session->spaces.count + 2, &capacity, sizeof *watched);
    ok = serve_round(session, watched, &wait);
  }
  free(watched);
  if (ok && session->number == 0) return refuse("the connection ended before its session was known");
  return ok;
}

static void free_session(struct session *session) {
  unlist(session);
  if (session->prefetch.set != NULL) close_working_set(session->prefetch.set, session->wake_up);
  for (size_t i = 0; i < session->spaces.count; i++) free_space(session->spaces.items[i]);
  free(session->spaces.items);
  if (session->image != NULL) {
    free_touched(&session->touched);
    release_image(session->image);
  }
  if (session->wake_up >= 0) close(session->wake_up);
  close_connection(&session->connection);
  session->front_end->free(session->front_end_state);
  free(session);
}

static void *run_session(void *argument) {
  struct session *session = argument;
  const bool ok = session->wake_up >= 0 ? serve_until_closed(session) : refuse("too many descriptors are open");
  if (ok) report_end(session);
  else report_failure(session->number);
  free_session(session);
  return NULL;
}

void start_session(int socket, const struct front_end *front_end, void *state) {
  struct session *session = allocate(1, sizeof *session);
  session->connection.socket = socket;
  session->front_end = front_end;
  session->front_end_state = state;
  session->wake_up = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (start_thread(run_session, session)) return;
  report_failure(session->number);
  free_session(session);
}
