/*
 * pid 1 of a unit: joins the cgroups, enters network and root, starts the function as pid 100, reaps what is left
 * behind and ends with the function. When pid 1 ends, the kernel kills all other processes of its pid namespace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

static void join_cgroups(const struct plan *plan) {
  for (size_t i = 0; i < plan->cgroups.count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", plan->cgroups.items[i]);
    int procs = open(path, O_WRONLY | O_CLOEXEC);
    if (procs < 0 || write(procs, "0", 1) != 1) fail("join cgroup %s", plan->cgroups.items[i]);
    close(procs);
  }
  if (unshare(CLONE_NEWCGROUP) < 0) fail("make a cgroup namespace");
}

static pid_t fork_function(void) {
  pid_t wanted[] = {FUNCTION_PID};
  struct clone_args arguments = {
      .exit_signal = SIGCHLD,
      .set_tid = (uintptr_t)wanted,
      .set_tid_size = 1,
  };
  pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child < 0) fail("fork the function as pid %d", FUNCTION_PID);
  return child;
}

/* Starts the function. True when its command runs; else it has ended, or is about to, with an error. */
static int start_function(const struct plan *plan, const sigset_t *signals) {
  int progress[2];
  if (pipe2(progress, O_CLOEXEC) < 0) fail("pipe");
  if (fork_function() == 0) {
    if (sigprocmask(SIG_UNBLOCK, signals, NULL) < 0) fail("unblock signals");
    if (progress[1] != PROGRESS && dup3(progress[1], PROGRESS, O_CLOEXEC) < 0) fail("dup");
    become_function(plan);
  }
  close(progress[1]);
  for (int descriptor = STDIN_FILENO; descriptor <= CHANNEL; descriptor++) close(descriptor);
  /* One byte before execve and one after: only a successful execve closes the pipe after the first. */
  int steps = 0;
  for (;;) {
    char step;
    ssize_t got = read(progress[0], &step, 1);
    if (got == 0) break;
    if (got == 1) steps++;
    else if (errno != EINTR) fail("read the function's progress");
  }
  close(progress[0]);
  return steps == 1;
}

/* Collects dead processes. True when the function is among them; its status is in `status`. */
static int reap(int *status) {
  int ended = 0, one;
  pid_t child;
  while ((child = waitpid(-1, &one, WNOHANG)) > 0) {
    if (child != FUNCTION_PID) continue;
    *status = one;
    ended = 1;
  }
  return ended;
}

void run_first_process(const struct plan *plan, int lifeline) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  int deaths = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (deaths < 0) fail("signalfd");

  join_cgroups(plan);
  enter_network(plan);
  offer_listener(plan);
  if (sethostname(plan->hostname, strlen(plan->hostname)) < 0) fail("set host name");
  enter_root(plan);
  drop_capabilities_of_first_process();
  int status;
  if (!start_function(plan, &signals)) {
    waitpid(FUNCTION_PID, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != STATUS_REPORTED) report_end(status);
    _exit(STATUS_REPORTED);
  }
  report_launched();
  struct pollfd watched[] = {{.fd = deaths, .events = POLLIN},
                             {.fd = CONTROL, .events = POLLRDHUP},
                             {.fd = lifeline, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 3, -1) < 0) continue;
    if (watched[1].revents != 0 || watched[2].revents != 0) _exit(0);
    struct signalfd_siginfo information;
    (void)!read(deaths, &information, sizeof information);
    if (!reap(&status)) continue;
    report_end(status);
    _exit(0);
  }
}
