#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener.h"
#include "memory.h"
#include "reason.h"
#include "regions.h"
#include "request.h"
#include "session-reports.h"
#include "session.h"
#include "thread.h"

struct guest {
  /* Of the command; the strings below point into it. */
  char *values;
  char *socket;
  char *memory_file;
  struct session_request request;
  int listener;
  /* Guarded by the lock. */
  struct guest *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Those that have not connected yet. */
static struct guest *awaited;

static bool add_memory(struct session *session, const struct regions *regions) {
  const struct image_entry *memory = &session->image->entries[0];
  const int uffd = take_descriptor(&session->connection);
  if (uffd < 0) return refuse("the guest sent no userfaultfd");
  struct space *space = new_space(uffd, 0, session->image, &session->counters);
  add_space(session, space);
  space->grain = regions->page_size / PAGE;
  for (size_t i = 0; i < regions->count; i++) {
    const struct region *region = &regions->items[i];
    if (region->offset + region->size > memory->pages * PAGE) {
      return refuse("the guest's memory is larger than %s", session->image->path);
    }
    insert_segment(&space->map, (struct segment){
                                    .address = region->address,
                                    .pages = region->size / PAGE,
                                    .first = region->offset / PAGE,
                                    .bytes = memory->bytes + region->offset,
                                });
  }
  space->origin = space->map;
  space->origin.items = copy_of(space->map.items, space->map.count, sizeof *space->map.items);
  return fcntl(uffd, F_SETFL, O_NONBLOCK) == 0 || refuse_by_errno("set up the userfaultfd of the guest");
}

static bool begin(struct session *session, const struct guest *guest) {
  session->number = guest->request.number;
  struct image *image = open_guest_memory(guest->memory_file);
  return image != NULL && begin_session(session, &guest->request, image);
}

static bool advance(struct session *session) {
  struct connection *connection = &session->connection;
  if (session->image == NULL && !begin(session, session->front_end_state)) return false;
  if (connection->length == 0) return true;
  if (session->is_restored) return refuse("the guest sent more than its memory");
  struct regions regions;
  bool is_complete;
  if (!parse_regions(connection->bytes, connection->length, &regions, &is_complete)) return false;
  if (!is_complete) return true;
  consume(connection, connection->length);
  if (!add_memory(session, &regions)) return false;
  note_restored(session);
  return true;
}

static void free_guest(void *front_end) {
  struct guest *guest = front_end;
  free(guest->values);
  free(guest);
}

static void unlist(const struct guest *guest) {
  pthread_mutex_lock(&lock);
  struct guest **place = &awaited;
  while (*place != guest) place = &(*place)->next;
  *place = guest->next;
  pthread_mutex_unlock(&lock);
}

static const struct front_end guest_front_end = {advance, free_guest};

static void *accept_guest(void *argument) {
  struct guest *guest = argument;
  struct pollfd watched = {.fd = guest->listener, .events = POLLIN};
  while (poll(&watched, 1, -1) < 0) continue;
  /* Fails where the guest was withdrawn. */
  const int socket = accept4(guest->listener, NULL, NULL, SOCK_CLOEXEC);
  unlink(guest->socket);
  unlist(guest);
  close(guest->listener);
  if (socket >= 0) {
    start_session(socket, &guest_front_end, guest);
  } else {
    refuse("nobody connected to %s", guest->socket);
    report_failure(guest->request.number);
    free_guest(guest);
  }
  return NULL;
}

void withdraw_guest(uint64_t number) {
  pthread_mutex_lock(&lock);
  for (struct guest *guest = awaited; guest != NULL; guest = guest->next) {
    if (guest->request.number == number) shutdown(guest->listener, SHUT_RDWR);
  }
  pthread_mutex_unlock(&lock);
}

/* The fields of the command, in `guest->values`. */
static bool parse(struct guest *guest) {
  char *rest = guest->values;
  const char *number = strsep(&rest, "\t");
  guest->socket = strsep(&rest, "\t");
  guest->memory_file = strsep(&rest, "\t");
  const char *mode = strsep(&rest, "\t");
  const char *fault_around = strsep(&rest, "\t");
  guest->request.working_set = strsep(&rest, "\t");
  if (fault_around == NULL || rest != NULL) return refuse("command guest: it has five or six values");
  return parse_number("number of the session", number, LARGEST_NUMBER, &guest->request.number) &&
         parse_mode(mode, fault_around, &guest->request);
}

static bool await(struct guest *guest) {
  if (!parse(guest)) return false;
  guest->listener = listen_at(guest->socket);
  if (guest->listener < 0) return false;
  const uint64_t number = guest->request.number;
  pthread_mutex_lock(&lock);
  guest->next = awaited;
  awaited = guest;
  pthread_mutex_unlock(&lock);
  if (!start_thread(accept_guest, guest)) {
    unlist(guest);
    close(guest->listener);
    return false;
  }
  report_awaiting(number);
  return true;
}

void await_guest(const char *values) {
  struct guest *guest = allocate(1, sizeof *guest);
  guest->values = copy_of(values, strlen(values) + 1, 1);
  if (await(guest)) return;
  report_failure(guest->request.number);
  free_guest(guest);
}
