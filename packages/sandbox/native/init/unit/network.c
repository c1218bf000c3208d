#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

enum { BACKLOG = 128 };

static void bring_loopback_up(void) {
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  if (any < 0 || ioctl(any, SIOCSIFFLAGS, &loopback) < 0) fail("bring loopback up");
  close(any);
}

/* The packet filter guards IPv4; /proc/sys/net shows the network namespace of who reads it. */
static void switch_ipv6_off(void) {
  int setting = open("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_WRONLY | O_CLOEXEC);
  if (setting < 0 && errno == ENOENT) return;
  if (setting < 0 || write(setting, "1", 1) != 1) fail("switch IPv6 off");
  close(setting);
}

void enter_network(const struct plan *plan) {
  if (plan->network != NULL) {
    int network = open(plan->network, O_RDONLY | O_CLOEXEC);
    if (network < 0 || setns(network, CLONE_NEWNET) < 0) fail("enter network namespace %s", plan->network);
    close(network);
  }
  switch_ipv6_off();
  bring_loopback_up();
}

void offer_listener(const struct task *task) {
  if (task->listen_port == 0) return;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("make the listening socket");
  int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons((unsigned short)task->listen_port),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, BACKLOG) < 0) {
    fail("listen on port %u of the unit's loopback", task->listen_port);
  }
  report_listener(listener);
  close(listener);
}
