/*
 * frugal-init: makes one isolation unit, and runs one command in it or restores one snapshot.
 *
 * The platform spawns it with descriptor 0 = plan and tasks, 1 and 2 = the function's output, 3 = the function's channel,
 * 4 = the control channel. This outer process stays on the host: it supervises, and opens what tasks name there (orders).
 *
 * Read on in order: plan (what is wanted), then pid 1 of the unit in first-process, which goes through network, root and
 * capabilities and waits for its task. To run a command it forks the function in launch, which goes through function and
 * filter to its command. To restore or dump it has criu's worker do the work (snapshot, criu), passes the pages' descriptors
 * on to the pager (pages) and makes the platform's ends of restored connections (connections). All fail through control. stages.h lists the stages in one page.
 *
 * Invariants:
 *   N1  when the control channel closes, every process of the unit is killed, also when the platform died by SIGKILL
 *   N2  this process ends after every other process of the unit
 *   N3  no process uses a parent-death signal: a restored snapshot would inherit it
 *   N4  the function holds the descriptors 0 to 3, opened inside the unit or sockets, and no others
 *   N5  no process of a unit reads zeros in place of what its image holds, whichever one of the pager, this process and
 *       pid 1 is killed
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

/* Not clone(2) of libc: a fork into new namespaces, and with cgroup v2 into its cgroup without the cost of a move. */
static pid_t fork_first_process(const struct plan *plan, int *pidfd) {
  uint64_t flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_PIDFD;
  if (plan->network == NULL) flags |= CLONE_NEWNET;
  struct clone_args arguments = {.exit_signal = SIGCHLD, .pidfd = (uintptr_t)pidfd};
  if (plan->cgroup2 != NULL) {
    int cgroup = open(plan->cgroup2, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (cgroup < 0) fail("open cgroup %s", plan->cgroup2);
    arguments.cgroup = (uint64_t)cgroup;
    flags |= CLONE_INTO_CGROUP;
  }
  arguments.flags = flags;
  pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child < 0) fail("make namespaces");
  return child;
}

static pid_t unit;

/* N2 */
static void end_unit(void) {
  int status;
  kill(unit, SIGKILL);
  while (waitpid(unit, &status, 0) < 0 && errno == EINTR) continue;
}

/* Passes the next task on; false where there will be none. */
static int relay_task(int relay) {
  struct task task;
  char *text;
  size_t length;
  if (!read_task(STDIN_FILENO, &task, &text, &length)) return 0;
  pass_on(relay, &task, text, length);
  free(text);
  return 1;
}

/* The unit's userfaultfds: they close with this process (N5). False where no more will come. */
static int keep_deposit(int relay) {
  char byte;
  struct descriptors received;
  return receive_descriptors(relay, &byte, 1, &received) > 0;
}

static int supervise(int pidfd, int relay) {
  struct pollfd watched[] = {{.fd = CONTROL, .events = POLLRDHUP},
                             {.fd = pidfd, .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = relay, .events = POLLIN}};
  while (watched[0].revents == 0 && watched[1].revents == 0) {
    if (poll(watched, 4, -1) < 0) continue;
    if (watched[2].revents != 0 && !relay_task(relay)) watched[2].fd = -1;
    if (watched[3].revents != 0 && !keep_deposit(relay)) watched[3].fd = -1;
  }
  /* The kernel lets pid 1 become waitable only when its whole pid namespace is dead. */
  if (watched[0].revents != 0) kill(unit, SIGKILL);
  int status;
  while (waitpid(unit, &status, 0) < 0) {
    if (errno != EINTR) fail("wait for pid 1 of the unit");
  }
  if (WIFSIGNALED(status) && watched[0].revents == 0) report_failure("lost", "pid 1 of its unit was killed");
  return 0;
}

int main(void) {
  struct plan plan;
  int relay[2];
  if (fcntl(CONTROL, F_SETFD, FD_CLOEXEC) < 0) return STATUS_REPORTED;
  read_plan(STDIN_FILENO, &plan);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, relay) < 0) fail("socketpair");

  int pidfd;
  unit = fork_first_process(&plan, &pidfd);
  if (unit == 0) {
    close(relay[0]);
    run_first_process(&plan, relay[1]);
  }
  before_failing = end_unit;
  close(relay[1]);
  /* The function's output and channel must end with the function, not with us. */
  for (int descriptor = STDOUT_FILENO; descriptor <= CHANNEL; descriptor++) close(descriptor);
  return supervise(pidfd, relay[0]);
}
