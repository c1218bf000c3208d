/*
 * frugal-init: makes one isolation unit and runs one command in it.
 *
 * The platform spawns it with descriptor 0 = the plan, 1 and 2 = the function's output, 3 = the function's channel,
 * 4 = the control channel. This outer process stays on the host and only supervises.
 *
 * Read on in order: plan (what is wanted), then pid 1 of the unit in first-process, which goes through network, root and
 * capabilities and forks the function, which goes through function and filter to its command. All fail through control.
 * stages.h lists these stages in one page.
 *
 * Invariants:
 *   N1  when the control channel closes, every process of the unit is killed, also when the platform died by SIGKILL
 *   N2  this process ends after every other process of the unit
 *   N3  no process uses a parent-death signal: a restored snapshot would inherit it
 *   N4  the function holds the descriptors 0 to 3, opened inside the unit or sockets, and no others
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
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

static int supervise(pid_t first_process, int pidfd) {
  struct pollfd watched[] = {{.fd = CONTROL, .events = POLLRDHUP}, {.fd = pidfd, .events = POLLIN}};
  while (poll(watched, 2, -1) < 0 && errno == EINTR) continue;
  /* The kernel lets pid 1 become waitable only when its whole pid namespace is dead. */
  if (watched[0].revents != 0) kill(first_process, SIGKILL);
  int status;
  while (waitpid(first_process, &status, 0) < 0) {
    if (errno != EINTR) fail("wait for pid 1 of the unit");
  }
  int reported = WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == STATUS_REPORTED);
  if (!reported && watched[0].revents == 0) report_end(status);
  return 0;
}

int main(void) {
  struct plan plan;
  int lifeline[2];
  if (fcntl(CONTROL, F_SETFD, FD_CLOEXEC) < 0) return STATUS_REPORTED;
  read_plan(STDIN_FILENO, &plan);
  if (pipe2(lifeline, O_CLOEXEC) < 0) fail("pipe");

  int pidfd;
  pid_t first_process = fork_first_process(&plan, &pidfd);
  if (first_process == 0) {
    close(lifeline[1]);
    run_first_process(&plan, lifeline[0]);
  }
  close(lifeline[0]);
  /* The function's output and channel must end with the function, not with us. */
  for (int descriptor = STDIN_FILENO; descriptor <= CHANNEL; descriptor++) close(descriptor);
  return supervise(first_process, pidfd);
}
