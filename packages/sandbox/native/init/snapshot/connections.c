/*
 * The platform's ends of the TCP connections that a restored function has to it.
 *
 * criu restores the function's end as it was, in the middle of a conversation. The other end was the template's and is gone,
 * so one that fits is made by tcp(7)'s repair mode: what one end has sent is what the other has received.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

/* Of tcp options in segments (RFC 9293, 7323, 2018). */
enum { OPTION_SEGMENT_SIZE = 2, OPTION_WINDOW_SCALE = 3, OPTION_SACK_PERMITTED = 4, OPTION_TIMESTAMP = 8 };

static void set(int end, int option, const void *value, size_t size, const char *what) {
  if (setsockopt(end, IPPROTO_TCP, option, value, (socklen_t)size) < 0) fail("restore a connection: %s", what);
}

static void set_number(int end, int option, int value, const char *what) {
  set(end, option, &value, sizeof value, what);
}

/* The queue's next byte is the one with the sequence number `next`. */
static void set_queue(int end, int queue, unsigned next) {
  set_number(end, TCP_REPAIR_QUEUE, queue, "its queue");
  set_number(end, TCP_QUEUE_SEQ, (int)next, "its sequence number");
}

static struct sockaddr_in address_of(const char *address, unsigned port) {
  struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  if (inet_pton(AF_INET, address, &result.sin_addr) != 1) {
    errno = EINVAL;
    fail("restore a connection from %s", address);
  }
  return result;
}

static void set_options(int end, const struct connection *other) {
  struct tcp_repair_opt options[4] = {{OPTION_SEGMENT_SIZE, other->segment_size}};
  size_t count = 1;
  if (other->options & TCPI_OPT_SACK) options[count++] = (struct tcp_repair_opt){OPTION_SACK_PERMITTED, 0};
  if (other->options & TCPI_OPT_WSCALE) {
    unsigned scales = other->receive_scale | other->send_scale << 16;
    options[count++] = (struct tcp_repair_opt){OPTION_WINDOW_SCALE, scales};
  }
  if (other->options & TCPI_OPT_TIMESTAMPS) options[count++] = (struct tcp_repair_opt){OPTION_TIMESTAMP, 0};
  set(end, TCP_REPAIR_OPTIONS, options, count * sizeof *options, "its options");
  if (other->options & TCPI_OPT_TIMESTAMPS) set_number(end, TCP_TIMESTAMP, (int)other->timestamp, "its clock");
}

/* The platform reads it as if it had just come. */
static void fill_receive_queue(int end, const char *bytes, size_t length) {
  if (length == 0) return;
  set_number(end, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE, "its queue");
  if (send(end, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) fail("restore a connection: what it had received");
}

static void set_windows(int end, const struct connection *other) {
  struct tcp_repair_window window = {
      .snd_wl1 = other->sent,
      .snd_wnd = other->receive_window,
      .max_window = other->receive_window,
      .rcv_wnd = other->send_window,
      .rcv_wup = other->sent,
  };
  set(end, TCP_REPAIR_WINDOW, &window, sizeof window, "its windows");
}

static int make_other_end(const struct connection *other, unsigned port) {
  size_t unanswered = strlen(other->unanswered);
  struct sockaddr_in here = address_of("127.0.0.1", port);
  struct sockaddr_in there = address_of(other->address, other->port);
  int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (end < 0) fail("restore a connection");
  set_number(end, TCP_REPAIR, TCP_REPAIR_ON, "repair mode");
  set_queue(end, TCP_RECV_QUEUE, other->sent - (unsigned)unanswered);
  set_queue(end, TCP_SEND_QUEUE, other->received);
  if (bind(end, (struct sockaddr *)&here, sizeof here) < 0 ||
      connect(end, (struct sockaddr *)&there, sizeof there) < 0) {
    fail("restore a connection from port %u to port %u", other->port, port);
  }
  set_options(end, other);
  fill_receive_queue(end, other->unanswered, unanswered);
  set_windows(end, other);
  /* Leaving repair mode the usual way sends a probe, and there is nobody yet to answer it. */
  set_number(end, TCP_REPAIR, TCP_REPAIR_OFF_NO_WP, "end of repair mode");
  return end;
}

void make_other_ends(const struct task *task, int ends[MOST_CONNECTIONS]) {
  for (size_t i = 0; i < task->connection_count; i++) {
    ends[i] = make_other_end(&task->connections[i], task->listen_port);
  }
}
