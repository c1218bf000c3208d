#define _GNU_SOURCE
#include "criu.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

/* A protobuf message being written. Requests are a few hundred bytes. */
struct message {
  size_t length;
  unsigned char bytes[8192];
};

static void put_byte(struct message *message, unsigned char byte) {
  if (message->length == sizeof message->bytes) {
    errno = EMSGSIZE;
    fail("request to criu");
  }
  message->bytes[message->length++] = byte;
}

static void put_varint(struct message *message, uint64_t value) {
  for (; value >= 0x80; value >>= 7) put_byte(message, (unsigned char)(value | 0x80));
  put_byte(message, (unsigned char)value);
}

static void put_number(struct message *message, unsigned field, uint64_t value) {
  put_varint(message, field << 3);
  put_varint(message, value);
}

static void put_bytes(struct message *message, unsigned field, const void *bytes, size_t length) {
  put_varint(message, field << 3 | 2);
  put_varint(message, length);
  for (size_t i = 0; i < length; i++) put_byte(message, ((const unsigned char *)bytes)[i]);
}

static void put_text(struct message *message, unsigned field, const char *text) {
  put_bytes(message, field, text, strlen(text));
}

/* Field numbers of rpc.proto. */
enum { REQ_TYPE = 1, REQ_OPTS = 2, TYPE_DUMP = 1, TYPE_RESTORE = 2 };
enum {
  OPT_IMAGES_DIR_FD = 1,
  OPT_PID = 2,
  OPT_TCP_ESTABLISHED = 5,
  OPT_FILE_LOCKS = 8,
  OPT_LOG_LEVEL = 9,
  OPT_LOG_FILE = 10,
  OPT_WORK_DIR_FD = 17,
  OPT_RST_SIBLING = 26,
  OPT_INHERIT_FD = 27,
  OPT_MANAGE_CGROUPS_MODE = 34,
  OPT_GHOST_LIMIT = 35,
  OPT_EXTERNAL = 37,
  OPT_LAZY_PAGES = 48,
  OPT_CONFIG_FILE = 51,
  OPT_NETWORK_LOCK = 64,
};
enum { INHERIT_KEY = 1, INHERIT_FD = 2 };
enum { RESP_SUCCESS = 2, RESP_ERRMSG = 9 };
enum { CGROUPS_IGNORE = 0, NETWORK_LOCK_SKIP = 3, LOG_ERRORS = 1 };

/* Largest deleted file that an image may hold. */
enum { GHOST_LIMIT = 64 << 20 };

/* What the RPC has no field for; the platform puts it there. */
static const char CONFIG_FILE[] = "/run/criu.conf";

/* Closes what lies between the two; 0 for `next` means no next. */
static void keep_only(int one, int next) {
  unsigned last = next == 0 ? ~0U : (unsigned)next - 1;
  if ((unsigned)one + 1 <= last && syscall(SYS_close_range, one + 1, last, 0) < 0) fail("close descriptors");
}

__attribute__((noreturn)) static void become_worker(const struct plan *plan, const char *preload, int socket) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  int nothing = open("/dev/null", O_RDWR);
  if (nothing < 0) fail("open /dev/null");
  if (dup2(socket, WORKER_SOCKET) < 0) fail("dup");
  for (int one = STDOUT_FILENO; one <= CHANNEL; one++) {
    /* A unit that dumps has given them all to its function. */
    if (dup2(one, WORKER_FIRST_INHERITED + one) < 0 && errno != EBADF) fail("dup");
  }
  for (int one = STDIN_FILENO; one <= STDERR_FILENO; one++) dup2(nothing, one);
  close(CHANNEL);
  fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
  keep_only(CONTROL, WORKER_FIRST_INHERITED + 1);
  keep_only(WORKER_FIRST_INHERITED + CHANNEL, WORKER_SOCKET);
  keep_only(WORKER_SOCKET, 0);
  char descriptor[16], library[512];
  snprintf(descriptor, sizeof descriptor, "%d", WORKER_SOCKET);
  snprintf(library, sizeof library, "LD_PRELOAD=%s", preload == NULL ? "" : preload);
  char **arguments = calloc(plan->criu.count + 3, sizeof *arguments);
  if (arguments == NULL) fail("memory");
  memcpy(arguments, plan->criu.items, plan->criu.count * sizeof *arguments);
  arguments[plan->criu.count] = "swrk";
  arguments[plan->criu.count + 1] = descriptor;
  char *environment[] = {preload == NULL ? NULL : library, NULL};
  execve(arguments[0], arguments, environment);
  fail("run %s", arguments[0]);
}

struct worker start_worker(const struct plan *plan, const char *preload) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) fail("socketpair");
  pid_t child = fork();
  if (child < 0) fail("fork a criu worker");
  if (child == 0) become_worker(plan, preload, sockets[1]);
  close(sockets[1]);
  return (struct worker){.pid = child, .socket = sockets[0]};
}

