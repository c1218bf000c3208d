#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reason.h"
#include "request.h"
#include "session.h"

enum { LENGTH_DIGITS = 8, LARGEST_HEAD = 1 << 20, FINISHED = 0x52535446 };

struct unit {
  bool has_head;
};

struct head {
  struct session_request request;
  const char *image;
  const char *mode;
  const char *fault_around;
};

static bool apply(struct head *head, const char *name, const char *value) {
  if (strcmp(name, "session") == 0) return parse_number(name, value, LARGEST_NUMBER, &head->request.number);
  if (strcmp(name, "fault-around") == 0) head->fault_around = value;
  else if (strcmp(name, "image") == 0) head->image = value;
  else if (strcmp(name, "mode") == 0) head->mode = value;
  else if (strcmp(name, "working-set") == 0) head->request.working_set = value;
  else if (strcmp(name, "file-ranges") == 0) head->request.file_ranges = value;
  else return refuse("head of the session: unknown record \"%.40s\"", name);
  return true;
}

static bool parse_head(struct head *head, const char *text, size_t length) {
  if (length == 0 || text[length - 1] != '\0') return refuse("head of the session: its last record has no end");
  for (const char *at = text; at < text + length;) {
    const char *value = at + strlen(at) + 1;
    if (value >= text + length) return refuse("head of the session: \"%.40s\" has no value", at);
    if (!apply(head, at, value)) return false;
    at = value + strlen(value) + 1;
  }
  return true;
}

static bool begin(struct session *session, struct head *head) {
  struct session_request *request = &head->request;
  if (request->number == 0 || head->image == NULL || head->mode == NULL) {
    return refuse("head of the session: it needs session, image and mode");
  }
  /* From here on the platform hears of a failure by the session's number. */
  session->number = request->number;
  if (!parse_mode(head->mode, head->fault_around != NULL ? head->fault_around : "1", request)) return false;
  struct image *image = open_image(head->image);
  return image != NULL && begin_session(session, request, image);
}

/* Reads the head once it is complete. */
static bool read_head(struct session *session, struct unit *unit) {
  struct connection *connection = &session->connection;
  const char *end = memchr(connection->bytes, '\0', connection->length);
  if (end == NULL) {
    return connection->length < LENGTH_DIGITS || refuse("head of the session: it does not begin with its length");
  }
  uint64_t length;
  if (!parse_number("length of the head", connection->bytes, LARGEST_HEAD, &length)) return false;
  const size_t start = (size_t)(end - connection->bytes) + 1;
  if (connection->length < start + length) return true;
  struct head head = {0};
  if (!parse_head(&head, connection->bytes + start, length) || !begin(session, &head)) return false;
  consume(connection, start + length);
  unit->has_head = true;
  return true;
}

static bool add_process(struct session *session, uint32_t pid) {
  const int uffd = take_descriptor(&session->connection);
  if (uffd < 0) return refuse("criu sent no userfaultfd for process %u", pid);
  struct space *space = new_space(uffd, pid, session->image, &session->counters);
  add_space(session, space);
  for (size_t i = 0; i < session->image->count; i++) {
    const struct image_entry *entry = &session->image->entries[i];
    if (entry->pid != pid) continue;
    insert_segment(&space->map, (struct segment){
                                    .address = entry->address,
                                    .pages = entry->pages,
                                    .first = entry->first,
                                    .bytes = entry->bytes,
                                });
  }
  return fcntl(uffd, F_SETFL, O_NONBLOCK) == 0 || refuse_by_errno("set up the userfaultfd of process %u", pid);
}

/* The next message of criu, if it is complete; `is_complete` says so. */
static bool read_message(struct session *session, bool *is_complete) {
  struct connection *connection = &session->connection;
  int32_t pid;
  *is_complete = false;
  if (connection->length < sizeof pid) return true;
  memcpy(&pid, connection->bytes, sizeof pid);
  if (session->is_restored) return refuse("criu sent more after its last message");
  const bool has_memory = pid != FINISHED && pid > 0;
  /* The byte after the pid carries the descriptor. */
  const size_t length = sizeof pid + (has_memory ? 1 : 0);
  if (connection->length < length) return true;
  *is_complete = true;
  if (pid == 0) return refuse("criu sent a process without a pid");
  if (pid == FINISHED) note_restored(session);
  else if (has_memory && !add_process(session, (uint32_t)pid)) return false;
  consume(connection, length);
  return true;
}

static bool advance(struct session *session) {
  struct unit *unit = session->front_end_state;
  if (!unit->has_head && !read_head(session, unit)) return false;
  bool is_complete = unit->has_head;
  while (is_complete) {
    if (!read_message(session, &is_complete)) return false;
  }
  return true;
}

static const struct front_end unit_front_end = {advance, free};

void serve_unit(int socket) {
  start_session(socket, &unit_front_end, allocate(1, sizeof(struct unit)));
}