static void put_common_options(struct message *options, int image, int work) {
  put_number(options, OPT_IMAGES_DIR_FD, (uint64_t)image);
  put_number(options, OPT_WORK_DIR_FD, (uint64_t)work);
  put_number(options, OPT_LOG_LEVEL, LOG_ERRORS);
  put_text(options, OPT_LOG_FILE, WORKER_LOG);
  put_text(options, OPT_CONFIG_FILE, CONFIG_FILE);
  put_number(options, OPT_FILE_LOCKS, 1);
  put_number(options, OPT_MANAGE_CGROUPS_MODE, CGROUPS_IGNORE);
  put_number(options, OPT_NETWORK_LOCK, NETWORK_LOCK_SKIP);
  put_number(options, OPT_TCP_ESTABLISHED, 1);
}

static void send_request(const struct worker *worker, unsigned type, const struct message *options) {
  static struct message request;
  request.length = 0;
  put_number(&request, REQ_TYPE, type);
  put_bytes(&request, REQ_OPTS, options->bytes, options->length);
  if (send(worker->socket, request.bytes, request.length, MSG_NOSIGNAL) < 0) fail("ask criu");
}

void request_restore(const struct worker *worker, const struct task *task, int image, int work, int lazy) {
  static struct message options;
  options.length = 0;
  put_common_options(&options, image, work);
  put_number(&options, OPT_RST_SIBLING, 1);
  put_number(&options, OPT_LAZY_PAGES, (uint64_t)lazy);
  for (size_t i = 0; i < task->inherit.count; i += 2) {
    struct message inherited = {.length = 0};
    put_text(&inherited, INHERIT_KEY, task->inherit.items[i + 1]);
    put_number(&inherited, INHERIT_FD, (uint64_t)(WORKER_FIRST_INHERITED + atoi(task->inherit.items[i])));
    put_bytes(&options, OPT_INHERIT_FD, inherited.bytes, inherited.length);
  }
  send_request(worker, TYPE_RESTORE, &options);
}

void request_dump(const struct worker *worker, int image, const unsigned long sockets[3]) {
  static struct message options;
  options.length = 0;
  put_common_options(&options, image, image);
  put_number(&options, OPT_PID, FUNCTION_PID);
  put_number(&options, OPT_GHOST_LIMIT, GHOST_LIMIT);
  for (int i = 0; i < 3; i++) {
    char name[32];
    snprintf(name, sizeof name, "unix[%lu]", sockets[i]);
    if (sockets[i] != 0) put_text(&options, OPT_EXTERNAL, name);
  }
  send_request(worker, TYPE_DUMP, &options);
}

/* Without CAP_SYS_RESOURCE criu complains of it each time, and goes on. */
static const char HARMLESS[] = "RLIMIT_NOFILE";

/* The first line of the log in `work` that reports an error, without its place in criu's source. */
static void find_error(int work, char *text, size_t size) {
  int log = openat(work, WORKER_LOG, O_RDONLY | O_CLOEXEC);
  FILE *lines = log < 0 ? NULL : fdopen(log, "r");
  char line[1024];
  while (lines != NULL && fgets(line, sizeof line, lines) != NULL) {
    char *error = strstr(line, "Error ");
    if (error == NULL || strstr(line, HARMLESS) != NULL) continue;
    char *message = strstr(error, "): ");
    snprintf(text, size, "%s", message == NULL ? error : message + 3);
    text[strcspn(text, "\n")] = '\0';
    break;
  }
  if (lines != NULL) fclose(lines);
}

static int take_varint(const unsigned char **at, const unsigned char *end, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
    unsigned char byte = *(*at)++;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return 1;
  }
  return 0;
}

enum response take_response(const struct worker *worker, int work, char *reason, size_t size) {
  unsigned char bytes[4096];
  ssize_t length = recv(worker->socket, bytes, sizeof bytes, 0);
  snprintf(reason, size, length <= 0 ? "criu ended without an answer" : "criu does not say why");
  const unsigned char *at = bytes, *end = bytes + (length > 0 ? length : 0);
  uint64_t tag, value;
  int success = 0;
  while (at < end && take_varint(&at, end, &tag) && take_varint(&at, end, &value)) {
    if (tag == RESP_SUCCESS << 3) success = value != 0;
    if ((tag & 7) != 2) continue;
    if (value > (uint64_t)(end - at)) break;
    if (tag >> 3 == RESP_ERRMSG) snprintf(reason, size, "%.*s", (int)value, (const char *)at);
    at += value;
  }
  if (!success) find_error(work, reason, size);
  if (length <= 0) return NO_RESPONSE;
  return success ? SUCCESS : FAILURE;
}
